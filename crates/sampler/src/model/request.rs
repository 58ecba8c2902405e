//! What a picture is to be made from.

use super::{Mask, Model};
use crate::SampleError;
use crate::picture::Picture;
use crate::scheduler::{SchedulerKind, SigmaSpacing};

/// More words than any text encoder reads; what is longer is a mistake or an attack.
const PROMPT_BYTES: usize = 64 << 10;
const SIDE_MOST: u32 = 4096;
const PICTURES_MOST: usize = 64;

/// Settings of one run. `start` checks every one of them.
#[derive(Clone, Debug)]
pub struct Request {
    pub prompt: String,
    pub negative: String,
    /// 1 to the model's training timesteps (1,000 as a rule).
    pub steps: u32,
    /// Classifier-free guidance (Ho and Salimans 2022); 1 and less means one pass without it.
    pub guidance: f32,
    /// The same by the canvas, for models that see it (Brooks et al. 2023); `None` leaves it to the model.
    pub image_guidance: Option<f32>,
    /// Use the model's distilled UNet, which takes no guidance.
    pub distilled: bool,
    /// How far from the canvas the pictures may go, above 0 to 1.
    pub strength: f32,
    /// One picture each, made as one batch.
    pub seeds: Vec<u64>,
    pub scheduler: SchedulerKind,
    /// How the noise levels are spaced; `None` leaves it to the model's configuration.
    pub sigmas: Option<SigmaSpacing>,
    /// Layers of the text encoder that are left out at its end when it reads the prompt.
    pub clip_skip: u32,
    /// Pixels, multiples of the autoencoder's scale.
    pub width: u32,
    pub height: u32,
    /// Of exactly the size of the picture.
    pub canvas: Option<Picture>,
    /// What of the canvas is painted anew; without it, all.
    pub mask: Option<Mask>,
    /// What a ControlNet is shown, of the same size; without it, the lines of the canvas.
    pub control: Option<Picture>,
    /// How much of what it says counts, 0 to 2.
    pub control_scale: f32,
}

impl Default for Request {
    fn default() -> Self {
        Self {
            prompt: String::new(),
            negative: String::new(),
            steps: 20,
            guidance: 1.0,
            image_guidance: None,
            distilled: false,
            strength: 1.0,
            seeds: vec![0],
            scheduler: SchedulerKind::default(),
            sigmas: None,
            clip_skip: 0,
            width: 256,
            height: 256,
            canvas: None,
            mask: None,
            control: None,
            control_scale: 1.0,
        }
    }
}

impl Request {
    pub(super) fn validate(&self, model: &Model) -> Result<(), SampleError> {
        let most = self.scheduler.most_steps(&model.scheduler);
        if self.steps < 1 || i64::from(self.steps) > most {
            return bad("steps", format!("{} is not allowed; 1 to {most}", self.steps));
        }
        if !(0.0..=100.0).contains(&self.guidance) {
            return bad("guidance", format!("{} is not allowed; 0 to 100", self.guidance));
        }
        if let Some(scale) = self.image_guidance.filter(|scale| !(0.0..=100.0).contains(scale)) {
            return bad("image_guidance", format!("{scale} is not allowed; 0 to 100"));
        }
        if !(0.0..=1.0).contains(&self.strength) {
            return bad("strength", format!("{} is not allowed; 0 to 1", self.strength));
        }
        let most = model.texts.most_skipped();
        if i64::from(self.clip_skip) > most {
            return bad("clip_skip", format!("{} is not allowed; 0 to {most}", self.clip_skip));
        }
        if self.seeds.is_empty() || self.seeds.len() > PICTURES_MOST {
            let count = self.seeds.len();
            return bad("seeds", format!("{count} pictures are not allowed; 1 to {PICTURES_MOST}"));
        }
        if self.distilled && model.few.is_none() {
            return bad("distilled", "this model has no distilled UNet; leave it out".into());
        }
        for (field, text) in [("prompt", &self.prompt), ("negative", &self.negative)] {
            if text.len() > PROMPT_BYTES {
                return bad(field, format!("{} bytes are too many; at most {PROMPT_BYTES}", text.len()));
            }
        }
        let scale = model.scale();
        for (field, side) in [("width", self.width), ("height", self.height)] {
            if side == 0 || side > SIDE_MOST || !side.is_multiple_of(scale) {
                let why = format!("{side} is not allowed; a multiple of {scale} up to {SIDE_MOST}");
                return bad(field, why);
            }
        }
        if !(0.0..=2.0).contains(&self.control_scale) {
            return bad("control_scale", format!("{} is not allowed; 0 to 2", self.control_scale));
        }
        if self.control.is_some() && model.control.is_none() {
            return bad("control", "this model has no ControlNet; leave it out".into());
        }
        if let Some(mask) = &self.mask {
            let needed = self.width as usize * self.height as usize;
            if self.canvas.is_none() {
                return bad("mask", "there is no canvas that it could be of".into());
            }
            if mask.coverage.len() != needed {
                return bad("mask", format!("it holds {} bytes; {needed} are needed", mask.coverage.len()));
            }
            if !(0.0..=64.0).contains(&mask.blur) {
                return bad("mask", format!("a blur of {} pixels is not allowed; 0 to 64", mask.blur));
            }
        }
        for (field, picture) in [("canvas", &self.canvas), ("control", &self.control)] {
            picture.as_ref().map_or(Ok(()), |picture| self.fits(field, picture))?;
        }
        Ok(())
    }

    fn fits(&self, field: &'static str, canvas: &Picture) -> Result<(), SampleError> {
        if (canvas.width, canvas.height) != (self.width, self.height) {
            let why = format!(
                "it is {}x{}, but the picture is {}x{}; resize it first",
                canvas.width, canvas.height, self.width, self.height
            );
            return bad(field, why);
        }
        let needed = canvas.width as usize * canvas.height as usize * 3;
        if canvas.rgb.len() != needed {
            return bad(field, format!("it holds {} bytes; {needed} are needed", canvas.rgb.len()));
        }
        Ok(())
    }
}

fn bad(field: &'static str, why: String) -> Result<(), SampleError> {
    Err(SampleError::setting(field, why))
}
