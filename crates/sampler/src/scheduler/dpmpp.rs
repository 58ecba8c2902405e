//! DPM-Solver++ of second order in many steps (Lu et al., "DPM-Solver++: Fast Solver for Guided Sampling of
//! Diffusion Probabilistic Models", 2022, algorithm 2 and, with fresh noise, its SDE form).

use super::sigmas::{log_snr, signal_and_noise};
use super::steps::Steps;
use super::{Advance, FinalSigma, Fresh, Schedule, SchedulerConfig};
use tch::Tensor;

/// Below so many steps the last one is of first order.
const FEW: usize = 15;

pub(super) struct DpmPp {
    steps: Steps,
    sde: bool,
    /// Whether the last step is of first order.
    ends_low: bool,
    /// The clean sample that was predicted one step before.
    before: Option<Tensor>,
}

impl DpmPp {
    pub(super) fn new(config: &SchedulerConfig, steps: usize, sde: bool) -> Self {
        let ends_low = config.euler_at_final
            || (config.lower_order_final && steps < FEW)
            || config.final_sigmas_type == FinalSigma::Zero;
        Self { steps: Steps::new(config, steps), sde, ends_low, before: None }
    }
}

impl Schedule for DpmPp {
    fn timesteps(&self) -> &[f32] {
        &self.steps.timesteps
    }

    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        self.steps.noisy(clean, noise, index)
    }

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, fresh: Fresh) -> Advance {
        let clean = self.steps.clean(predicted, sample, index);
        let (now, then) = (self.steps.sigmas[index], self.steps.sigmas[index + 1]);
        let ((_, noise), (signal_then, noise_then)) = (signal_and_noise(now), signal_and_noise(then));
        let h = log_snr(then) - log_snr(now);
        let last = index + 1 == self.steps.timesteps.len();
        let slope = match self.before.take() {
            Some(before) if !(last && self.ends_low) => {
                let r = (log_snr(now) - log_snr(self.steps.sigmas[index - 1])) / h;
                Some((&clean - before) * f64::from(1.0 / r))
            }
            _ => None,
        };
        // The integral of the clean sample over the step, and what is left of the sample.
        let (kept, whole) = match self.sde {
            false => (noise_then / noise, signal_then * (1.0 - (-h).exp())),
            true => (noise_then / noise * (-h).exp(), signal_then * (1.0 - (-2.0 * h).exp())),
        };
        let mut next = sample * f64::from(kept) + &clean * f64::from(whole);
        if let Some(slope) = slope {
            next += slope * f64::from(0.5 * whole);
        }
        if self.sde {
            next += fresh() * f64::from(noise_then * (1.0 - (-2.0 * h).exp()).sqrt());
        }
        self.before = Some(clean.shallow_clone());
        Advance { next, clean }
    }
}
