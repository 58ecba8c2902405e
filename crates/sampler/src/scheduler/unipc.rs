//! UniPC of first to third order (Zhao et al., "UniPC: A Unified Predictor-Corrector Framework for Fast Sampling of
//! Diffusion Models", 2023, with clean samples): each prediction also corrects the step before it.

use super::sigmas::{log_snr, signal_and_noise};
use super::steps::Steps;
use super::{Advance, FinalSigma, Fresh, Schedule, SchedulerConfig};
use tch::{Kind, Tensor};

pub(super) struct UniPc {
    steps: Steps,
    lower_order_final: bool,
    most: usize,
    /// Whether B(h) is h itself (B1 of the paper), not its exponential less 1 (B2).
    plain: bool,
    /// The last one last.
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
    /// The negative difference of log-SNR, its exponential less 1, and B(h).
    hh: f32,
    phi: f32,
    b: f32,
}

impl Step {
    fn new(now: f32, then: f32, plain: bool) -> Self {
        let hh = log_snr(now) - log_snr(then);
        let ((_, noise), (signal, noise_then)) = (signal_and_noise(now), signal_and_noise(then));
        let phi = hh.exp_m1();
        Self { kept: noise_then / noise, signal, hh, phi, b: if plain { hh } else { phi } }
    }

    /// The sample after the step if the clean sample stayed what it is.
    fn first_order(&self, sample: &Tensor, clean: &Tensor) -> Tensor {
        sample * f64::from(self.kept) - clean * f64::from(self.signal * self.phi)
    }

    /// How much the slopes to points at these distances count, beside the step (the paper's formula 10).
    fn weights(&self, ratios: &[f32]) -> Vec<f64> {
        let mut phi = self.phi / self.hh - 1.0;
        let mut factorial = 1.0;
        let mut sides = Vec::with_capacity(ratios.len());
        for n in 1..=ratios.len() {
            sides.push(phi * factorial / self.b);
            factorial *= (n + 1) as f32;
            phi = phi / self.hh - 1.0 / factorial;
        }
        match ratios.len() {
            0 => Vec::new(),
            // Its one equation is not solved (the reference's choice).
            1 => vec![0.5],
            count => {
                let powers: Vec<f32> =
                    (0..count).flat_map(|n| ratios.iter().map(move |r| r.powi(n as i32))).collect();
                let powers = Tensor::from_slice(&powers).view([count as i64, count as i64]);
                let solved =
                    Tensor::linalg_solve(&powers, &Tensor::from_slice(&sides), true).to_kind(Kind::Double);
                (0..count as i64).map(|n| solved.double_value(&[n])).collect()
            }
        }
    }
}

impl UniPc {
    pub(super) fn new(config: &SchedulerConfig, steps: usize) -> Self {
        Self {
            steps: Steps::new(config, steps),
            // A step to no noise at all has no slopes to go by.
            lower_order_final: config.lower_order_final || config.final_sigmas_type == FinalSigma::Zero,
            most: config.solver_order(),
            plain: config.solver_type.as_deref() == Some("bh1"),
            history: Vec::new(),
            order: 0,
        }
    }

    /// How far the points before the last one are from it, beside the step, and the slopes of the clean sample to them; of
    /// so many.
    fn slopes(&self, step: &Step, count: usize) -> (Vec<f32>, Vec<Tensor>) {
        let Some((last, before)) = self.history.split_last() else { return Default::default() };
        let slope = |point: &Point| {
            let ratio = (log_snr(point.sigma) - log_snr(last.sigma)) / -step.hh;
            (ratio, (&point.clean - &last.clean) / f64::from(ratio))
        };
        before.iter().rev().take(count).map(slope).unzip()
    }

    /// `start` with slopes that count so much.
    fn along(step: &Step, mut start: Tensor, slopes: &[Tensor], weights: &[f64]) -> Tensor {
        for (slope, weight) in slopes.iter().zip(weights) {
            start -= slope * (weight * f64::from(step.signal * step.b));
        }
        start
    }

    /// The sample at level `sigma`, of which the network now says that it is `clean`.
    fn corrected(&self, sample: &Tensor, clean: &Tensor, sigma: f32) -> Tensor {
        let Some(from) = self.history.last() else { return sample.shallow_clone() };
        let step = Step::new(from.sigma, sigma, self.plain);
        let start = step.first_order(&from.sample, &from.clean);
        let (mut ratios, mut slopes) = self.slopes(&step, self.order - 1);
        ratios.push(1.0);
        slopes.push(clean - &from.clean);
        Self::along(&step, start, &slopes, &step.weights(&ratios))
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
        if self.history.len() > self.most {
            self.history.remove(0);
        }
        let left = self.steps.timesteps.len() - index;
        let most = if self.lower_order_final { left.min(self.most) } else { self.most };
        self.order = most.min(self.history.len());
        let here = &self.history[self.history.len() - 1];
        let step = Step::new(now, then, self.plain);
        let start = step.first_order(&here.sample, &here.clean);
        let (ratios, slopes) = self.slopes(&step, self.order - 1);
        let next = Self::along(&step, start, &slopes, &step.weights(&ratios));
        Advance { next, clean }
    }
}
