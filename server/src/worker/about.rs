//! What pages are told about the model.

use sampler::{LatentRgb, LoadError, Model, ModelCard, SchedulerKind};
use tch::Device;
use wire::{LatentPreview, LiveInfo, ModelInfo, Scheduler, Spec};

#[derive(Debug, Clone)]
pub struct About {
    pub info: ModelInfo,
    pub map: LatentRgb,
    /// Pixels of one latent position along a side.
    pub scale: u32,
}

impl About {
    /// # Errors
    /// If the model cannot say how its previews become colour.
    pub fn of(model: &Model, device: Device, live: Option<LiveInfo>) -> Result<Self, LoadError> {
        let info = ModelInfo { live, ..info_of(model.card(), device) };
        Ok(Self { info, map: model.preview_map()?.clone(), scale: model.scale() })
    }

    /// How previews of this job become colour.
    pub fn preview(&self, spec: &Spec) -> LatentPreview {
        LatentPreview {
            width: (spec.width / self.scale) as u16,
            height: (spec.height / self.scale) as u16,
            matrix: self.map.matrix.clone(),
            offset: self.map.offset,
        }
    }
}

/// What pages are told of a model of this card, which may not be loaded. No live pictures, no id, and of the first family.
pub fn info_of(card: &ModelCard, device: Device) -> ModelInfo {
    let defaults = Spec {
        steps: card.defaults.steps.clamp(1, 150) as u16,
        guidance: within(card.defaults.guidance, 30.0, Spec::default().guidance),
        // Guided by both at once, it has no scale for the canvas alone.
        image_guidance: match card.guides_sketch {
            true => 1.0,
            false => within(card.defaults.image_guidance, 30.0, Spec::default().image_guidance),
        },
        strength: within(card.defaults.strength, 1.0, Spec::default().strength),
        width: side(card.defaults.width),
        height: side(card.defaults.height),
        scheduler: Scheduler::ALL
            .into_iter()
            .find(|scheduler| kind(*scheduler) == card.defaults.scheduler)
            .unwrap_or_default(),
        ..Spec::default()
    };
    let device = match device {
        Device::Cpu => format!("CPU, {} threads", tch::get_num_threads()),
        Device::Cuda(_) => "CUDA".to_owned(),
        other => format!("{other:?}"),
    };
    ModelInfo {
        id: String::new(),
        name: card.name.clone(),
        defaults,
        sketch_conditioned: card.sketch_conditioned,
        device,
        styles: card.styles.clone(),
        live: None,
        family: 0,
    }
}

/// The sampler's name of a scheduler.
pub(super) fn kind(scheduler: Scheduler) -> SchedulerKind {
    match scheduler {
        Scheduler::Ddim => SchedulerKind::Ddim,
        Scheduler::Ddpm => SchedulerKind::Ddpm,
        Scheduler::Euler => SchedulerKind::Euler,
        Scheduler::EulerAncestral => SchedulerKind::EulerAncestral,
        Scheduler::Heun => SchedulerKind::Heun,
        Scheduler::DpmPp2m => SchedulerKind::DpmPp2m,
        Scheduler::DpmPp2mSde => SchedulerKind::DpmPp2mSde,
        Scheduler::UniPc => SchedulerKind::UniPc,
        Scheduler::Lcm => SchedulerKind::Lcm,
    }
}

/// What pages accept: 0 to `most`. No number becomes `otherwise`.
fn within(value: f32, most: f32, otherwise: f32) -> f32 {
    if value.is_nan() { otherwise } else { value.clamp(0.0, most) }
}

/// The nearest side that a square picture may have.
fn side(pixels: u32) -> u32 {
    (pixels / 64 * 64).clamp(64, 1024)
}
