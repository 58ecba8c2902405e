//! What a checkpoint, or what may be added to one, would be: told from headers and configurations alone.

use crate::card::{self, ModelCard};
use crate::checkpoint::Checkpoint;
use crate::error::caught;
use crate::layout::{self, Inputs, Parts};
use crate::lora::{self, Lora};
use crate::reading::Reading;
use crate::unet::UNetConfig;
use crate::{Family, LoadError, Sidecar};
use std::path::Path;
use tch::{Device, Kind, no_grad};

/// What a file or a folder holds.
pub enum Found {
    Checkpoint(Description),
    Control(ControlDescription),
    Lora(Lora),
}

impl Found {
    /// Recognised by what is in it, never by its name. Reads no weights.
    ///
    /// # Errors
    /// If it holds none of these.
    pub fn of(path: &Path) -> Result<Self, LoadError> {
        if path.is_dir() {
            return match path.join("unet").is_dir() {
                true => Description::of(path).map(Self::Checkpoint),
                false => ControlDescription::of(path).map(Self::Control),
            };
        }
        let file = Checkpoint::open(path)?;
        if file.names().any(lora::is_change) {
            return Lora::open(path).map(Self::Lora);
        }
        match layout::is_control(&file) {
            true => ControlDescription::of(path).map(Self::Control),
            false => Description::of(path).map(Self::Checkpoint),
        }
    }
}

/// A ControlNet that was not loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlDescription {
    /// The checkpoints that it is for.
    pub family: Family,
    /// What is read from the disk to load it.
    pub bytes: u64,
    /// Numbers that it holds.
    elements: u64,
}

impl ControlDescription {
    /// Of a ControlNet as [`crate::Control::load`] takes it. Reads no weights.
    ///
    /// # Errors
    /// If the file or folder is none.
    pub fn of(path: &Path) -> Result<Self, LoadError> {
        let read = || {
            let parts = layout::open_control(path, &Reading::exact(Device::Cpu))?;
            no_grad(|| parts.check()).map_err(|why| why.within(path))?;
            let (bytes, elements) = parts.size;
            Ok(Self { family: Family::beside(&parts.config)?, bytes, elements })
        };
        caught(read).unwrap_or_else(|why| Err(LoadError::Panicked { path: path.into(), why }))
    }

    /// Bytes of memory for its weights in `kind`.
    pub fn memory(&self, kind: Kind) -> u64 {
        self.elements * kind.elt_size_in_bytes() as u64
    }
}

/// A checkpoint that was not loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    pub card: ModelCard,
    /// What ControlNets and LoRAs may be made for it.
    pub family: Family,
    /// What is read from the disk to load it.
    pub bytes: u64,
    /// Numbers that it holds.
    elements: u64,
}

impl Description {
    /// Of a checkpoint as [`crate::Model::load`] takes it. Reads no weights.
    ///
    /// # Errors
    /// If the file or folder is none of a kind that is known, or not whole. Values that are no numbers are found only when they
    /// are read.
    pub fn of(path: &Path) -> Result<Self, LoadError> {
        match caught(|| Self::read(path)) {
            Ok(description) => description,
            Err(why) => Err(LoadError::Panicked { path: path.into(), why }),
        }
    }

    fn read(path: &Path) -> Result<Self, LoadError> {
        let parts = layout::open(path, &Reading::exact(Device::Cpu))?;
        let inputs = no_grad(|| parts.fit_together()).map_err(|why| why.within(path))?;
        let sketch_conditioned = inputs == Inputs::WithCanvas;
        let (unet, _) = &parts.unet;
        let sidecar = sidecar(path, &parts, unet);
        let family = Family::of(unet, parts.autoencoder.0.scale())?;
        let (bytes, elements) = parts.size;
        Ok(Self { card: card(sidecar, sketch_conditioned), family, bytes, elements })
    }

    /// Whether it is large enough that a step is spent on products of matrices: the size of Stable Diffusion's, not
    /// of our own.
    pub fn is_large(&self) -> bool {
        self.elements > 100_000_000
    }

    /// # Errors
    /// If there is less memory free than its weights take.
    pub fn ensure_room(&self, kind: Kind, device: Device) -> Result<(), LoadError> {
        let (needed, free) = (self.memory(kind), crate::memory::free(device));
        if needed > free {
            Err(LoadError::Room { name: self.card.name.clone(), needed, free })
        } else {
            Ok(())
        }
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
