//! UniPC of second order (Zhao et al., "UniPC: A Unified Predictor-Corrector Framework for Fast Sampling of
//! Diffusion Models", 2023, with B2(h) and clean samples): each prediction also corrects the step before it.

use super::sigmas::{log_snr, signal_and_noise};
use super::steps::Steps;
use super::{Advance, Fresh, Schedule, SchedulerConfig};
use tch::Tensor;

pub(super) struct UniPc {
    steps: Steps,
    lower_order_final: bool,
    history: Vec<Point>,
    /// The order of the step before.
    order: usize,
}

/// Where a step began.
struct Point {
    sample: Tensor,
    clean: Tensor,
    sigma: f32,
}

/// The coefficients of one step from `now` to `then`.
struct Step {
    /// What is left of the sample.
    kept: f32,
    signal: f32,
    /// The negative difference of log-SNR, and its exponential less 1.
    hh: f32,
    phi: f32,
}

impl Step {
    fn new(now: f32, then: f32) -> Self {
        let hh = log_snr(now) - log_snr(then);
        let ((_, noise), (signal, noise_then)) = (signal_and_noise(now), signal_and_noise(then));
        Self { kept: noise_then / noise, signal, hh, phi: hh.exp_m1() }
    }

    /// The sample after the step if the clean sample stayed what it is.
    fn first_order(&self, sample: &Tensor, clean: &Tensor) -> Tensor {
        sample * f64::from(self.kept) - clean * self.weight()
    }

    /// The change of the clean sample counts so much.
    fn weight(&self) -> f64 {
        f64::from(self.signal * self.phi)
    }
}

impl UniPc {
    pub(super) fn new(config: &SchedulerConfig, steps: usize) -> Self {
        let steps = Steps::new(config, steps);
        Self { steps, lower_order_final: config.lower_order_final, history: Vec::new(), order: 0 }
    }

    /// The slope of the clean sample that `from` and `to` tell, beside that of a step of `h` from `from`.
    fn slope(from: &Point, to: &Point, step: &Step) -> (f32, Tensor) {
        let ratio = (log_snr(to.sigma) - log_snr(from.sigma)) / -step.hh;
        (ratio, (&to.clean - &from.clean) / f64::from(ratio))
    }

    /// The sample at level `sigma`, of which the network now says that it is `clean`.
    fn corrected(&self, sample: &Tensor, clean: &Tensor, sigma: f32) -> Tensor {
        let Some(from) = self.history.last() else { return sample.shallow_clone() };
        let step = Step::new(from.sigma, sigma);
        let start = step.first_order(&from.sample, &from.clean);
        let change = clean - &from.clean;
        let before = self.history.len().checked_sub(2).filter(|_| self.order > 1);
        let Some(before) = before.map(|at| &self.history[at]) else {
            return start - change * 0.5 * step.weight();
        };
        let (ratio, slope) = Self::slope(from, before, &step);
        // Two equations for how much either change counts (formula 10).
        let first = step.phi / step.hh - 1.0;
        let second = (first / step.hh - 0.5) * 2.0 / step.phi;
        let first = first / step.phi;
        let share = (second - first) / (ratio - 1.0);
        start - (slope * f64::from(share) + change * f64::from(first - share)) * step.weight()
    }
}

impl Schedule for UniPc {
    fn timesteps(&self) -> &[f32] {
        &self.steps.timesteps
    }

    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor {
        self.steps.noisy(clean, noise, index)
    }

    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, _: Fresh) -> Advance {
        let (now, then) = (self.steps.sigmas[index], self.steps.sigmas[index + 1]);
        let clean = self.steps.clean(predicted, sample, index);
        let sample = self.corrected(sample, &clean, now);
        self.history.push(Point { sample, clean: clean.shallow_clone(), sigma: now });
        if self.history.len() > 2 {
            self.history.remove(0);
        }
        let left = self.steps.timesteps.len() - index;
        let most = if self.lower_order_final { left.min(2) } else { 2 };
        self.order = most.min(self.history.len());
        let here = &self.history[self.history.len() - 1];
        let step = Step::new(now, then);
        let mut next = step.first_order(&here.sample, &here.clean);
        if self.order > 1 {
            next -= Self::slope(here, &self.history[0], &step).1 * 0.5 * step.weight();
        }
        Advance { next, clean }
    }
}
