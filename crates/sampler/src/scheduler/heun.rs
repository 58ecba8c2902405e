//! Heun's method along the probability flow (Karras et al. 2022, algorithm 1 without churn): each step but the
//! last asks the network twice, so that n steps are 2 n - 1 passes.

use super::flow::{self, Flow};
use super::{Advance, Fresh, Schedule, SchedulerConfig};
use tch::Tensor;

pub(super) struct Heun {
    flow: Flow,
    /// One for each pass.
    timesteps: Vec<f32>,
    /// Where the step that is half done began, and its first slope.
    half: Option<(Tensor, Tensor)>,
}

impl Heun {
    pub(super) fn new(config: &SchedulerConfig, steps: usize) -> Self {
        // The reference knows no zero terminal SNR here.
        let flow = Flow::new(&SchedulerConfig { rescale_betas_zero_snr: false, ..config.clone() }, steps);
        let twice = |(n, &timestep): (usize, &f32)| std::iter::repeat_n(timestep, 1 + usize::from(n > 0));
        let timesteps = flow.timesteps.iter().enumerate().flat_map(twice).collect();
        Self { flow, timesteps, half: None }
    }

    /// The level that pass `index` is told.
    fn sigma(&self, index: usize) -> f32 {
        self.flow.sigmas[index.div_ceil(2)]
    }
}

impl Schedule for Heun {
    fn timesteps(&self) -> &[f32] {
        &self.timesteps
    }

    fn passes(&self) -> usize {
        2
    }

    fn pure(&self, noise: &Tensor) -> Tensor {
        self.flow.pure(noise)
    }

    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        flow::noisy(clean, noise, self.sigma(index))
    }

    fn model_input(&self, sample: &Tensor, index: usize) -> Tensor {
        flow::scaled(sample, self.sigma(index))
    }

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, _: Fresh) -> Advance {
        let sigma = self.sigma(index);
        let clean = self.flow.clean(predicted, sample, sigma);
        let slope = (sample - &clean) / f64::from(sigma);
        let next = match self.half.take() {
            None => {
                let next = self.flow.sigmas[index / 2 + 1];
                let there = sample + &slope * f64::from(next - sigma);
                if next > 0.0 {
                    self.half = Some((sample.shallow_clone(), slope));
                }
                there
            }
            Some((start, first)) => {
                let before = self.flow.sigmas[index / 2];
                start + (first + slope) / 2.0 * f64::from(sigma - before)
            }
        };
        Advance { next, clean }
    }
}
