//! Denoising diffusion probabilistic models (Ho et al. 2020): fresh noise at each step, with the smaller of
//! their variances (formulas 6 and 7).

use super::alphas::Alphas;
use super::{Advance, Fresh, Schedule, SchedulerConfig};
use tch::Tensor;

pub(super) struct Ddpm(Alphas);

impl Ddpm {
    pub(super) fn new(config: &SchedulerConfig, steps: usize) -> Self {
        let timesteps = config.integer_timesteps(steps);
        let cumulative = config.alphas_cumprod();
        let then = |n: usize| timesteps.get(n + 1).map_or(1.0, |&next| cumulative[next as usize]);
        let alphas = timesteps.iter().enumerate().map(|(n, &t)| (cumulative[t as usize], then(n))).collect();
        Self(Alphas::new(config, timesteps, alphas, true))
    }
}

impl Schedule for Ddpm {
    fn timesteps(&self) -> &[f32] {
        &self.0.timesteps
    }

    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        self.0.noisy(clean, noise, index)
    }

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, fresh: Fresh) -> Advance {
        let (now, then) = self.0.alphas[index];
        let alpha = now / then;
        let (beta, noise, noise_then) = (1.0 - alpha, 1.0 - now, 1.0 - then);
        let clean = self.0.clean(predicted, sample, index);
        let mean = &clean * f64::from(then.sqrt() * beta / noise)
            + sample * f64::from(alpha.sqrt() * noise_then / noise);
        let next = match self.0.timesteps[index] > 0.0 {
            true => mean + fresh() * f64::from((noise_then / noise * beta).max(1e-20).sqrt()),
            false => mean,
        };
        Advance { next, clean }
    }
}
