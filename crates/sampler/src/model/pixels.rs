//! Between pictures and latents, in the arithmetic that suits the machine.

use super::suit;
use crate::autoencoder::{Autoencoder, AutoencoderConfig};
use crate::error::caught;
use crate::picture::Picture;
use crate::weights::Weights;
use crate::{LoadError, SampleError};
use std::path::Path;
use tch::{Device, Kind, Tensor, no_grad};

/// An autoencoder that may work beside the thread that samples: it is Send and shares the weights.
pub struct Pixels {
    /// In float32: what encodes, unless few steps want it quick.
    pub(super) autoencoder: Autoencoder,
    /// In another kind, where that is faster.
    quick: Option<Autoencoder>,
    encodes_quickly: bool,
    device: Device,
}

/// What autoencoders are made of.
pub(super) struct Source {
    weights: Weights<'static>,
    /// The same in bfloat16, where that is faster.
    quick: Option<Weights<'static>>,
    encodes_quickly: bool,
    config: AutoencoderConfig,
    device: Device,
}

/// bfloat16 has to be this much faster to be worth its rounding: near a tie, two starts on one machine
/// would give different pictures.
const WORTH: f64 = 1.25;

impl Source {
    /// Weights in float32.
    pub fn new(config: AutoencoderConfig, weights: Weights<'static>, device: Device) -> Self {
        Self { weights, quick: None, encodes_quickly: false, config, device }
    }

    /// Reads a part of a diffusers folder.
    pub fn of_part(folder: &Path, device: Device) -> Result<Self, LoadError> {
        let config = AutoencoderConfig::read(&folder.join("config.json"))?;
        let weights = Weights::open_part(folder, "diffusion_pytorch_model", device, Kind::Float)?;
        Ok(Self::new(config, weights, device))
    }

    /// Where being quick is more than being exact, canvases too are encoded in what is faster.
    pub fn encoding_quickly(self) -> Self {
        Self { encodes_quickly: true, ..self }
    }

    pub fn pixels(&self) -> Result<Pixels, LoadError> {
        let quick = self.quick.as_ref().map(|weights| Autoencoder::new(weights, &self.config)).transpose()?;
        let autoencoder = Autoencoder::new(&self.weights, &self.config)?;
        Ok(Pixels { autoencoder, quick, encodes_quickly: self.encodes_quickly, device: self.device })
    }

    /// Decodes in bfloat16 where that is clearly faster.
    pub fn suit(&mut self) -> Result<(), LoadError> {
        let time = |source: &Self| -> Result<_, LoadError> {
            let pixels = source.pixels()?;
            let channels = pixels.autoencoder.latent_channels();
            // Large enough to tell, small enough not to be waited for.
            let latents = Tensor::zeros([1, channels, 16, 16], (Kind::Float, self.device));
            Ok(suit::quickest(|| drop(pixels.decoded(&latents))))
        };
        let trial = Self {
            weights: self.weights.clone(),
            quick: Some(self.weights.to_kind(Kind::BFloat16)),
            config: self.config.clone(),
            ..*self
        };
        if time(&trial)?.mul_f64(WORTH) <= time(self)? {
            self.quick = trial.quick;
        }
        Ok(())
    }
}

impl Pixels {
    /// A picture to latents [1, C, h, w], float32, as the network gives them (unscaled).
    ///
    /// # Errors
    /// If the byte count does not fit the size, or the arithmetic fails.
    pub fn encode(&self, picture: &Picture) -> Result<Tensor, SampleError> {
        let encode = || no_grad(|| self.encoded(&picture.to_tensor(self.device, Kind::Float)));
        caught(encode).map_err(SampleError::Torch)
    }

    /// Latents [1, C, h, w] in the UNet's scale to a picture.
    ///
    /// # Errors
    /// If what comes out is no picture, or the arithmetic fails.
    pub fn decode(&self, latents: &Tensor) -> Result<Picture, SampleError> {
        let decode = || no_grad(|| Picture::from_tensor(&self.decoded(latents).get(0)));
        let picture = caught(decode).map_err(SampleError::Torch)?;
        picture.ok_or(SampleError::NotFinite { what: "decoded picture" })
    }

    pub(super) fn encoded(&self, pictures: &Tensor) -> Tensor {
        match &self.quick {
            Some(quick) if self.encodes_quickly => quick.encode(&suited(pictures)).to_kind(Kind::Float),
            _ => self.autoencoder.encode(pictures),
        }
    }

    pub(super) fn decoded(&self, latents: &Tensor) -> Tensor {
        match &self.quick {
            Some(quick) => quick.decode(&suited(latents)).to_kind(Kind::Float),
            None => self.autoencoder.decode(latents),
        }
    }
}

/// Channels innermost in bfloat16, which convolutions keep: a third faster there.
fn suited(x: &Tensor) -> Tensor {
    x.to_kind(Kind::BFloat16).permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2])
}
