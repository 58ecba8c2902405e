//! Pictures from quantised latents, on a thread of their own.

use super::pixels::{self, Pixels};
use super::tiny::Tiny;
use crate::SampleError;
use crate::picture::Picture;
use crate::preview::{LatentRgb, QuantisedLatent};
use tch::{Device, Kind};

/// The autoencoder's second half beside the thread that samples. It is Send and shares the weights.
pub struct Decoder {
    by: By,
    map: LatentRgb,
    device: Device,
}

/// What decodes.
pub(super) enum By {
    /// The model's own autoencoder.
    All(Pixels),
    Tiny(Tiny),
}

impl Decoder {
    pub(super) fn new(by: By, map: LatentRgb, device: Device) -> Self {
        Self { by, map, device }
    }

    /// The picture that a preview stands for.
    pub fn decode(&self, latent: &QuantisedLatent) -> Result<Picture, SampleError> {
        let channels = match &self.by {
            By::All(pixels) => pixels.autoencoder.latent_channels(),
            By::Tiny(tiny) => tiny.latent_channels(),
        };
        if i64::from(latent.channels) != channels {
            let why = format!("has {} channels; {channels} are needed", latent.channels);
            return Err(SampleError::setting("latent", why));
        }
        let needed = u128::from(latent.channels) * u128::from(latent.width) * u128::from(latent.height);
        if needed == 0 || needed != latent.data.len() as u128 {
            let why = format!("holds {} bytes; its size says {needed}", latent.data.len());
            return Err(SampleError::setting("latent", why));
        }
        let latents = self.map.restore(latent, self.device, Kind::Float);
        match &self.by {
            By::All(pixels) => pixels.decode(&latents),
            By::Tiny(tiny) => pixels::picture(|| tiny.decode(&latents)),
        }
    }
}
