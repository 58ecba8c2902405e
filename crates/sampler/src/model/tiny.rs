//! Tiny autoencoders beside a model's own: previews of large models are decoded a hundred times quicker.

use super::fit::Patches;
use super::suit;
use super::tiles::{self, Sides};
use crate::LoadError;
use crate::autoencoder::Autoencoder;
use crate::autoencoder_tiny::{AutoencoderTinyConfig, TinyDecoder};
use crate::error::{caught, unasked};
use crate::layers::channels_last;
use crate::layout;
use crate::reading::Reading;
use crate::weights::Weights;
use std::path::{Path, PathBuf};
use tch::{Device, Kind, Tensor};

/// Less of a picture comes back from latents of another family: none of it, in truth.
const KNOWN: f64 = 0.75;

/// The decoder of a tiny autoencoder, in the kind that is fastest here.
pub(super) struct Tiny {
    decoder: TinyDecoder,
    config: AutoencoderTinyConfig,
    kind: Kind,
    device: Device,
}

/// Those of `paths` that were made for the latents of this autoencoder, with the share of a picture that comes back;
/// and why others could not be read.
pub(super) fn that_know<'m>(
    paths: &[PathBuf],
    autoencoder: &Autoencoder,
    patches: impl Fn() -> &'m Patches,
    device: Device,
) -> (Vec<(f64, Tiny)>, Vec<LoadError>) {
    let (mut known, mut unread) = (Vec::new(), Vec::new());
    for path in paths {
        let read = caught(|| Tiny::read(path, device));
        let tiny = match read.unwrap_or_else(|why| Err(LoadError::Panicked { path: path.clone(), why })) {
            Ok(tiny) => tiny,
            Err(why) => {
                unread.push(why);
                continue;
            }
        };
        let (scale, channels) = (tiny.config.scale(), tiny.config.latent_channels);
        if (scale, channels) != (autoencoder.scale(), autoencoder.latent_channels()) {
            continue;
        }
        match caught(|| patches().share_restored(|latents| tiny.decode(latents))) {
            Ok(share) if share >= KNOWN => known.push((share, tiny)),
            Ok(_) => {}
            Err(why) => unread.push(LoadError::Panicked { path: path.clone(), why }),
        }
    }
    (known, unread)
}

impl Tiny {
    fn read(path: &Path, device: Device) -> Result<Self, LoadError> {
        let (config, weights) = layout::open_tiny(path, &Reading::exact(device))?;
        let made = |weights: &Weights, kind: Kind| {
            let decoder = TinyDecoder::new(weights, &config)?;
            Ok::<_, LoadError>(Self { decoder, config: config.clone(), kind, device })
        };
        let (exact, kind) = (made(&weights, Kind::Float)?, suit::cheaper(device));
        let quick = made(&weights.to_kind(kind), kind)?;
        if device.is_cuda() {
            return Ok(quick);
        }
        let latents = Tensor::zeros([1, config.latent_channels, 16, 16], (Kind::Float, device));
        let time = |tiny: &Self| suit::quickest(|| drop(tiny.decode(&latents)));
        // What this processor lacks is no reason to fail.
        let is_quick = caught(|| time(&quick).mul_f64(suit::WORTH) <= time(&exact)).unwrap_or(false);
        Ok(if is_quick { quick } else { exact })
    }

    /// Latents [1, C, h, w] in the UNet's scale to pictures, about -1..1.
    pub fn decode(&self, latents: &Tensor) -> Tensor {
        let AutoencoderTinyConfig { scaling_factor, shift_factor, .. } = self.config;
        let latents = latents / scaling_factor + shift_factor;
        let decode =
            |x: &Tensor| self.decoder.decode(&channels_last(&x.to_kind(self.kind))).to_kind(Kind::Float);
        let (scale, widest) = (self.config.scale(), self.config.widest());
        unasked(|_| {
            tiles::fitting(&latents, Sides { given: 1, made: scale }, widest, self.device, |x| Ok(decode(x)))
        })
    }

    pub fn latent_channels(&self) -> i64 {
        self.config.latent_channels
    }
}
