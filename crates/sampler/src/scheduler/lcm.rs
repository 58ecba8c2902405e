//! Latent consistency models (Luo et al., "Latent Consistency Models: Synthesizing High-Resolution Images with
//! Few-Step Inference", 2023): each step predicts the clean sample, and all but the last add fresh noise again.

use super::alphas::{Alphas, root};
use super::{Advance, Fresh, Schedule, SchedulerConfig};
use tch::Tensor;

/// Standard deviation of the data in the boundary condition.
const SIGMA_DATA: f64 = 0.5;

pub(super) struct Lcm {
    alphas: Alphas,
    timestep_scaling: f64,
}

impl Lcm {
    /// `steps` must be at most `config.original_inference_steps`.
    pub(super) fn new(config: &SchedulerConfig, steps: usize) -> Self {
        // The timesteps of distillation, and as many of them as asked for.
        let original = config.original_inference_steps;
        let stride = config.num_train_timesteps / original;
        let chosen = |n: usize| (n as f64 * (original as f64 / steps as f64)).floor() as i64;
        let timesteps: Vec<i64> = (0..steps).map(|n| (original - chosen(n)) * stride - 1).collect();
        let cumulative = config.alphas_cumprod();
        let alpha = |n: usize| cumulative[timesteps[n] as usize];
        let alphas = (0..steps).map(|n| (alpha(n), alpha((n + 1).min(steps - 1)))).collect();
        Self {
            alphas: Alphas::new(config, timesteps, alphas, false),
            timestep_scaling: config.timestep_scaling,
        }
    }
}

impl Schedule for Lcm {
    fn timesteps(&self) -> &[f32] {
        &self.alphas.timesteps
    }

    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        self.alphas.noisy(clean, noise, index)
    }

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, fresh: Fresh) -> Advance {
        let time = f64::from(self.alphas.timesteps[index]) * self.timestep_scaling;
        let spread = time * time + SIGMA_DATA * SIGMA_DATA;
        let clean = self.alphas.clean(predicted, sample, index);
        // The boundary condition: a sample without noise is its own prediction.
        let clean = clean * (time / spread.sqrt()) + sample * (SIGMA_DATA * SIGMA_DATA / spread);
        let next = match index + 1 < self.alphas.timesteps.len() {
            true => {
                let then = self.alphas.alphas[index].1;
                &clean * root(then) + fresh() * root(1.0 - then)
            }
            false => clean.shallow_clone(),
        };
        Advance { next, clean }
    }
}
