//! What a picture is to be made from, beside the canvas. Every value is checked when it is
//! made, so whatever holds a [`Spec`] may use it as it is.

use crate::{Problem, limits::PROMPT_MAX};
use serde::{Deserialize, Serialize};

/// What the client asks for, as it comes in: any number may be anything.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct RawSpec {
    prompt: String,
    negative: String,
    steps: f64,
    guidance: f64,
    strength: f64,
    seed: Seed,
    scheduler: Scheduler,
    width: f64,
    height: f64,
    pictures: f64,
}

/// Settings of one job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "RawSpec")]
pub struct Spec {
    /// What the picture shows; at most [`PROMPT_MAX`] bytes, no control characters.
    pub prompt: String,
    /// What it does not show.
    pub negative: String,
    /// Sampling steps, 1 to 150.
    pub steps: u16,
    /// Classifier-free guidance scale, 0 to 30; 1 and less means one pass without guidance.
    pub guidance: f32,
    /// How far from the canvas the picture may go, 0 to 1; at 1 it starts from pure noise.
    pub strength: f32,
    pub seed: Seed,
    pub scheduler: Scheduler,
    /// Size of the picture in pixels, a multiple of 64 from 64 to 1024.
    pub width: u32,
    pub height: u32,
    /// Variations in this job, 1 to 4; picture `i` uses seed + i.
    pub pictures: u16,
}

impl Default for Spec {
    fn default() -> Self {
        Self {
            prompt: String::new(),
            negative: String::new(),
            steps: 20,
            guidance: 3.0,
            strength: 1.0,
            seed: Seed(0),
            scheduler: Scheduler::Ddim,
            width: 256,
            height: 256,
            pictures: 1,
        }
    }
}

impl Default for RawSpec {
    fn default() -> Self {
        let spec = Spec::default();
        Self {
            prompt: spec.prompt,
            negative: spec.negative,
            steps: spec.steps.into(),
            guidance: spec.guidance.into(),
            strength: spec.strength.into(),
            seed: spec.seed,
            scheduler: spec.scheduler,
            width: spec.width.into(),
            height: spec.height.into(),
            pictures: spec.pictures.into(),
        }
    }
}

impl TryFrom<RawSpec> for Spec {
    type Error = Problem;

    fn try_from(raw: RawSpec) -> Result<Self, Problem> {
        Ok(Self {
            prompt: text("prompt", raw.prompt)?,
            negative: text("negative", raw.negative)?,
            steps: whole("steps", raw.steps, 1, 150)? as u16,
            guidance: real("guidance", raw.guidance, 0.0, 30.0)?,
            strength: real("strength", raw.strength, 0.0, 1.0)?,
            seed: raw.seed,
            scheduler: raw.scheduler,
            width: side("width", raw.width)?,
            height: side("height", raw.height)?,
            pictures: whole("pictures", raw.pictures, 1, 4)? as u16,
        })
    }
}

fn text(field: &str, value: String) -> Result<String, Problem> {
    if value.len() > PROMPT_MAX {
        let given = value.len();
        return Err(Problem::invalid(
            field,
            format_args!("{given} bytes are too many; at most {PROMPT_MAX}"),
        ));
    }
    if value.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(Problem::invalid(field, "control characters are not allowed; give plain text"));
    }
    Ok(value)
}

fn whole(field: &str, value: f64, low: u32, high: u32) -> Result<u32, Problem> {
    if value.fract() == 0.0 && (f64::from(low)..=f64::from(high)).contains(&value) {
        return Ok(value as u32);
    }
    Err(Problem::invalid(
        field,
        format_args!("{value} is not allowed; give a whole number from {low} to {high}"),
    ))
}

fn real(field: &str, value: f64, low: f64, high: f64) -> Result<f32, Problem> {
    if (low..=high).contains(&value) {
        return Ok(value as f32);
    }
    Err(Problem::invalid(field, format_args!("{value} is not allowed; give a number from {low} to {high}")))
}

fn side(field: &str, value: f64) -> Result<u32, Problem> {
    let side = whole(field, value, 64, 1024)?;
    if side.is_multiple_of(64) {
        return Ok(side);
    }
    Err(Problem::invalid(
        field,
        format_args!("{value} is not allowed; give a multiple of 64 from 64 to 1024"),
    ))
}

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
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Number(u64),
        }
        let seed = match Either::deserialize(deserializer) {
            Ok(Either::Number(seed)) => Some(seed),
            Ok(Either::Text(text)) => text.parse().ok(),
            Err(_) => None,
        };
        seed.map(Seed).ok_or_else(|| {
            serde::de::Error::custom("seed: give a whole number from 0 to 18446744073709551615")
        })
    }
}

/// How the noise is taken away, step by step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheduler {
    /// Song et al., "Denoising Diffusion Implicit Models", 2020.
    #[default]
    Ddim,
    /// Karras et al., "Elucidating the Design Space of Diffusion-Based Generative Models", 2022.
    Euler,
}
