//! A ControlNet beside a model, and what it says in one run.

use super::run::{rows, told_time};
use super::words::Told;
use super::{Model, Request};
use crate::error::{Interrupted, caught};
use crate::layout;
use crate::reading::Reading;
use crate::unet::{ControlNet, Residuals, TextKeys};
use crate::weights::Weights;
use crate::{Family, LoadError};
use std::path::{Path, PathBuf};
use tch::{Kind, Tensor, no_grad};

/// A ControlNet that was read. A model of its family may have it, one at a time.
pub struct Control {
    path: PathBuf,
    network: ControlNet,
    pub(super) weights: Weights<'static>,
    kind: Kind,
}

impl Control {
    /// Reads a ControlNet: a folder in diffusers layout (`config.json` and weights), or a single file, whose tensors
    /// are named as diffusers does or as the original code did.
    ///
    /// # Errors
    /// If it is none.
    pub fn load(path: &Path, reading: &Reading) -> Result<Self, LoadError> {
        let read = || -> Result<_, LoadError> {
            let parts = layout::open_control(path, reading)?;
            Ok((ControlNet::new(&parts.weights, &parts.config)?, parts.weights))
        };
        let (network, weights) = match caught(|| no_grad(read)) {
            Ok(read) => read?,
            Err(why) => return Err(LoadError::Panicked { path: path.into(), why }),
        };
        Ok(Self { path: path.into(), network, weights, kind: reading.kind })
    }

    fn check(&self, model: &Model) -> Result<(), LoadError> {
        let unknown = |why: &str| LoadError::Unknown { path: self.path.clone(), why: why.to_owned() };
        if Family::beside(self.network.config())? != model.family()? {
            return Err(unknown("it is a ControlNet for another family of checkpoints"));
        }
        if self.kind != model.kind {
            return Err(unknown("it was read in another precision than the checkpoint"));
        }
        Ok(())
    }
}

impl Model {
    /// From now on the canvas steers each step through this ControlNet, or through none. Gives back the one before.
    ///
    /// # Errors
    /// If it is for another family, or was read as another kind than the model, which has none then.
    pub fn steer(&mut self, control: Option<Control>) -> Result<Option<Control>, LoadError> {
        let before = self.control.take();
        control.as_ref().map_or(Ok(()), |control| control.check(self))?;
        self.control = control;
        Ok(before)
    }

    /// What ControlNets and LoRAs may be made for it.
    ///
    /// # Errors
    /// Not for a model that could be loaded.
    pub fn family(&self) -> Result<Family, LoadError> {
        Family::of(self.unet.config(), self.pixels.autoencoder.scale())
    }
}

/// All that is constant in a run.
pub(super) struct Steering<'m> {
    control: &'m ControlNet,
    /// The drawing at the size of latents, [1, C, h, w].
    seen: Tensor,
    /// Embeddings of every step, [steps, 4 C].
    times: Tensor,
    added: Option<Tensor>,
    keys: TextKeys,
    scale: f64,
}

impl<'m> Steering<'m> {
    /// For passes of `told`, each for so many pictures; none without a drawing or a ControlNet.
    pub fn new(
        model: &'m Model,
        request: &Request,
        told: &[&Told],
        timesteps: &Tensor,
        sizes: &Tensor,
    ) -> Option<Self> {
        let control = &model.control.as_ref().filter(|_| !request.distilled)?.network;
        let kind = model.kind;
        let drawing = match (&request.control, &request.canvas) {
            // Shown as it is.
            (Some(picture), _) => (picture.to_tensor(model.device, Kind::Float) / 2.0 + 0.5).to_kind(kind),
            (None, Some(canvas)) => canvas.to_lines(model.device, kind),
            (None, None) => return None,
        };
        let Told { words, pooled } = Told::batch(told, request.seeds.len() as i64, kind);
        Some(Self {
            control,
            seen: control.see(&drawing),
            times: control.embed_time(timesteps, kind),
            added: pooled.and_then(|pooled| control.embed_added(&pooled, sizes)),
            keys: control.text_keys(&words),
            scale: request.control_scale.into(),
        })
    }

    /// What is added in step `index` to a pass over `count` rows from the `first` of `latents` [B, C, h, w], as the network
    /// expects them.
    pub fn residuals(
        &self,
        latents: &Tensor,
        index: usize,
        (first, count): (i64, i64),
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Residuals, Interrupted> {
        let time = told_time(&self.times, index, self.added.as_ref());
        let (latents, time) = (latents.narrow(0, first, count), rows(&time, first, count));
        let keys = self.keys.rows(first, count);
        self.control.forward_while(&latents, &self.seen, &time, &keys, self.scale, still_wanted)
    }
}
