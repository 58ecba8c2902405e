//! Either kind of autoencoder behind one face, with the scaling that the UNet's latents have.

use crate::LoadError;
use crate::autoencoder_kl::{AutoencoderKl, AutoencoderKlConfig};
use crate::autoencoder_tiny::{AutoencoderTiny, AutoencoderTinyConfig};
use crate::config;
use crate::error::{Interrupted, ask, unasked};
use crate::weights::Weights;
use serde::Deserialize;
use std::path::Path;
use tch::Tensor;

/// Which network `vae/config.json` describes.
#[derive(Clone, Debug)]
pub enum AutoencoderConfig {
    Tiny(AutoencoderTinyConfig),
    Kl(AutoencoderKlConfig),
}

/// The network itself.
pub enum Autoencoder {
    Tiny(Box<AutoencoderTiny>),
    Kl(Box<AutoencoderKl>),
}

impl AutoencoderConfig {
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        #[derive(Deserialize)]
        struct Class {
            #[serde(rename = "_class_name")]
            name: String,
        }
        match config::read::<Class>(path)?.name.as_str() {
            "AutoencoderTiny" => Ok(Self::Tiny(config::read(path)?)),
            "AutoencoderKL" => Ok(Self::Kl(config::read(path)?)),
            other => {
                let why = format!("is {other:?}; \"AutoencoderKL\" and \"AutoencoderTiny\" are supported");
                Err(LoadError::config(path, "_class_name", why))
            }
        }
    }

    /// Pixels per latent along one side.
    pub fn scale(&self) -> i64 {
        match self {
            Self::Tiny(tiny) => tiny.scale(),
            Self::Kl(kl) => kl.scale(),
        }
    }

    pub fn latent_channels(&self) -> i64 {
        match self {
            Self::Tiny(tiny) => tiny.latent_channels,
            Self::Kl(kl) => kl.latent_channels,
        }
    }
}

impl Autoencoder {
    pub fn new(weights: &Weights, config: &AutoencoderConfig) -> Result<Self, LoadError> {
        Ok(match config {
            AutoencoderConfig::Tiny(config) => Self::Tiny(Box::new(AutoencoderTiny::new(weights, config)?)),
            AutoencoderConfig::Kl(config) => Self::Kl(Box::new(AutoencoderKl::new(weights, config)?)),
        })
    }

    /// Pixels per latent along one side.
    pub fn scale(&self) -> i64 {
        match self {
            Self::Tiny(tiny) => tiny.config().scale(),
            Self::Kl(kl) => kl.config().scale(),
        }
    }

    pub fn latent_channels(&self) -> i64 {
        match self {
            Self::Tiny(tiny) => tiny.config().latent_channels,
            Self::Kl(kl) => kl.config().latent_channels,
        }
    }

    /// Channels of its widest layer at the size of pictures.
    pub fn widest(&self) -> i64 {
        match self {
            Self::Tiny(tiny) => tiny.config().widest(),
            Self::Kl(kl) => kl.config().block_out_channels[0],
        }
    }

    /// Pictures [B, 3, H, W] in -1..1 to latents as the network gives them (the mode, unscaled).
    pub fn encode(&self, pictures: &Tensor) -> Tensor {
        unasked(|wanted| self.encode_while(pictures, wanted))
    }

    /// As `encode`, asking between blocks whether the result is still wanted.
    pub fn encode_while(
        &self,
        pictures: &Tensor,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Tensor, Interrupted> {
        match self {
            // A moment's work.
            Self::Tiny(tiny) => ask(still_wanted).map(|()| tiny.encode(pictures)),
            Self::Kl(kl) => kl.encode_while(pictures, still_wanted),
        }
    }

    /// The network's latents to the scale that the UNet works in.
    pub fn to_model(&self, latents: &Tensor) -> Tensor {
        let (scale, shift) = self.scaling();
        (latents - shift) * scale
    }

    /// Latents in the UNet's scale to pictures [B, 3, H, W], about -1..1 and not clamped.
    pub fn decode(&self, latents: &Tensor) -> Tensor {
        unasked(|wanted| self.decode_while(latents, wanted))
    }

    /// As `decode`, asking between blocks whether the result is still wanted.
    pub fn decode_while(
        &self,
        latents: &Tensor,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Tensor, Interrupted> {
        let (scale, shift) = self.scaling();
        let latents = latents / scale + shift;
        match self {
            Self::Tiny(tiny) => ask(still_wanted).map(|()| tiny.decode(&latents)),
            Self::Kl(kl) => kl.decode_while(&latents, still_wanted),
        }
    }

    fn scaling(&self) -> (f64, f64) {
        match self {
            Self::Tiny(tiny) => (tiny.config().scaling_factor, tiny.config().shift_factor),
            Self::Kl(kl) => (kl.config().scaling_factor, kl.config().shift_factor.unwrap_or(0.0)),
        }
    }
}
