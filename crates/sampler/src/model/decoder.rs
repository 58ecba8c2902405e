//! Pictures from quantised latents, on a thread of their own.

use crate::SampleError;
use crate::autoencoder::Autoencoder;
use crate::error::caught;
use crate::picture::Picture;
use crate::preview::{LatentRgb, QuantisedLatent};
use tch::{Device, Kind};

/// The autoencoder's second half beside the thread that samples. It is Send and shares the weights.
pub struct Decoder {
    autoencoder: Autoencoder,
    map: LatentRgb,
    device: Device,
    kind: Kind,
}

impl Decoder {
    pub(super) fn new(autoencoder: Autoencoder, map: LatentRgb, device: Device, kind: Kind) -> Self {
        Self { autoencoder, map, device, kind }
    }

    /// The picture that a preview stands for.
    pub fn decode(&self, latent: &QuantisedLatent) -> Result<Picture, SampleError> {
        let channels = self.autoencoder.latent_channels();
        if i64::from(latent.channels) != channels {
            let why = format!("has {} channels; {channels} are needed", latent.channels);
            return Err(SampleError::setting("latent", why));
        }
        let needed = u128::from(latent.channels) * u128::from(latent.width) * u128::from(latent.height);
        if needed == 0 || needed != latent.data.len() as u128 {
            let why = format!("holds {} bytes; its size says {needed}", latent.data.len());
            return Err(SampleError::setting("latent", why));
        }
        let picture = caught(|| {
            tch::no_grad(|| {
                let latent = self.map.restore(latent, self.device, self.kind);
                Picture::from_tensor(&self.autoencoder.decode(&latent).get(0))
            })
        });
        picture.map_err(SampleError::Torch)?.ok_or(SampleError::NotFinite { what: "decoded preview" })
    }
}
