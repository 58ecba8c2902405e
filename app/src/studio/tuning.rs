//! What of the settings suits a model, and is remembered for each.

use super::settings::is_side;
use serde::{Deserialize, Serialize};
use wire::{Scheduler, Sigmas, Spec};

/// Most models whose settings are remembered.
const MODELS_MAX: usize = 32;

/// Most layers of a text encoder that a page leaves out.
pub const CLIP_SKIP_MAX: u16 = 11;

/// How the pictures of one model are made; what is `None` is as it suggests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tuning {
    pub steps: Option<u16>,
    pub strength: Option<f32>,
    pub guidance: Option<f32>,
    pub image_guidance: Option<f32>,
    pub clip_skip: u16,
    pub scheduler: Option<Scheduler>,
    pub sigmas: Sigmas,
    /// Pixels of the picture's shorter side, one of [`super::SIDES`].
    pub side: Option<u32>,
}

impl Tuning {
    /// As that picture was made, all but its size.
    pub fn of(spec: &Spec) -> Self {
        Self {
            steps: Some(spec.steps),
            strength: Some(spec.strength),
            guidance: Some(spec.guidance),
            image_guidance: Some(spec.image_guidance),
            clip_skip: spec.clip_skip,
            scheduler: Some(spec.scheduler),
            sigmas: spec.sigmas,
            side: None,
        }
    }

    /// Whether nothing of it is chosen.
    pub fn is_the_models(&self) -> bool {
        *self == Self::default()
    }

    /// What was remembered, within what may be asked for.
    pub fn made_sane(self) -> Self {
        Self {
            steps: self.steps.map(|steps| steps.clamp(1, 150)),
            strength: self.strength.filter(|s| s.is_finite()).map(|s| s.clamp(0.0, 1.0)),
            guidance: self.guidance.filter(|g| g.is_finite()).map(|g| g.clamp(0.0, 30.0)),
            image_guidance: self.image_guidance.filter(|g| g.is_finite()).map(|g| g.clamp(0.0, 30.0)),
            clip_skip: self.clip_skip.min(CLIP_SKIP_MAX),
            side: self.side.filter(is_side),
            ..self
        }
    }
}

/// Those of the models that are not chosen now, by their ids, the one left last first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tunings(Vec<(String, Tuning)>);

impl Tunings {
    /// Remembers one.
    pub fn keep(&mut self, model: String, tuning: Tuning) {
        if !tuning.is_the_models() {
            self.0.insert(0, (model, tuning));
            self.0.truncate(MODELS_MAX);
        }
    }

    /// Gives back that of a model that is chosen again.
    pub fn take(&mut self, model: &str) -> Tuning {
        let kept = self.0.iter().position(|(other, _)| other == model);
        kept.map(|at| self.0.remove(at).1).unwrap_or_default()
    }

    pub fn made_sane(self) -> Self {
        let sane = self.0.into_iter().map(|(model, tuning)| (model, tuning.made_sane()));
        Self(sane.take(MODELS_MAX).collect())
    }
}
