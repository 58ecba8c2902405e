//! What the worker pulls: the sampler, or in tests a double whose steps the test lets go.

use super::About;
use sampler::{Decoder, Model, Picture, QuantisedLatent, Request, Run, SampleError, Stepped};
use std::path::Path;
use tch::Device;

/// Starts runs; see [`Model`].
pub trait Sampling {
    /// # Errors
    /// If a setting does not suit the model.
    fn start<'m>(&'m self, request: &Request) -> Result<Box<dyn Sample + 'm>, SampleError>;
}

/// Pictures in the making; see [`Run`].
pub trait Sample {
    /// # Errors
    /// If the arithmetic fails; the run is over then.
    fn step(&mut self, still_wanted: &dyn Fn() -> bool) -> Result<Stepped, SampleError>;
    /// # Errors
    /// If there is no such picture.
    fn preview(&self, picture: usize) -> Result<QuantisedLatent, SampleError>;
    /// # Errors
    /// If the arithmetic fails.
    fn finish(self: Box<Self>) -> Result<Vec<Picture>, SampleError>;
}

/// Turns previews into pictures on a thread of its own; see [`Decoder`].
pub trait Decode: Send {
    /// # Errors
    /// If the bytes are no latent of this model.
    fn decode(&self, latent: &QuantisedLatent) -> Result<Picture, SampleError>;
}

/// A loaded model. It stays on the thread that loaded it, apart from its decoder.
pub struct Engine {
    pub sampling: Box<dyn Sampling>,
    pub decode: Box<dyn Decode>,
    pub about: About,
}

impl Engine {
    /// Loads a model folder.
    ///
    /// # Errors
    /// If the folder holds no model of a kind that is known.
    pub fn load(folder: &Path, device: Device) -> Result<Self, sampler::LoadError> {
        let model = Model::load(folder, device)?;
        let about = About::of(&model, device);
        Ok(Self { decode: Box::new(model.decoder()?), sampling: Box::new(model), about })
    }
}

impl Sampling for Model {
    fn start<'m>(&'m self, request: &Request) -> Result<Box<dyn Sample + 'm>, SampleError> {
        Model::start(self, request).map(|run| Box::new(run) as Box<dyn Sample + 'm>)
    }
}

impl Sample for Run<'_> {
    fn step(&mut self, still_wanted: &dyn Fn() -> bool) -> Result<Stepped, SampleError> {
        Run::step(self, still_wanted)
    }

    fn preview(&self, picture: usize) -> Result<QuantisedLatent, SampleError> {
        Run::preview(self, picture)
    }

    fn finish(self: Box<Self>) -> Result<Vec<Picture>, SampleError> {
        Run::finish(*self)
    }
}

impl Decode for Decoder {
    fn decode(&self, latent: &QuantisedLatent) -> Result<Picture, SampleError> {
        Decoder::decode(self, latent)
    }
}
