//! Euler steps along the probability flow (Karras et al. 2022, algorithm 2 without churn), or "ancestral" ones,
//! which step further down and add fresh noise, as DDPM does (k-diffusion, `sample_euler_ancestral`).

use super::flow::{self, Flow};
use super::{Advance, Fresh, Schedule, SchedulerConfig};
use tch::Tensor;

pub(super) struct Euler {
    flow: Flow,
    ancestral: bool,
}

impl Euler {
    pub(super) fn new(config: &SchedulerConfig, steps: usize, ancestral: bool) -> Self {
        Self { flow: Flow::new(config, steps), ancestral }
    }
}

impl Schedule for Euler {
    fn timesteps(&self) -> &[f32] {
        &self.flow.timesteps
    }

    fn pure(&self, noise: &Tensor) -> Tensor {
        self.flow.pure(noise)
    }

    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        flow::noisy(clean, noise, self.flow.sigmas[index])
    }

    fn model_input(&self, sample: &Tensor, index: usize) -> Tensor {
        flow::scaled(sample, self.flow.sigmas[index])
    }

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, fresh: Fresh) -> Advance {
        let (sigma, next) = (self.flow.sigmas[index], self.flow.sigmas[index + 1]);
        let clean = self.flow.clean(predicted, sample, sigma);
        let slope = (sample - &clean) / f64::from(sigma);
        if !self.ancestral {
            return Advance { next: sample + slope * f64::from(next - sigma), clean };
        }
        let up = (next * next * (sigma * sigma - next * next) / (sigma * sigma)).sqrt();
        let down = (next * next - up * up).sqrt();
        let next = sample + slope * f64::from(down - sigma) + fresh() * f64::from(up);
        Advance { next, clean }
    }
}
