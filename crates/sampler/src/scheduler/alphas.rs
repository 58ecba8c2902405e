//! What the algorithms share that count in timesteps: the cumulative product of alpha before and after each
//! step, the share of the signal's variance in a sample.

use super::{Prediction, SchedulerConfig};
use tch::Tensor;

pub(super) struct Alphas {
    pub timesteps: Vec<f32>,
    /// Before and after each step.
    pub alphas: Vec<(f32, f32)>,
    pub prediction: Prediction,
    clip: Option<f64>,
}

impl Alphas {
    /// `clips`: whether clean samples are clipped where the configuration does not say, and is of a scheduler that clips.
    pub fn new(config: &SchedulerConfig, timesteps: Vec<i64>, alphas: Vec<(f32, f32)>, clips: bool) -> Self {
        let clip = config
            .clip_sample
            .unwrap_or(clips && config.is_of_one_that_clips())
            .then_some(config.clip_sample_range);
        let timesteps = timesteps.into_iter().map(|timestep| timestep as f32).collect();
        Self { timesteps, alphas, prediction: config.prediction_type, clip }
    }

    /// Roots of the shares of signal and noise before step `index`.
    pub fn roots(&self, index: usize) -> (f64, f64) {
        let alpha = self.alphas[index].0;
        (root(alpha), root(1.0 - alpha))
    }

    pub fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        let (signal, spread) = self.roots(index);
        clean * signal + noise * spread
    }

    /// The clean sample that a prediction before step `index` means.
    pub fn clean(&self, predicted: &Tensor, sample: &Tensor, index: usize) -> Tensor {
        let (signal, noise) = self.roots(index);
        let clean = self.prediction.clean(predicted, sample, signal, noise);
        match self.clip {
            Some(range) => clean.clamp(-range, range),
            None => clean,
        }
    }
}

/// The root is taken in f32, as the reference does.
pub(super) fn root(value: f32) -> f64 {
    f64::from(value.sqrt())
}
