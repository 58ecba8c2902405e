//! What the worker pulls: the sampler, or in tests a double whose steps the test lets go.

use super::About;
use super::previews;
use super::shelf::{Shelf, Told};
use crate::models::Models;
use sampler::{
    Decoder, Defaults, Description, Distilled, Model, Picture, Pixels, QuantisedLatent, Reading, Request,
    Run, SampleError, Stepped,
};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tch::{Device, Tensor};
use wire::{LiveInfo, Spec};

/// Starts runs; see [`Model`].
pub trait Sampling {
    /// From now on runs are of this job's model, with what the job adds to it. Not while there are runs. Gives how the
    /// model's previews are shown; nothing for the own one's.
    ///
    /// # Errors
    /// If there is no such model, it does not fit, or what is to be added is not there or for another model.
    fn prepare(&mut self, _spec: &Spec, _told: &Told) -> Result<Option<Arc<Shown>>, SampleError> {
        Ok(None)
    }

    /// Whether a run of this job could begin without that anything is read.
    fn is_ready(&self, spec: &Spec) -> bool {
        spec.model.is_empty()
    }

    /// From now on runs are of the own model, as it is.
    fn own(&mut self) {}

    /// # Errors
    /// If a setting does not suit the model, or the run is no longer wanted.
    fn start<'m>(
        &'m self,
        request: &Request,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Box<dyn Sample + 'm>, SampleError>;
}

/// Pictures in the making; see [`Run`].
pub trait Sample {
    /// # Errors
    /// If the arithmetic fails; the run is over then.
    fn step(&mut self, still_wanted: &dyn Fn() -> bool) -> Result<Stepped, SampleError>;
    /// # Errors
    /// If there is no such picture.
    fn preview(&self, picture: usize) -> Result<QuantisedLatent, SampleError>;
    /// The latents as they stand, for [`Picturing`].
    fn latents(&self) -> Tensor;
    /// # Errors
    /// If the arithmetic fails, or the pictures are no longer wanted.
    fn finish(self: Box<Self>, still_wanted: &dyn Fn() -> bool) -> Result<Vec<Picture>, SampleError>;
}

/// Turns previews into pictures on a thread of its own; see [`Decoder`].
pub trait Decode: Send {
    /// # Errors
    /// If the bytes are no latent of this model.
    fn decode(&self, latent: &QuantisedLatent) -> Result<Picture, SampleError>;
}

/// Turns the latents of live pictures into pictures, on a thread of its own; see [`Pixels`].
pub trait Picturing: Send {
    /// # Errors
    /// If the arithmetic fails.
    fn decode(&self, latents: &Tensor) -> Result<Picture, SampleError>;
}

/// How previews of a model are shown.
pub struct Shown {
    /// How its latents become colour.
    pub about: About,
    /// What turns them into pictures.
    pub decode: Mutex<Box<dyn Decode>>,
}

/// A loaded model. It stays on the thread that loaded it, apart from what decodes.
pub struct Engine {
    pub sampling: Box<dyn Sampling>,
    pub decode: Box<dyn Decode>,
    /// What jobs may name in its place.
    pub models: Arc<Models>,
    /// If there are to be live pictures.
    pub picturing: Option<Box<dyn Picturing>>,
    pub about: About,
}

/// What is to be loaded, and what for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// A folder in diffusers layout, or a single file.
    pub model: &'a Path,
    /// Other models that jobs may name, what may be added to one, and the bytes of memory that all may take; 0 for what suits the machine.
    pub models: &'a Arc<Models>,
    pub budget: u64,
    pub device: Device,
    /// Whether there are to be live pictures, if the model can make them.
    pub live: bool,
}

impl Engine {
    /// Loads a checkpoint, and finds out how fast its live pictures are if there are to be any.
    ///
    /// # Errors
    /// If the file or folder holds no model of a kind that is known.
    pub fn load(wanted: &Wanted) -> Result<Self, sampler::LoadError> {
        let Wanted { device, live, .. } = *wanted;
        let description = Description::of(wanted.model)?;
        let kind = wanted.models.kind(&description);
        description.ensure_room(kind, device)?;
        let mut model = Model::load(wanted.model, &Reading::exact(device).as_kind(kind))?;
        let suited = model.suit().and_then(|()| if live { model.suit_few() } else { Ok(()) });
        if let Err(error) = suited {
            tracing::warn!(%error, "everything is computed in float32");
        }
        let live = model.card().distilled.filter(|_| live).and_then(|few| draw_along(&model, few));
        let about = About::of(&model, device, live)?;
        let picturing = model.few_pixels()?.filter(|_| live.is_some());
        Ok(Self {
            decode: previews::decoder(&model, wanted.models.previews())?,
            picturing: picturing.map(|pixels| Box::new(pixels) as Box<dyn Picturing>),
            sampling: Box::new(Shelf::new(model, description.memory(kind), wanted)),
            models: wanted.models.clone(),
            about,
        })
    }
}

/// Makes a few live pictures of white paper. The first one warms up; the quickest of the others is what
/// the machine can do when nobody disturbs it.
fn draw_along(model: &Model, few: Distilled) -> Option<LiveInfo> {
    let Defaults { width, height, .. } = model.card().defaults;
    let paper = Picture { width, height, rgb: vec![255; (width * height * 3) as usize] };
    let request = Request {
        steps: few.live_steps(),
        distilled: true,
        width,
        height,
        canvas: Some(paper),
        ..Request::default()
    };
    let picture = || {
        let begun = Instant::now();
        let mut run = Model::start(model, &request)?;
        while run.done() < run.total() {
            Run::step(&mut run, &|| true)?;
        }
        Run::finish(run)?;
        Ok(begun.elapsed().as_secs_f32() * 1_000.0)
    };
    let times: Result<Vec<f32>, SampleError> = (0..4).map(|_| picture()).collect();
    match times {
        Ok(times) => {
            let picture_ms = times[1..].iter().copied().fold(f32::MAX, f32::min);
            Some(LiveInfo { steps: few.live_steps() as u16, picture_ms })
        }
        Err(error) => {
            tracing::error!(%error, "this model has no live pictures");
            None
        }
    }
}

impl Sample for Run<'_> {
    fn step(&mut self, still_wanted: &dyn Fn() -> bool) -> Result<Stepped, SampleError> {
        Run::step(self, still_wanted)
    }

    fn preview(&self, picture: usize) -> Result<QuantisedLatent, SampleError> {
        Run::preview(self, picture)
    }

    fn latents(&self) -> Tensor {
        Run::latents(self)
    }

    fn finish(self: Box<Self>, still_wanted: &dyn Fn() -> bool) -> Result<Vec<Picture>, SampleError> {
        Run::finish_while(*self, still_wanted)
    }
}

impl Picturing for Pixels {
    fn decode(&self, latents: &Tensor) -> Result<Picture, SampleError> {
        Pixels::decode(self, latents)
    }
}

impl Decode for Decoder {
    fn decode(&self, latent: &QuantisedLatent) -> Result<Picture, SampleError> {
        Decoder::decode(self, latent)
    }
}
