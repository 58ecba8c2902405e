//! DPM-Solver++ in many steps, of first to third order (Lu et al., "DPM-Solver++: Fast Solver for Guided Sampling of
//! Diffusion Probabilistic Models", 2022, algorithm 2 and, with fresh noise, its SDE form).

use super::sigmas::{log_snr, signal_and_noise};
use super::steps::Steps;
use super::{Advance, FinalSigma, Fresh, Schedule, SchedulerConfig};
use tch::Tensor;

/// Below so many steps the last ones are of lower order.
const FEW: usize = 15;

pub(super) struct DpmPp {
    steps: Steps,
    sde: bool,
    order: usize,
    /// Whether steps of second order are Heun's, not those through the middle.
    heun: bool,
    /// Whether the last step is of first order.
    ends_low: bool,
    /// Whether the one before it is of second order.
    nears_low: bool,
    /// The clean samples that were predicted before, the last first.
    before: Vec<Tensor>,
}

impl DpmPp {
    pub(super) fn new(config: &SchedulerConfig, steps: usize, sde: bool) -> Self {
        let nears_low = config.lower_order_final && steps < FEW;
        let ends_low = config.euler_at_final || nears_low || config.final_sigmas_type == FinalSigma::Zero;
        let (order, heun) = (config.solver_order(), config.solver_type.as_deref() == Some("heun"));
        Self { steps: Steps::new(config, steps), sde, order, heun, ends_low, nears_low, before: Vec::new() }
    }

    /// Of which order step `index` is.
    fn order(&self, index: usize) -> usize {
        let most = match self.steps.timesteps.len() - index {
            1 if self.ends_low => 1,
            2 if self.nears_low => 2,
            _ => self.order,
        };
        most.min(self.order).min(1 + self.before.len())
    }
}

impl Schedule for DpmPp {
    fn timesteps(&self) -> &[f32] {
        &self.steps.timesteps
    }

    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        self.steps.noisy(clean, noise, index)
    }

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, fresh: Fresh) -> Advance {
        let clean = self.steps.clean(predicted, sample, index);
        let (now, then) = (self.steps.sigmas[index], self.steps.sigmas[index + 1]);
        let ((_, noise), (signal_then, noise_then)) = (signal_and_noise(now), signal_and_noise(then));
        let h = log_snr(then) - log_snr(now);
        // The integral of the clean sample over the step, and what is left of the sample.
        let (kept, whole) = match self.sde {
            false => (noise_then / noise, signal_then * (1.0 - (-h).exp())),
            true => (noise_then / noise * (-h).exp(), signal_then * (1.0 - (-2.0 * h).exp())),
        };
        let mut next = sample * f64::from(kept) + &clean * f64::from(whole);
        // Two levels may be the same, if the last one is the least that was trained.
        let order = if h == 0.0 { 1 } else { self.order(index) };
        if order > 1 {
            // How far the steps before were, beside this one, and what changed there.
            let length = |n: usize| {
                (log_snr(self.steps.sigmas[index - n]) - log_snr(self.steps.sigmas[index - n - 1])) / h
            };
            let first = length(0_usize);
            let change = (&clean - &self.before[0]) * f64::from(1.0 / first);
            let exponent = if self.sde { 2.0 * h } else { h };
            let linear = signal_then * (1.0 - (1.0 - (-exponent).exp()) / exponent);
            if order == 2 {
                let weight = if self.heun { linear } else { 0.5 * whole };
                next += change * f64::from(weight);
            } else {
                let second = length(1);
                let before = (&self.before[0] - &self.before[1]) * f64::from(1.0 / second);
                let bend = &change - before;
                let slope = change + &bend * f64::from(first / (first + second));
                // With fresh noise the half has the other sign (the reference's choice).
                let half = if self.sde { 0.5 } else { -0.5 };
                let square = ((-exponent).exp() - 1.0 + exponent) / (exponent * exponent) + half;
                next += slope * f64::from(linear);
                next -= bend * f64::from(1.0 / (first + second) * signal_then * square);
            }
        }
        if self.sde {
            next += fresh() * f64::from(noise_then * (1.0 - (-2.0 * h).exp()).sqrt());
        }
        self.before.insert(0, clean.shallow_clone());
        self.before.truncate(2);
        Advance { next, clean }
    }
}
