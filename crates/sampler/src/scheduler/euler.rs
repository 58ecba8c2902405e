//! Euler steps along the probability flow (Karras et al. 2022, algorithm 2 without churn).

use super::{Advance, Fresh, Prediction, Schedule, SchedulerConfig, Spacing, spaced};
use tch::Tensor;

pub(super) struct Euler {
    timesteps: Vec<f32>,
    /// Noise levels, one more than steps; the last is 0.
    sigmas: Vec<f32>,
    start: f32,
    prediction: Prediction,
}

impl Euler {
    pub(super) fn new(config: &SchedulerConfig, steps: usize) -> Self {
        let spacing = config.timestep_spacing.unwrap_or(Spacing::Linspace);
        let trained = trained_sigmas(config);
        let timesteps: Vec<f32> =
            spaced(config, spacing, steps).into_iter().map(|timestep| timestep as f32).collect();
        let mut sigmas: Vec<f32> = timesteps.iter().map(|&t| between(&trained, f64::from(t))).collect();
        sigmas.push(0.0);
        let most = sigmas.iter().copied().fold(0.0, f32::max);
        let start = match spacing {
            Spacing::Leading => (most * most + 1.0).sqrt(),
            Spacing::Trailing | Spacing::Linspace => most,
        };
        Self { timesteps, sigmas, start, prediction: config.prediction_type }
    }
}

fn trained_sigmas(config: &SchedulerConfig) -> Vec<f32> {
    let mut alphas = config.alphas_cumprod();
    if let (true, Some(last)) = (config.rescale_betas_zero_snr, alphas.last_mut()) {
        // Not quite zero, so that the first sigma stays finite (the reference's choice).
        *last = 2f32.powi(-24);
    }
    alphas.into_iter().map(|alpha| ((1.0 - alpha) / alpha).sqrt()).collect()
}

/// Linear interpolation at a fractional index, clamped to the ends.
fn between(values: &[f32], at: f64) -> f32 {
    let last = values.len() - 1;
    let at = at.clamp(0.0, last as f64);
    let below = (at as usize).min(last.saturating_sub(1));
    let (from, to) = (f64::from(values[below]), f64::from(values[(below + 1).min(last)]));
    ((to - from) * (at - below as f64) + from) as f32
}

impl Schedule for Euler {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn pure(&self, noise: &Tensor) -> Tensor {
        noise * f64::from(self.start)
    }

    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        clean + noise * f64::from(self.sigmas[index])
    }

    fn model_input(&self, sample: &Tensor, index: usize) -> Tensor {
        let sigma = self.sigmas[index];
        sample / f64::from((sigma * sigma + 1.0).sqrt())
    }

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, _: Fresh) -> Advance {
        let (sigma, next) = (self.sigmas[index], self.sigmas[index + 1]);
        let clean = match self.prediction {
            Prediction::Sample => predicted.shallow_clone(),
            Prediction::Epsilon => sample - predicted * f64::from(sigma),
            Prediction::VPrediction => {
                let variance = sigma * sigma + 1.0;
                predicted * f64::from(-sigma / variance.sqrt()) + sample / f64::from(variance)
            }
        };
        let slope = (sample - &clean) / f64::from(sigma);
        Advance { next: sample + slope * f64::from(next - sigma), clean }
    }
}
