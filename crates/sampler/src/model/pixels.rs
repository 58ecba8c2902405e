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
    pub(super) autoencoder: Autoencoder,
    device: Device,
    kind: Kind,
}

/// What autoencoders are made of.
pub(super) struct Source {
    weights: Weights<'static>,
    config: AutoencoderConfig,
    device: Device,
    kind: Kind,
}

impl Source {
    /// Reads a part of a diffusers folder, for float32.
    pub fn read(folder: &Path, device: Device) -> Result<Self, LoadError> {
        let config = AutoencoderConfig::read(&folder.join("config.json"))?;
        let weights = Weights::open_part(folder, "diffusion_pytorch_model", device, Kind::Float)?;
        Ok(Self { weights, config, device, kind: Kind::Float })
    }

    pub fn pixels(&self) -> Result<Pixels, LoadError> {
        let autoencoder = Autoencoder::new(&self.weights, &self.config)?;
        Ok(Pixels { autoencoder, device: self.device, kind: self.kind })
    }

    /// Changes to bfloat16 where it decodes faster.
    pub fn suit(&mut self) -> Result<(), LoadError> {
        let half = Self {
            weights: self.weights.to_kind(Kind::BFloat16),
            config: self.config.clone(),
            kind: Kind::BFloat16,
            ..*self
        };
        let time = |source: &Self| -> Result<_, LoadError> {
            let pixels = source.pixels()?;
            // Large enough to tell, small enough not to be waited for.
            let latents =
                Tensor::zeros([1, pixels.autoencoder.latent_channels(), 16, 16], (Kind::Float, self.device));
            Ok(suit::quickest(|| drop(pixels.decoded(&latents))))
        };
        if time(&half)? < time(self)? {
            *self = half;
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
        self.autoencoder.encode(&self.suited(pictures)).to_kind(Kind::Float)
    }

    pub(super) fn decoded(&self, latents: &Tensor) -> Tensor {
        self.autoencoder.decode(&self.suited(latents)).to_kind(Kind::Float)
    }

    /// Channels innermost in bfloat16, which convolutions keep: a third faster there.
    fn suited(&self, x: &Tensor) -> Tensor {
        match self.kind {
            Kind::BFloat16 => x.to_kind(self.kind).permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2]),
            kind => x.to_kind(kind),
        }
    }
}
