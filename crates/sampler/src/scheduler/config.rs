//! diffusers' `scheduler_config.json`, and the noise schedule that it describes.

use super::SigmaSpacing;
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

impl Prediction {
    /// The clean sample that a prediction means, in a sample of so much signal and noise.
    pub(super) fn clean(self, predicted: &Tensor, sample: &Tensor, signal: f64, noise: f64) -> Tensor {
        match self {
            Self::Epsilon => (sample - predicted * noise) / signal,
            Self::Sample => predicted.shallow_clone(),
            Self::VPrediction => sample * signal - predicted * noise,
        }
    }
}

/// Where the last step leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinalSigma {
    #[default]
    Zero,
    /// The least noise that was trained.
    SigmaMin,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_sample: Option<bool>,
    pub clip_sample_range: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestep_spacing: Option<Spacing>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trained_betas: Option<Vec<f32>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thresholding: Option<bool>,
    pub use_karras_sigmas: bool,
    pub use_exponential_sigmas: bool,
    pub final_sigmas_type: FinalSigma,
    pub lower_order_final: bool,
    pub euler_at_final: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub algorithm_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solver_order: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub solver_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub predict_x0: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_corrector: Option<Vec<i64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variance_type: Option<String>,
    /// Steps that a latent consistency model was distilled with.
    pub original_inference_steps: i64,
    pub timestep_scaling: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_beta_sigmas: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_flow_sigmas: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_lu_lambdas: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interpolation_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestep_type: Option<String>,
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
            clip_sample: None,
            clip_sample_range: 1.0,
            timestep_spacing: None,
            trained_betas: None,
            thresholding: None,
            use_karras_sigmas: false,
            use_exponential_sigmas: false,
            final_sigmas_type: FinalSigma::Zero,
            lower_order_final: true,
            euler_at_final: false,
            algorithm_type: None,
            solver_order: None,
            solver_type: None,
            predict_x0: None,
            disable_corrector: None,
            variance_type: None,
            original_inference_steps: 50,
            timestep_scaling: 10.0,
            use_beta_sigmas: None,
            use_flow_sigmas: None,
            use_lu_lambdas: None,
            interpolation_type: None,
            timestep_type: None,
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
        check("original_inference_steps", self.original_inference_steps, 1..=self.num_train_timesteps)?;
        if !(self.timestep_scaling > 0.0 && self.timestep_scaling <= 1e6) {
            let why = format!("is {}; above 0 to 1000000 is allowed", self.timestep_scaling);
            return Err(LoadError::config("scheduler_config.json", "timestep_scaling", why));
        }
        check("solver_order", self.solver_order.unwrap_or(2), 1..=3)?;
        self.refuse_what_is_not_built()
    }

    /// Of which order the solvers of many steps are, 1 to 3.
    pub(super) fn solver_order(&self) -> usize {
        self.solver_order.unwrap_or(2).clamp(1, 3) as usize
    }

    /// Whether the timesteps of spaced noise levels are rounded, not cut (the reference's choice).
    pub(super) fn rounds_timesteps(&self) -> bool {
        self.use_karras_sigmas || self.use_lu_lambdas == Some(true)
    }

    fn refuse_what_is_not_built(&self) -> Result<(), LoadError> {
        let named = |name: &Option<String>, usual: &str| name.as_deref().is_some_and(|name| name != usual);
        // The reference takes the names of other solvers for its own usual one.
        let solver = |known: &[&str]| self.solver_type.as_deref().is_some_and(|name| !known.contains(&name));
        let of = |class: &str| self.class_name == class;
        let (dpmpp, unipc) = (of("DPMSolverMultistepScheduler"), of("UniPCMultistepScheduler"));
        let algorithm = self.algorithm_type.as_deref().unwrap_or("dpmsolver++");
        let variance = self.variance_type.as_deref().unwrap_or("fixed_small");
        let refuse = |field: &str, why: String| Err(LoadError::config("scheduler_config.json", field, why));
        if self.class_name.starts_with("FlowMatch") || self.class_name.starts_with("EDM") {
            let why = "is of a model that was trained with another kind of noise, which is not supported; get one of \
                Stable Diffusion 1, 2 or XL";
            return refuse("_class_name", why.into());
        }
        for (field, set, why) in [
            (
                "algorithm_type",
                dpmpp && !matches!(algorithm, "dpmsolver++" | "sde-dpmsolver++" | "deis"),
                "is neither dpmsolver++ nor sde-dpmsolver++, which are supported",
            ),
            (
                "solver_type",
                (dpmpp || unipc) && solver(&["midpoint", "heun", "logrho", "bh1", "bh2"]),
                "is none of midpoint, heun, bh1 and bh2, which are supported",
            ),
            ("predict_x0", unipc && self.predict_x0 == Some(false), "is not true, the only one supported"),
            (
                "disable_corrector",
                unipc && self.disable_corrector.as_ref().is_some_and(|steps| !steps.is_empty()),
                "is not empty, which is not supported",
            ),
            (
                "variance_type",
                of("DDPMScheduler") && !matches!(variance, "fixed_small" | "fixed_small_log"),
                "is neither fixed_small nor fixed_small_log, which are supported",
            ),
            ("thresholding", self.thresholding == Some(true), "is set, which latent models cannot use"),
            ("use_beta_sigmas", self.use_beta_sigmas == Some(true), "is set, which is not supported"),
            ("use_flow_sigmas", self.use_flow_sigmas == Some(true), "is set, which is not supported"),
            ("interpolation_type", named(&self.interpolation_type, "linear"), "is not linear, the only one"),
            ("timestep_type", named(&self.timestep_type, "discrete"), "is not discrete, the only one"),
        ] {
            if set {
                return refuse(field, format!("{why}; name another scheduler or setting in the file"));
            }
        }
        Ok(())
    }

    /// Whether who wrote it clips clean samples by default. Others do not, and do not say so: what stands in for them must not
    /// clip latents, either.
    pub(super) fn is_of_one_that_clips(&self) -> bool {
        matches!(self.class_name.as_str(), "DDIMScheduler" | "DDPMScheduler")
    }

    /// How the noise levels are spaced.
    pub fn sigma_spacing(&self) -> SigmaSpacing {
        // Lu's lambdas (Lu et al., "DPM-Solver", 2022) are logarithms of noise levels.
        let is_even = self.use_exponential_sigmas || self.use_lu_lambdas == Some(true);
        match (self.use_karras_sigmas, is_even) {
            (true, _) => SigmaSpacing::Karras,
            (_, true) => SigmaSpacing::Exponential,
            _ => SigmaSpacing::Timesteps,
        }
    }

    /// The same with the noise levels spaced as asked for.
    pub fn with_sigmas(&self, spacing: SigmaSpacing) -> Self {
        Self {
            use_karras_sigmas: spacing == SigmaSpacing::Karras,
            use_exponential_sigmas: spacing == SigmaSpacing::Exponential,
            use_lu_lambdas: self.use_lu_lambdas.filter(|_| spacing == SigmaSpacing::Exponential),
            ..self.clone()
        }
    }

    /// The timesteps of `steps` steps, noisiest first, for algorithms that count in them.
    pub(super) fn integer_timesteps(&self, steps: usize) -> Vec<i64> {
        let spacing = self.timestep_spacing.unwrap_or(Spacing::Leading);
        // An offset may push the first step past the last trained one.
        let last = self.num_train_timesteps - 1;
        let timesteps = super::spaced(self, spacing, steps).into_iter();
        timesteps.map(|t| (t.round_ties_even() as i64).clamp(0, last)).collect()
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
