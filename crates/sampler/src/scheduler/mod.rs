//! How noise is taken away, step by step: one file per algorithm.

mod alphas;
mod config;
mod ddim;
mod ddpm;
mod dpmpp;
mod euler;
mod flow;
mod heun;
mod lcm;
mod sigmas;
mod steps;
mod unipc;

pub use config::{BetaSchedule, FinalSigma, Prediction, SchedulerConfig, Spacing};
pub use sigmas::SigmaSpacing;

use ddim::Ddim;
use ddpm::Ddpm;
use dpmpp::DpmPp;
use euler::Euler;
use heun::Heun;
use lcm::Lcm;
use serde::{Deserialize, Serialize};
use tch::Tensor;
use unipc::UniPc;

/// The algorithms, by the name that a request gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SchedulerKind {
    #[default]
    Ddim,
    Ddpm,
    Euler,
    EulerAncestral,
    Heun,
    /// DPM-Solver++ in many steps, of second order unless the checkpoint names another.
    #[serde(rename = "dpmpp_2m")]
    DpmPp2m,
    /// The same with fresh noise at each step.
    #[serde(rename = "dpmpp_2m_sde")]
    DpmPp2mSde,
    #[serde(rename = "unipc")]
    UniPc,
    /// For checkpoints distilled to consistency models.
    Lcm,
}

impl SchedulerKind {
    pub const ALL: [Self; 9] = [
        Self::Ddim,
        Self::Ddpm,
        Self::Euler,
        Self::EulerAncestral,
        Self::Heun,
        Self::DpmPp2m,
        Self::DpmPp2mSde,
        Self::UniPc,
        Self::Lcm,
    ];

    /// The name that people and requests use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ddim => "ddim",
            Self::Ddpm => "ddpm",
            Self::Euler => "euler",
            Self::EulerAncestral => "euler_ancestral",
            Self::Heun => "heun",
            Self::DpmPp2m => "dpmpp_2m",
            Self::DpmPp2mSde => "dpmpp_2m_sde",
            Self::UniPc => "unipc",
            Self::Lcm => "lcm",
        }
    }

    /// Whether its noise levels can be spaced otherwise than a model's timesteps are.
    pub fn can_space(self) -> bool {
        !matches!(self, Self::Ddim | Self::Ddpm | Self::Lcm)
    }

    /// The scheduler that a diffusers configuration names, or what stands in for one that is not built here: DPM-Solver++ in many
    /// steps for others that solve the same equation, else (PNDM, which many SD 1.5 checkpoints name, LMS and more) DDIM.
    pub fn of(config: &SchedulerConfig) -> Self {
        let sde = config.algorithm_type.as_deref().is_some_and(|name| name.starts_with("sde"));
        match config.class_name.as_str() {
            "DDPMScheduler" => Self::Ddpm,
            "EulerDiscreteScheduler" => Self::Euler,
            "EulerAncestralDiscreteScheduler" => Self::EulerAncestral,
            "HeunDiscreteScheduler" => Self::Heun,
            "DPMSolverMultistepScheduler" if sde => Self::DpmPp2mSde,
            "DPMSolverMultistepScheduler" | "DPMSolverSinglestepScheduler" | "DEISMultistepScheduler" => {
                Self::DpmPp2m
            }
            "UniPCMultistepScheduler" => Self::UniPc,
            "LCMScheduler" => Self::Lcm,
            _ => Self::Ddim,
        }
    }

    /// The most steps that a plan may have.
    pub fn most_steps(self, config: &SchedulerConfig) -> i64 {
        match self {
            Self::Lcm => config.original_inference_steps,
            // One more than steps is spaced.
            Self::DpmPp2m | Self::DpmPp2mSde | Self::UniPc => (config.num_train_timesteps - 1).max(1),
            _ => config.num_train_timesteps,
        }
    }
}

/// Unit noise of the sample's shape, another one at each call.
pub type Fresh<'a> = &'a mut dyn FnMut() -> Tensor;

/// What one step gives.
pub struct Advance {
    /// The sample at the next, smaller noise level.
    pub next: Tensor,
    /// The clean latent as it is predicted now.
    pub clean: Tensor,
}

/// A plan of `timesteps().len()` steps; `index` counts them from the noisiest. Solvers remember the steps
/// before, so a plan serves one run.
pub trait Schedule: Send {
    /// What the network is told, noisiest first.
    fn timesteps(&self) -> &[f32];

    /// Passes of the network that most steps of a request take.
    fn passes(&self) -> usize {
        1
    }

    /// Unit noise to the sample that step 0 starts from.
    fn pure(&self, noise: &Tensor) -> Tensor {
        noise.shallow_clone()
    }

    /// A clean latent with noise mixed in, as step `index` expects it.
    fn noisy(&self, clean: &Tensor, noise: &Tensor, index: usize) -> Tensor;

    /// The sample scaled as the network expects it.
    fn model_input(&self, sample: &Tensor, _index: usize) -> Tensor {
        sample.shallow_clone()
    }

    /// Takes one step with what the network predicted.
    fn advance(&mut self, predicted: &Tensor, sample: &Tensor, index: usize, fresh: Fresh) -> Advance;
}

/// Plans `steps` steps, which must be 1 to `kind.most_steps(config)`.
pub fn plan(kind: SchedulerKind, config: &SchedulerConfig, steps: usize) -> Box<dyn Schedule> {
    match kind {
        SchedulerKind::Ddim => Box::new(Ddim::new(config, steps)),
        SchedulerKind::Ddpm => Box::new(Ddpm::new(config, steps)),
        SchedulerKind::Euler => Box::new(Euler::new(config, steps, false)),
        SchedulerKind::EulerAncestral => Box::new(Euler::new(config, steps, true)),
        SchedulerKind::Heun => Box::new(Heun::new(config, steps)),
        SchedulerKind::DpmPp2m => Box::new(DpmPp::new(config, steps, false)),
        SchedulerKind::DpmPp2mSde => Box::new(DpmPp::new(config, steps, true)),
        SchedulerKind::UniPc => Box::new(UniPc::new(config, steps)),
        SchedulerKind::Lcm => Box::new(Lcm::new(config, steps)),
    }
}

/// Timesteps before rounding, noisiest first; the reference rounds them in DDIM and partly in Euler.
fn spaced(config: &SchedulerConfig, spacing: Spacing, steps: usize) -> Vec<f64> {
    let train = config.num_train_timesteps as f64;
    let line = |i: usize| {
        if steps == 1 { 0.0 } else { i as f64 * ((train - 1.0) / (steps - 1) as f64) }
    };
    match spacing {
        Spacing::Linspace => (0..steps).rev().map(line).collect(),
        Spacing::Leading => {
            let ratio = config.num_train_timesteps / steps as i64;
            (0..steps as i64).rev().map(|i| (i * ratio + config.steps_offset) as f64).collect()
        }
        Spacing::Trailing => {
            // The second value is rounded before it is subtracted: numpy's arange does so.
            let delta = (train - train / steps as f64) - train;
            (0..steps).map(|i| (train + i as f64 * delta).round_ties_even() - 1.0).collect()
        }
    }
}
