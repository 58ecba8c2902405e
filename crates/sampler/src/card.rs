//! What a model says about itself: its name and the settings that suit it.

use crate::LoadError;
use crate::config;
use crate::preview::LatentRgb;
use crate::scheduler::{Prediction, SchedulerConfig, SchedulerKind, Spacing};
use crate::unet::UNetConfig;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The file beside a diffusers folder that only Pentimento knows.
pub const SIDECAR: &str = "pentimento.json";

/// What the page shows of a model and starts its settings from.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelCard {
    pub name: String,
    pub defaults: Defaults,
    /// The UNet sees the canvas through its own input channels.
    pub sketch_conditioned: bool,
    /// Guidance leads away from no canvas as well as from no words.
    pub guides_sketch: bool,
    /// Manners of painting that it knows by name: a prompt may end with one.
    pub styles: Vec<String>,
    /// The few steps that its distilled UNet takes, if it has one.
    pub distilled: Option<Distilled>,
}

/// A second UNet, in `unet_distilled`, that learned to do in few passes, each without guidance, what the
/// first one does in many (Meng et al., "On Distillation of Guided Diffusion Models", 2023).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distilled {
    /// Steps that it was trained for.
    pub steps: u32,
    /// Steps of a picture that follows the pen, where fewer than those hardly show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live: Option<u32>,
}

impl Distilled {
    /// Steps of a picture that follows the pen.
    pub fn live_steps(&self) -> u32 {
        self.live.unwrap_or(self.steps)
    }
}

/// Settings that suit a model. Sizes are in pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Defaults {
    pub steps: u32,
    pub guidance: f32,
    /// Scale of the guidance by the canvas, for models that see it and are not guided by both at once; 1 is none.
    #[serde(skip_serializing_if = "is_one")]
    pub image_guidance: f32,
    pub strength: f32,
    pub width: u32,
    pub height: u32,
    pub scheduler: SchedulerKind,
}

impl Default for Defaults {
    fn default() -> Self {
        Self {
            steps: 20,
            guidance: 3.0,
            image_guidance: 1.0,
            strength: 1.0,
            width: 256,
            height: 256,
            scheduler: SchedulerKind::Ddim,
        }
    }
}

fn is_one(value: &f32) -> bool {
    *value == 1.0
}

/// `pentimento.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sidecar {
    pub name: String,
    #[serde(default)]
    pub defaults: Defaults,
    /// Guidance makes such a model follow the sketch too, not the words alone: the half of a step that it
    /// leads away from is without the canvas. Only for models that were trained without one at times.
    #[serde(default)]
    pub guides_sketch: bool,
    /// Manners of painting that it knows by name, as a prompt says them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub styles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distilled: Option<Distilled>,
    /// Without it, the map is fitted when the model is loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<LatentRgb>,
}

impl Sidecar {
    /// Reads the sidecar of a model folder; a folder of somebody else's has none.
    pub fn read(folder: &Path) -> Result<Option<Self>, LoadError> {
        let path = folder.join(SIDECAR);
        if path.is_file() { config::read(&path).map(Some) } else { Ok(None) }
    }

    pub fn write(&self, folder: &Path) -> Result<(), LoadError> {
        config::write(&folder.join(SIDECAR), self)
    }
}

/// What suits a checkpoint that says nothing of itself: its training size, and the settings that its family is
/// known for.
pub(crate) fn foreign(path: &Path, unet: &UNetConfig, scheduler: &SchedulerConfig, side: u32) -> Sidecar {
    let name = if path.is_dir() { path.file_name() } else { path.file_stem() };
    let name = name.map_or_else(|| "model".into(), |name| name.to_string_lossy().into_owned());
    let sketch = unet.in_channels == 2 * unet.out_channels;
    let kind = SchedulerKind::of(scheduler);
    let trailing = scheduler.timestep_spacing == Some(Spacing::Trailing);
    let euler = matches!(kind, SchedulerKind::Euler | SchedulerKind::EulerAncestral);
    let consistent = kind == SchedulerKind::Lcm || unet.time_cond_proj_dim.is_some();
    // Adversarial distillation (Turbo, Lightning) is published with Euler steps from the very end.
    let distilled = euler && trailing && scheduler.prediction_type == Prediction::Epsilon;
    let (steps, guidance, kind) = match () {
        () if consistent => {
            (4, if unet.time_cond_proj_dim.is_some() { 8.5 } else { 1.0 }, SchedulerKind::Lcm)
        }
        () if distilled => (4, 1.0, kind),
        () if unet.addition_embed_type.is_some() => (30, 5.0, kind),
        () => (25, 7.5, kind),
    };
    // InstructPix2Pix (Brooks et al. 2023) is published with 1.5.
    let (strength, image_guidance) = if sketch { (1.0, 1.5) } else { (0.75, 1.0) };
    let defaults =
        Defaults { steps, guidance, image_guidance, strength, width: side, height: side, scheduler: kind };
    Sidecar { name, defaults, guides_sketch: false, styles: Vec::new(), distilled: None, preview: None }
}
