//! Denoising diffusion implicit models (Song et al. 2020, formula 12 with eta 0).

use super::{Advance, Prediction, Schedule, SchedulerConfig, Spacing, spaced};
use tch::Tensor;

pub(super) struct Ddim {
    timesteps: Vec<f32>,
    /// Cumulative alphas before and after each step.
    alphas: Vec<(f32, f32)>,
    prediction: Prediction,
    clip: Option<f64>,
}

impl Ddim {
    pub(super) fn new(config: &SchedulerConfig, steps: usize) -> Self {
        let cumulative = config.alphas_cumprod();
        let last = config.num_train_timesteps - 1;
        let stride = config.num_train_timesteps / steps as i64;
        let spacing = config.timestep_spacing.unwrap_or(Spacing::Leading);
        let end = if config.set_alpha_to_one { 1.0 } else { cumulative[0] };
        let timesteps: Vec<i64> = spaced(config, spacing, steps)
            .into_iter()
            // An offset may push the first step past the last trained one.
            .map(|t| (t.round_ties_even() as i64).clamp(0, last))
            .collect();
        let pair = |&t: &i64| {
            let before = t - stride;
            (cumulative[t as usize], if before >= 0 { cumulative[before as usize] } else { end })
        };
        Self {
            alphas: timesteps.iter().map(pair).collect(),
            timesteps: timesteps.iter().map(|&t| t as f32).collect(),
            prediction: config.prediction_type,
            clip: config.clip_sample.then_some(config.clip_sample_range),
        }
    }
}

fn root(value: f32) -> f64 {
    f64::from(value.sqrt())
}

impl Schedule for Ddim {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn pure(&self, noise: &Tensor) -> Tensor {
        noise.shallow_clone()
    }

    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        let alpha = self.alphas[index].0;
        clean * root(alpha) + noise * root(1.0 - alpha)
    }

    fn model_input(&self, sample: &Tensor, _: usize) -> Tensor {
        sample.shallow_clone()
    }

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize) -> Advance {
        let (alpha, next_alpha) = self.alphas[index];
        let (signal, noise) = (root(alpha), root(1.0 - alpha));
        let (clean, direction) = match self.prediction {
            Prediction::Epsilon => ((sample - predicted * noise) / signal, predicted.shallow_clone()),
            Prediction::Sample => (predicted.shallow_clone(), (sample - predicted * signal) / noise),
            Prediction::VPrediction => {
                (sample * signal - predicted * noise, predicted * signal + sample * noise)
            }
        };
        let clean = match self.clip {
            Some(range) => clean.clamp(-range, range),
            None => clean,
        };
        let next = &clean * root(next_alpha) + direction * root(1.0 - next_alpha);
        Advance { next, clean }
    }
}
