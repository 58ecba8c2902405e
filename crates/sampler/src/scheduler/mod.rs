//! How noise is taken away, step by step: one file per algorithm.

mod config;
mod ddim;
mod euler;

pub use config::{BetaSchedule, Prediction, SchedulerConfig, Spacing};

use ddim::Ddim;
use euler::Euler;
use serde::{Deserialize, Serialize};
use tch::Tensor;

/// The algorithms, by the name that a request gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchedulerKind {
    #[default]
    Ddim,
    /// DDIM with fresh noise at each step.
    Ddpm,
    Euler,
}

/// Unit noise of the sample's shape, another one at each call.
pub type Fresh<'a> = &'a mut dyn FnMut() -> Tensor;

/// What one step gives.
pub struct Advance {
    /// The sample at the next, smaller noise level.
    pub next: Tensor,
    /// The clean latent as it is predicted now.
    pub clean: Tensor,
}

/// A plan of `timesteps().len()` steps; `index` counts them from the noisiest.
pub trait Schedule: Send {
    /// What the network is told, noisiest first.
    fn timesteps(&self) -> &[f32];

    /// Unit noise to the sample that step 0 starts from.
    fn pure(&self, noise: &Tensor) -> Tensor;

    /// A clean latent with noise mixed in, as step `index` expects it.
    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor;

    /// The sample scaled as the network expects it.
    fn model_input(&self, sample: &Tensor, index: usize) -> Tensor;

    /// Takes one step with what the network predicted.
    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, fresh: Fresh) -> Advance;
}

/// Plans `steps` steps, which must be 1 to `config.num_train_timesteps`.
pub fn plan(kind: SchedulerKind, config: &SchedulerConfig, steps: usize) -> Box<dyn Schedule> {
    match kind {
        SchedulerKind::Ddim => Box::new(Ddim::new(config, steps, 0.0)),
        SchedulerKind::Ddpm => Box::new(Ddim::new(config, steps, 1.0)),
        SchedulerKind::Euler => Box::new(Euler::new(config, steps)),
    }
}

/// Timesteps before rounding, noisiest first; the reference rounds them in DDIM and partly in Euler.
fn spaced(config: &SchedulerConfig, spacing: Spacing, steps: usize) -> Vec<f64> {
    let train = config.num_train_timesteps as f64;
    let line = |i: usize| {
        if steps == 1 { 0.0 } else { i as f64 * ((train - 1.0) / (steps - 1) as f64) }
    };
    match spacing {
        Spacing::Linspace => (0..steps).rev().map(line).collect(),
        Spacing::Leading => {
            let ratio = config.num_train_timesteps / steps as i64;
            (0..steps as i64).rev().map(|i| (i * ratio + config.steps_offset) as f64).collect()
        }
        Spacing::Trailing => {
            // The second value is rounded before it is subtracted: numpy's arange does so.
            let delta = (train - train / steps as f64) - train;
            (0..steps).map(|i| (train + i as f64 * delta).round_ties_even() - 1.0).collect()
        }
    }
}
