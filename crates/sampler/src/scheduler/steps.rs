//! What the solvers of many steps share: samples of unit variance, at noise levels given as sigma.

use super::sigmas::{Trained, signal_and_noise};
use super::{Prediction, SchedulerConfig, Spacing};
use tch::Tensor;

pub(super) struct Steps {
    pub timesteps: Vec<f32>,
    /// One more than steps.
    pub sigmas: Vec<f32>,
    prediction: Prediction,
}

impl Steps {
    pub fn new(config: &SchedulerConfig, steps: usize) -> Self {
        let trained = Trained::of(config);
        let levels = trained.levels(config, spaced(config, steps), trained.range());
        let whole = if config.rounds_timesteps() { f64::round_ties_even } else { f64::trunc };
        let timesteps = levels.timesteps.into_iter().map(|timestep| whole(timestep) as f32).collect();
        Self { timesteps, sigmas: levels.sigmas, prediction: config.prediction_type }
    }

    pub fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        let (signal, spread) = signal_and_noise(self.sigmas[index]);
        clean * f64::from(signal) + noise * f64::from(spread)
    }

    /// The clean sample that a prediction before step `index` means.
    pub fn clean(&self, predicted: &Tensor, sample: &Tensor, index: usize) -> Tensor {
        let (signal, noise) = signal_and_noise(self.sigmas[index]);
        self.prediction.clean(predicted, sample, signal.into(), noise.into())
    }
}

/// Timesteps, noisiest first: one more than steps is spaced, since the last leads to the clean sample.
fn spaced(config: &SchedulerConfig, steps: usize) -> Vec<f64> {
    let spacing = config.timestep_spacing.unwrap_or(Spacing::Linspace);
    match spacing {
        Spacing::Linspace => {
            let all = super::spaced(config, spacing, steps + 1);
            all[..steps].iter().map(|timestep| timestep.round_ties_even()).collect()
        }
        Spacing::Leading => {
            let stride = config.num_train_timesteps / (steps as i64 + 1);
            (1..=steps as i64).rev().map(|n| (n * stride + config.steps_offset) as f64).collect()
        }
        Spacing::Trailing => super::spaced(config, spacing, steps),
    }
}
