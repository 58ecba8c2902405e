//! Denoising diffusion implicit models (Song et al. 2020, formula 12). With eta 0 the first noise decides all; with eta 1
//! (formula 16) as much fresh noise comes in at each step as in denoising diffusion probabilistic models (Ho et
//! al. 2020, with the smaller of their variances).

use super::{Advance, Fresh, Prediction, Schedule, SchedulerConfig, Spacing, spaced};
use tch::Tensor;

pub(super) struct Ddim {
    timesteps: Vec<f32>,
    /// Cumulative alphas before and after each step.
    alphas: Vec<(f32, f32)>,
    prediction: Prediction,
    clip: Option<f64>,
    /// Share of fresh noise, 0 to 1.
    eta: f64,
}

impl Ddim {
    pub(super) fn new(config: &SchedulerConfig, steps: usize, eta: f64) -> Self {
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
            eta,
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

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, fresh: Fresh) -> Advance {
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
        if self.eta == 0.0 {
            let next = &clean * root(next_alpha) + direction * root(1.0 - next_alpha);
            return Advance { next, clean };
        }
        let (now, then) = (f64::from(alpha), f64::from(next_alpha));
        let variance = self.eta.powi(2) * (1.0 - then) / (1.0 - now) * (1.0 - now / then);
        let direction = direction * (1.0 - then - variance).max(0.0).sqrt();
        let next = &clean * root(next_alpha) + direction + fresh() * variance.max(0.0).sqrt();
        Advance { next, clean }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    /// Ho et al. 2020, formulas 6 and 7: the mean and the variance of where a step leads, for steps that
    /// leave out timesteps between.
    #[test]
    fn with_all_the_noise_a_step_is_that_of_the_probabilistic_models() {
        let prediction_type = Prediction::Sample;
        let config = SchedulerConfig { prediction_type, clip_sample: false, ..SchedulerConfig::default() };
        let mut ddpm = Ddim::new(&config, 10, 1.0);
        let random = || Tensor::randn([2, 4, 5, 5], (Kind::Double, Device::Cpu));
        for index in 0..10 {
            let (now, then) = (f64::from(ddpm.alphas[index].0), f64::from(ddpm.alphas[index].1));
            let (alpha, beta) = (now / then, 1.0 - now / then);
            let (sample, clean, noise) = (random(), random(), random());
            let mean = &clean * (then.sqrt() * beta / (1.0 - now))
                + &sample * (alpha.sqrt() * (1.0 - then) / (1.0 - now));
            let wanted = mean + &noise * ((1.0 - then) / (1.0 - now) * beta).sqrt();
            let next = ddpm.advance(&clean, &sample, index, &mut || noise.shallow_clone()).next;
            // Roots of alphas are taken in f32, as the reference does.
            let off = (next - wanted).abs().max().double_value(&[]);
            assert!(off < 1e-4, "step {index}: {off}");
        }
    }
}
