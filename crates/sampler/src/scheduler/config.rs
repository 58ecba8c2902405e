//! diffusers' `scheduler_config.json`, and the noise schedule that it describes.

use crate::LoadError;
use crate::config::check;
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

/// What the network predicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prediction {
    #[default]
    Epsilon,
    /// Salimans and Ho 2022.
    VPrediction,
    Sample,
}

/// Where the steps lie among the training timesteps (Lin et al. 2023, table 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spacing {
    Leading,
    Trailing,
    Linspace,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BetaSchedule {
    #[default]
    Linear,
    ScaledLinear,
    #[serde(rename = "squaredcos_cap_v2")]
    SquaredCosine,
}

/// A key that is absent takes the default of the scheduler that reads it, as in the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SchedulerConfig {
    #[serde(rename = "_class_name")]
    pub class_name: String,
    pub num_train_timesteps: i64,
    pub beta_start: f64,
    pub beta_end: f64,
    pub beta_schedule: BetaSchedule,
    pub prediction_type: Prediction,
    pub rescale_betas_zero_snr: bool,
    pub steps_offset: i64,
    pub set_alpha_to_one: bool,
    pub clip_sample: bool,
    pub clip_sample_range: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestep_spacing: Option<Spacing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trained_betas: Option<Vec<f32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholding: Option<bool>,
}

impl Default for SchedulerConfig {
    fn default() -> Self {
        Self {
            class_name: "DDIMScheduler".into(),
            num_train_timesteps: 1000,
            beta_start: 0.0001,
            beta_end: 0.02,
            beta_schedule: BetaSchedule::Linear,
            prediction_type: Prediction::Epsilon,
            rescale_betas_zero_snr: false,
            steps_offset: 0,
            set_alpha_to_one: true,
            clip_sample: true,
            clip_sample_range: 1.0,
            timestep_spacing: None,
            trained_betas: None,
            thresholding: None,
        }
    }
}

impl SchedulerConfig {
    pub fn validate(&self) -> Result<(), LoadError> {
        check("num_train_timesteps", self.num_train_timesteps, 1..=100_000)?;
        check("steps_offset", self.steps_offset, 0..=self.num_train_timesteps)?;
        for (field, value) in [("beta_start", self.beta_start), ("beta_end", self.beta_end)] {
            if !(0.0..1.0).contains(&value) {
                let why = format!("is {value}; 0 to below 1 is allowed");
                return Err(LoadError::config("scheduler_config.json", field, why));
            }
        }
        if let Some(betas) = &self.trained_betas {
            check(
                "trained_betas (length)",
                betas.len() as i64,
                self.num_train_timesteps..=self.num_train_timesteps,
            )?;
        }
        if self.thresholding == Some(true) {
            let why = "is set, which latent models cannot use";
            return Err(LoadError::config("scheduler_config.json", "thresholding", why));
        }
        Ok(())
    }

    /// The cumulative product of 1 - beta for every training timestep, as f32 as the reference has it.
    pub fn alphas_cumprod(&self) -> Vec<f32> {
        let cumulative = (-self.betas() + 1.0).cumprod(0, Kind::Float);
        let mut alphas = vec![0.0; cumulative.numel()];
        let count = alphas.len();
        cumulative.copy_data(&mut alphas, count);
        alphas
    }

    fn betas(&self) -> Tensor {
        let count = self.num_train_timesteps;
        let line = |start: f64, end: f64| Tensor::linspace(start, end, count, (Kind::Float, Device::Cpu));
        let betas = match (&self.trained_betas, self.beta_schedule) {
            (Some(betas), _) => Tensor::from_slice(betas),
            (None, BetaSchedule::Linear) => line(self.beta_start, self.beta_end),
            (None, BetaSchedule::ScaledLinear) => line(self.beta_start.sqrt(), self.beta_end.sqrt()).square(),
            (None, BetaSchedule::SquaredCosine) => squared_cosine(count),
        };
        if self.rescale_betas_zero_snr { zero_terminal_snr(&betas) } else { betas }
    }
}

/// Nichol and Dhariwal 2021, capped at 0.999.
fn squared_cosine(count: i64) -> Tensor {
    let bar = |t: f64| ((t + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2).cos().powi(2);
    let beta = |i: i64| {
        let (from, to) = (i as f64 / count as f64, (i + 1) as f64 / count as f64);
        (1.0 - bar(to) / bar(from)).min(0.999) as f32
    };
    Tensor::from_slice(&(0..count).map(beta).collect::<Vec<_>>())
}

/// Lin et al. 2023, algorithm 1: the last timestep is pure noise.
fn zero_terminal_snr(betas: &Tensor) -> Tensor {
    let roots = (-betas + 1.0).cumprod(0, Kind::Float).sqrt();
    let (first, last) = (roots.get(0), roots.get(-1));
    let rescaled = (&roots - &last) * (&first / (&first - &last));
    let bars = rescaled.square();
    let count = bars.size()[0];
    let alphas = bars.narrow(0, 1, count - 1) / bars.narrow(0, 0, count - 1);
    -Tensor::cat(&[bars.narrow(0, 0, 1), alphas], 0) + 1.0
}
