//! Noise levels: sigma is the ratio of noise to signal in a sample (Karras et al., "Elucidating the Design
//! Space of Diffusion-Based Generative Models", 2022), and where the steps of a plan lie among them.

use super::{FinalSigma, SchedulerConfig};
use serde::{Deserialize, Serialize};

/// How the noise levels of a plan are spaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigmaSpacing {
    /// The levels that the timesteps were trained with.
    #[default]
    Timesteps,
    /// Karras et al. 2022, formula 5 with rho 7.
    Karras,
    /// Even in the logarithm.
    Exponential,
}

/// The noise levels of a plan, noisiest first.
pub(super) struct Levels {
    /// What the network is told.
    pub timesteps: Vec<f64>,
    /// One more than timesteps: where the last step leads.
    pub sigmas: Vec<f32>,
}

/// The noise levels of training, one for each timestep.
pub(super) struct Trained {
    sigmas: Vec<f32>,
    logs: Vec<f32>,
}

impl Trained {
    pub fn of(config: &SchedulerConfig) -> Self {
        let mut alphas = config.alphas_cumprod();
        if let (true, Some(last)) = (config.rescale_betas_zero_snr, alphas.last_mut()) {
            // Not quite zero, so that the first sigma stays finite (the reference's choice).
            *last = 2f32.powi(-24);
        }
        let sigmas: Vec<f32> = alphas.into_iter().map(|alpha| ((1.0 - alpha) / alpha).sqrt()).collect();
        Self { logs: sigmas.iter().map(|sigma| sigma.ln()).collect(), sigmas }
    }

    /// The least and the greatest.
    pub fn range(&self) -> (f64, f64) {
        (self.sigmas[0].into(), self.sigmas[self.sigmas.len() - 1].into())
    }

    /// The level at a fractional timestep, clamped to the ends.
    pub fn at(&self, timestep: f64) -> f64 {
        let last = self.sigmas.len() - 1;
        let at = timestep.clamp(0.0, last as f64);
        let below = (at as usize).min(last.saturating_sub(1));
        let (from, to) = (f64::from(self.sigmas[below]), f64::from(self.sigmas[(below + 1).min(last)]));
        (to - from) * (at - below as f64) + from
    }

    /// The fractional timestep of a level, between its neighbours in the logarithm.
    fn timestep_of(&self, sigma: f64) -> f64 {
        let log = sigma.max(1e-10).ln();
        let above = self.logs.partition_point(|&other| f64::from(other) <= log);
        let low = above.saturating_sub(1).min(self.logs.len().saturating_sub(2));
        let high = (low + 1).min(self.logs.len() - 1);
        let (from, to) = (f64::from(self.logs[low]), f64::from(self.logs[high]));
        let share = if from == to { 0.0 } else { ((from - log) / (from - to)).clamp(0.0, 1.0) };
        (1.0 - share) * low as f64 + share * high as f64
    }

    /// The levels at `timesteps`, or as many between the first and the last of `range` (least, greatest)
    /// where they are to be spaced otherwise.
    pub fn levels(&self, config: &SchedulerConfig, timesteps: Vec<f64>, range: (f64, f64)) -> Levels {
        let count = timesteps.len();
        let (timesteps, sigmas) = match config.sigma_spacing() {
            SigmaSpacing::Timesteps => {
                let sigmas: Vec<f64> = timesteps.iter().map(|&timestep| self.at(timestep)).collect();
                (timesteps, sigmas)
            }
            spacing => {
                let sigmas = spaced(spacing, range, count);
                (sigmas.iter().map(|&sigma| self.timestep_of(sigma)).collect(), sigmas)
            }
        };
        let mut sigmas: Vec<f32> = sigmas.into_iter().map(|sigma| sigma as f32).collect();
        sigmas.push(match config.final_sigmas_type {
            FinalSigma::Zero => 0.0,
            FinalSigma::SigmaMin => self.sigmas[0],
        });
        Levels { timesteps, sigmas }
    }
}

/// `count` levels from the greatest to the least of `range`.
fn spaced(spacing: SigmaSpacing, (least, greatest): (f64, f64), count: usize) -> Vec<f64> {
    const RHO: f64 = 7.0;
    let share = |n: usize| if count == 1 { 0.0 } else { n as f64 / (count - 1) as f64 };
    let even = |from: f64, to: f64, level: fn(f64) -> f64| {
        (0..count).map(|n| level(from + share(n) * (to - from))).collect()
    };
    match spacing {
        SigmaSpacing::Karras => even(greatest.powf(1.0 / RHO), least.powf(1.0 / RHO), |root| root.powf(RHO)),
        SigmaSpacing::Exponential | SigmaSpacing::Timesteps => even(greatest.ln(), least.ln(), f64::exp),
    }
}

/// The share of signal and of noise in a sample of unit variance at this level.
pub(super) fn signal_and_noise(sigma: f32) -> (f32, f32) {
    let signal = 1.0 / (sigma * sigma + 1.0).sqrt();
    (signal, sigma * signal)
}

/// Half the logarithm of the signal-to-noise ratio (Lu et al., "DPM-Solver", 2022: lambda).
pub(super) fn log_snr(sigma: f32) -> f32 {
    let (signal, noise) = signal_and_noise(sigma);
    signal.ln() - noise.ln()
}
