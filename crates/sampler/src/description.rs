//! What a checkpoint would be, told from its headers and configurations alone.

use crate::card::{self, ModelCard};
use crate::error::caught;
use crate::layout::{self, Parts};
use crate::reading::Reading;
use crate::unet::UNetConfig;
use crate::{LoadError, Sidecar};
use std::path::Path;
use tch::{Device, Kind};

/// A checkpoint that was not loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    pub card: ModelCard,
    /// What is read from the disk to load it.
    pub bytes: u64,
    /// Numbers that it holds.
    elements: u64,
}

impl Description {
    /// Of a checkpoint as [`crate::Model::load`] takes it. Reads no weights.
    ///
    /// # Errors
    /// If the file or folder is none of a kind that is known. Weights that are broken or missing are found only
    /// when they are read.
    pub fn of(path: &Path) -> Result<Self, LoadError> {
        match caught(|| Self::read(path)) {
            Ok(description) => description,
            Err(why) => Err(LoadError::Panicked { path: path.into(), why }),
        }
    }

    fn read(path: &Path) -> Result<Self, LoadError> {
        let parts = layout::open(path, &Reading::exact(Device::Cpu))?;
        let (unet, _) = &parts.unet;
        unet.validate()?;
        parts.scheduler.validate()?;
        let sketch_conditioned = unet.in_channels == 2 * parts.autoencoder.0.latent_channels();
        let sidecar = sidecar(path, &parts, unet);
        let (bytes, elements) = parts.size;
        Ok(Self { card: card(sidecar, sketch_conditioned), bytes, elements })
    }

    /// Whether it is large enough that a step is spent on products of matrices: the size of Stable Diffusion's, not
    /// of our own.
    pub fn is_large(&self) -> bool {
        self.elements > 100_000_000
    }

    /// Bytes of memory for the weights, with the UNet and the text encoders in `kind`.
    pub fn memory(&self, kind: Kind) -> u64 {
        // The autoencoder is float32 whatever the others are: about a twentieth of it all.
        self.elements * kind.elt_size_in_bytes() as u64 * 21 / 20
    }
}

/// What a model of ours says of itself, or what suits such a checkpoint.
pub(crate) fn sidecar(path: &Path, parts: &Parts, unet: &UNetConfig) -> Sidecar {
    let side = unet.sample_size.unwrap_or(64).clamp(8, 128) * parts.autoencoder.0.scale();
    let foreign = || card::foreign(path, unet, &parts.scheduler, side as u32);
    parts.sidecar.clone().unwrap_or_else(foreign)
}

pub(crate) fn card(sidecar: Sidecar, sketch_conditioned: bool) -> ModelCard {
    ModelCard {
        name: sidecar.name,
        defaults: sidecar.defaults,
        sketch_conditioned,
        guides_sketch: sidecar.guides_sketch,
        styles: sidecar.styles,
        distilled: sidecar.distilled,
    }
}
