//! What a picture is to be made from, beside the canvas. Every value is checked when it is
//! made, so whatever holds a [`Spec`] may use it as it is.

use crate::{
    Mask, Problem,
    limits::{MODEL_ID_MAX, PICTURE_PIXELS_MAX, PICTURE_SIDE_MAX, PICTURES_MAX, PROMPT_MAX},
    read::{Object, read, refuse},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _, ser::SerializeMap as _};
use serde_json::Value;

/// Settings of one job.
#[derive(Debug, Clone, PartialEq)]
pub struct Spec {
    /// The id of one of the snapshot's models, at most [`MODEL_ID_MAX`] bytes; empty for the studio's own.
    pub model: String,
    /// What the picture shows; at most [`PROMPT_MAX`] bytes, no control characters.
    pub prompt: String,
    /// What it does not show.
    pub negative: String,
    /// Made as live pictures are: in few steps, without guidance; by the studio's own model, if it has any.
    pub quick: bool,
    /// Sampling steps, 1 to 150.
    pub steps: u16,
    /// Classifier-free guidance scale, 0 to 30; 1 and less means one pass without guidance.
    pub guidance: f32,
    /// The same for the canvas, of models that see it beside the words (Brooks et al., "InstructPix2Pix", 2022), 0 to 30; 1 means
    /// none, and other models take no notice.
    pub image_guidance: f32,
    /// Layers of the text encoder that are left out from its end on, 0 to 11, as some checkpoints were trained.
    pub clip_skip: u16,
    /// How far from the canvas the picture may go, 0 to 1; at 1 it starts from pure noise.
    pub strength: f32,
    pub seed: Seed,
    pub scheduler: Scheduler,
    /// How the noise levels of the steps are spaced.
    pub sigmas: Sigmas,
    /// Size of the picture in pixels, multiples of 64 from 64 to [`PICTURE_SIDE_MAX`], [`PICTURE_PIXELS_MAX`] in all.
    pub width: u32,
    pub height: u32,
    /// Variations in this job, 1 to [`PICTURES_MAX`]; picture `i` uses seed + i.
    pub pictures: u16,
    /// What of the canvas is painted anew; all of it if there is none.
    pub mask: Option<Mask>,
    /// How soft the mask's edge is: the standard deviation of a blur in pixels of the picture, 0 to 64.
    pub blur: f32,
    /// The name of one of the ControlNets of the model's family, through which the canvas steers every step, at most
    /// [`MODEL_ID_MAX`] bytes; empty for none.
    pub control: String,
    /// How much it counts, 0 to 2.
    pub control_scale: f32,
}

/// What is as here is left out of what is written down and said: none of these ever changes.
impl Default for Spec {
    fn default() -> Self {
        Self {
            model: String::new(),
            prompt: String::new(),
            negative: String::new(),
            quick: false,
            steps: 20,
            guidance: 3.0,
            image_guidance: 1.0,
            clip_skip: 0,
            strength: 1.0,
            seed: Seed(0),
            scheduler: Scheduler::Ddim,
            sigmas: Sigmas::Model,
            width: 256,
            height: 256,
            pictures: 1,
            mask: None,
            blur: 4.0,
            control: String::new(),
            control_scale: 1.0,
        }
    }
}

impl Spec {
    /// What is left out is as in [`Spec::default`].
    pub(crate) fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("spec", value)?;
        let mut spec = Self::default();
        set(&mut object, "model", &mut spec.model, |field, value| text(field, value, MODEL_ID_MAX))?;
        set(&mut object, "prompt", &mut spec.prompt, |field, value| text(field, value, PROMPT_MAX))?;
        set(&mut object, "negative", &mut spec.negative, |field, value| text(field, value, PROMPT_MAX))?;
        set(&mut object, "quick", &mut spec.quick, |field, value| read(field, value, "true or false"))?;
        set(&mut object, "steps", &mut spec.steps, |field, value| whole(field, &value, 1, 150))?;
        set(&mut object, "guidance", &mut spec.guidance, |field, value| real(field, &value, 0, 30))?;
        set(&mut object, "image_guidance", &mut spec.image_guidance, |field, value| {
            real(field, &value, 0, 30)
        })?;
        set(&mut object, "clip_skip", &mut spec.clip_skip, |field, value| whole(field, &value, 0, 11))?;
        set(&mut object, "strength", &mut spec.strength, |field, value| real(field, &value, 0, 1))?;
        set(&mut object, "seed", &mut spec.seed, |field, value| read(field, value, SEED))?;
        set(&mut object, "scheduler", &mut spec.scheduler, |field, value| read(field, value, SCHEDULER))?;
        set(&mut object, "sigmas", &mut spec.sigmas, |field, value| read(field, value, SIGMAS))?;
        set(&mut object, "width", &mut spec.width, side)?;
        set(&mut object, "height", &mut spec.height, side)?;
        set(&mut object, "pictures", &mut spec.pictures, |field, value| {
            whole(field, &value, 1, PICTURES_MAX)
        })?;
        set(&mut object, "mask", &mut spec.mask, |field, value| read(field, value, MASK).map(Some))?;
        set(&mut object, "blur", &mut spec.blur, |field, value| real(field, &value, 0, 64))?;
        set(&mut object, "control", &mut spec.control, |field, value| text(field, value, MODEL_ID_MAX))?;
        set(&mut object, "control_scale", &mut spec.control_scale, |field, value| real(field, &value, 0, 2))?;
        object.end()?;
        if spec.width * spec.height > PICTURE_PIXELS_MAX {
            let given = format_args!("{}x{}", spec.width, spec.height);
            let message = format_args!(
                "{given} is too large; give at most {PICTURE_PIXELS_MAX} pixels, such as 1024x1536"
            );
            return Err(Problem::invalid("height", message));
        }
        Ok(spec)
    }

    /// Whether its pictures have more than half as many pixels again as those of `own`, which is what pictures that stand or lie
    /// have beside square ones.
    pub fn is_much_larger(&self, own: &Self) -> bool {
        2 * self.width * self.height > 3 * own.width * own.height
    }
}

/// What is as in [`Spec::default`] is left out: a click is as small as it can be.
impl Serialize for Spec {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let usual = Self::default();
        let mut map = serializer.serialize_map(None)?;
        macro_rules! unusual {
            ($($field:ident)*) => {$(
                if self.$field != usual.$field {
                    map.serialize_entry(stringify!($field), &self.$field)?;
                }
            )*};
        }
        unusual!(model prompt negative quick steps guidance image_guidance clip_skip strength seed scheduler sigmas width height pictures mask blur control control_scale);
        map.end()
    }
}

impl<'de> Deserialize<'de> for Spec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

fn set<T>(
    object: &mut Object,
    field: &str,
    place: &mut T,
    read: impl FnOnce(&str, Value) -> Result<T, Problem>,
) -> Result<(), Problem> {
    if let Some(value) = object.optional(field) {
        *place = read(field, value)?;
    }
    Ok(())
}

fn text(field: &str, value: Value, most: usize) -> Result<String, Problem> {
    let Value::String(text) = value else { return Err(refuse(field, &value, "a text")) };
    if text.len() > most {
        let given = text.len();
        let message = format_args!("{given} bytes are too many; give at most {most}");
        return Err(Problem::invalid(field, message));
    }
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Problem::invalid(field, "control characters are not allowed; give plain text"));
    }
    Ok(text)
}

/// A whole number, also when written as 20.0.
fn whole(field: &str, value: &Value, low: u16, high: u16) -> Result<u16, Problem> {
    let number = value.as_f64().filter(|number| number.fract() == 0.0);
    match number.filter(|number| (f64::from(low)..=f64::from(high)).contains(number)) {
        Some(number) => Ok(number as u16),
        None => Err(refuse(field, value, &format!("a whole number from {low} to {high}"))),
    }
}

fn real(field: &str, value: &Value, low: u16, high: u16) -> Result<f32, Problem> {
    match value.as_f64().filter(|number| (low.into()..=high.into()).contains(number)) {
        Some(number) => Ok(number as f32),
        None => Err(refuse(field, value, &format!("a number from {low} to {high}"))),
    }
}

fn side(field: &str, value: Value) -> Result<u32, Problem> {
    match whole(field, &value, 64, PICTURE_SIDE_MAX as u16) {
        Ok(side) if side.is_multiple_of(64) => Ok(side.into()),
        _ => Err(refuse(field, &value, &format!("a multiple of 64 from 64 to {PICTURE_SIDE_MAX}"))),
    }
}

const SEED: &str = "a whole number from 0 to 18446744073709551615";
const SCHEDULER: &str = "ddim, ddpm, euler, euler_ancestral, heun, dpmpp_2m, dpmpp_2m_sde, unipc or lcm";
const MASK: &str = "the lengths of runs of cells in hexadecimal";
const SIGMAS: &str = "model, karras or exponential";

/// Where the noise comes from. The same seed and settings give the same picture again.
///
/// Travels as decimal text, since JavaScript loses integers above 2^53; a number is read too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Serialize for Seed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seed = match Value::deserialize(deserializer)? {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64(),
        };
        seed.map(Seed).ok_or_else(|| D::Error::custom(format_args!("seed: give {SEED}")))
    }
}

/// How the noise is taken away, step by step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheduler {
    /// Song et al., "Denoising Diffusion Implicit Models", 2020.
    #[default]
    Ddim,
    /// Ho et al., "Denoising Diffusion Probabilistic Models", 2020.
    Ddpm,
    /// Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models", 2022.
    Euler,
    /// Euler steps with fresh noise.
    EulerAncestral,
    /// Karras et al. 2022, of second order: twice the work a step.
    Heun,
    /// Lu et al., "DPM-Solver++", 2022, of second order.
    #[serde(rename = "dpmpp_2m")]
    DpmPp2m,
    /// The same with fresh noise.
    #[serde(rename = "dpmpp_2m_sde")]
    DpmPp2mSde,
    /// Zhao et al., "UniPC", 2023.
    #[serde(rename = "unipc")]
    UniPc,
    /// Luo et al., "Latent Consistency Models", 2023: for checkpoints distilled to them.
    Lcm,
}

impl Scheduler {
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

    /// The name that people know it by.
    pub fn title(self) -> &'static str {
        match self {
            Self::Ddim => "DDIM",
            Self::Ddpm => "DDPM",
            Self::Euler => "Euler",
            Self::EulerAncestral => "Euler a",
            Self::Heun => "Heun",
            Self::DpmPp2m => "DPM++ 2M",
            Self::DpmPp2mSde => "DPM++ 2M SDE",
            Self::UniPc => "UniPC",
            Self::Lcm => "LCM",
        }
    }
}

/// How the noise levels of the steps are spaced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sigmas {
    /// As the model's configuration says.
    #[default]
    Model,
    /// Karras et al. 2022, formula 5.
    Karras,
    /// Even in the logarithm.
    Exponential,
}
