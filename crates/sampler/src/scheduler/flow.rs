//! What the algorithms share that follow the probability flow in samples of growing variance: a clean sample
//! plus sigma times noise (Karras et al. 2022).

use super::sigmas::Trained;
use super::{Prediction, SchedulerConfig, Spacing, spaced};
use tch::Tensor;

pub(super) struct Flow {
    pub timesteps: Vec<f32>,
    /// One more than steps.
    pub sigmas: Vec<f32>,
    start: f32,
    prediction: Prediction,
}

impl Flow {
    pub fn new(config: &SchedulerConfig, steps: usize) -> Self {
        let spacing = config.timestep_spacing.unwrap_or(Spacing::Linspace);
        let trained = Trained::of(config);
        let timesteps: Vec<f64> =
            spaced(config, spacing, steps).into_iter().map(|t| f64::from(t as f32)).collect();
        let range = (trained.at(timesteps[steps - 1]), trained.at(timesteps[0]));
        let levels = trained.levels(config, timesteps, range);
        let most = levels.sigmas.iter().copied().fold(0.0, f32::max);
        let start = match spacing {
            Spacing::Leading => (most * most + 1.0).sqrt(),
            Spacing::Trailing | Spacing::Linspace => most,
        };
        let timesteps = levels.timesteps.into_iter().map(|timestep| timestep as f32).collect();
        Self { timesteps, sigmas: levels.sigmas, start, prediction: config.prediction_type }
    }

    pub fn pure(&self, noise: &Tensor) -> Tensor {
        noise * f64::from(self.start)
    }

    /// The clean sample that a prediction at level `sigma` means.
    pub fn clean(&self, predicted: &Tensor, sample: &Tensor, sigma: f32) -> Tensor {
        match self.prediction {
            Prediction::Sample => predicted.shallow_clone(),
            Prediction::Epsilon => sample - predicted * f64::from(sigma),
            Prediction::VPrediction => {
                let variance = sigma * sigma + 1.0;
                predicted * f64::from(-sigma / variance.sqrt()) + sample / f64::from(variance)
            }
        }
    }
}

/// A clean sample with noise of this level.
pub(super) fn noisy(clean: &Tensor, noise: &Tensor, sigma: f32) -> Tensor {
    clean + noise * f64::from(sigma)
}

/// A sample of unit variance, as networks expect it.
pub(super) fn scaled(sample: &Tensor, sigma: f32) -> Tensor {
    sample / f64::from((sigma * sigma + 1.0).sqrt())
}
