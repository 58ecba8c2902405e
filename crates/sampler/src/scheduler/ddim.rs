//! Denoising diffusion implicit models (Song et al. 2020, formula 12 with sigma 0): the first noise decides all.

use super::alphas::{Alphas, root};
use super::{Advance, Fresh, Prediction, Schedule, SchedulerConfig};
use tch::Tensor;

pub(super) struct Ddim(Alphas);

impl Ddim {
    pub(super) fn new(config: &SchedulerConfig, steps: usize) -> Self {
        let cumulative = config.alphas_cumprod();
        let stride = config.num_train_timesteps / steps as i64;
        let end = if config.set_alpha_to_one { 1.0 } else { cumulative[0] };
        let timesteps = config.integer_timesteps(steps);
        let pair = |&t: &i64| {
            let then = t - stride;
            (cumulative[t as usize], if then >= 0 { cumulative[then as usize] } else { end })
        };
        let alphas = timesteps.iter().map(pair).collect();
        Self(Alphas::new(config, timesteps, alphas, true))
    }
}

impl Schedule for Ddim {
    fn timesteps(&self) -> &[f32] {
        &self.0.timesteps
    }

    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        self.0.noisy(clean, noise, index)
    }

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, _: Fresh) -> Advance {
        let (signal, noise) = self.0.roots(index);
        // What was predicted, not what clipping left of it.
        let direction = match self.0.prediction {
            Prediction::Epsilon => predicted.shallow_clone(),
            Prediction::Sample => (sample - predicted * signal) / noise,
            Prediction::VPrediction => predicted * signal + sample * noise,
        };
        let clean = self.0.clean(predicted, sample, index);
        let then = self.0.alphas[index].1;
        Advance { next: &clean * root(then) + direction * root(1.0 - then), clean }
    }
}
