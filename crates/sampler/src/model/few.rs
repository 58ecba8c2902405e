//! The distilled half of a model: a UNet for few steps, and if it brings one an autoencoder to match.

use super::companion::Limit;
use super::pixels::{Pixels, Source};
use super::suit;
use crate::LoadError;
use crate::config;
use crate::reading::Reading;
use crate::unet::{Replays, UNet, UNetConfig};
use crate::weights::Weights;
use std::path::Path;
use std::time::Duration;
use tch::{Device, Kind, Tensor};

pub(super) struct Few {
    weights: Weights<'static>,
    pub unet: UNet,
    /// Passes that a GPU has recorded.
    pub replays: Replays,
    pub kind: Kind,
    /// Threads for one pass, where fewer than all are faster.
    pub threads: Option<i32>,
    source: Source,
    /// The smaller autoencoder, for pictures that follow the pen; more steps are worth the whole one.
    pub pixels: Pixels,
    pub quick_steps: u32,
    device: Device,
}

impl Few {
    /// Reads `unet_distilled`, and `vae_distilled` or else `vae`, which serves up to `quick_steps` steps.
    pub fn read(folder: &Path, quick_steps: u32, device: Device) -> Result<Self, LoadError> {
        let kind = Kind::Float;
        let config: UNetConfig = config::read(&folder.join("unet_distilled/config.json"))?;
        let weights = Weights::open_part(
            &folder.join("unet_distilled"),
            "diffusion_pytorch_model",
            &Reading::exact(device),
        )?;
        let smaller = folder.join("vae_distilled");
        let vae = if smaller.is_dir() { smaller } else { folder.join("vae") };
        let source = Source::of_part(&vae, device)?.encoding_quickly(true);
        let (unet, pixels) = (UNet::new(&weights, &config)?, source.pixels()?);
        Ok(Self {
            weights,
            unet,
            replays: Replays::default(),
            kind,
            threads: None,
            source,
            pixels,
            quick_steps,
            device,
        })
    }

    /// Another view of the autoencoder, for another thread.
    pub fn other_pixels(&self) -> Result<Pixels, LoadError> {
        self.source.pixels()
    }

    /// Finds, by trying, in which kind and with how many threads a pass is fastest.
    pub fn suit(&mut self) -> Result<(), LoadError> {
        self.source.suit()?;
        self.pixels = self.source.pixels()?;
        if self.device.is_cuda() {
            self.kind = suit::cheaper(self.device);
            self.unet = UNet::new(&self.weights.to_kind(self.kind), self.unet.config())?;
            return Ok(());
        }
        let all = tch::get_num_threads();
        let mut least = Duration::MAX;
        for kind in [Kind::Float, Kind::BFloat16] {
            let unet = UNet::new(&self.weights.to_kind(kind), self.unet.config())?;
            let time = |threads: i32| {
                let _limit = Limit::to(threads);
                suit::quickest(|| drop(pass(&unet, kind, self.device)))
            };
            let (alone, together) = (time(1), if all > 1 { time(all) } else { Duration::MAX });
            if alone.min(together) < least {
                least = alone.min(together);
                self.threads = (alone <= together && all > 1).then_some(1);
                (self.unet, self.kind) = (unet, kind);
            }
        }
        Ok(())
    }
}

fn pass(unet: &UNet, kind: Kind, device: Device) -> Tensor {
    let config = unet.config();
    let side = config.sample_size.unwrap_or(32).clamp(8, 64);
    let sample = Tensor::zeros([1, config.in_channels, side, side], (kind, device));
    let words = Tensor::zeros([1, 77, config.cross_attention_dim.get(0)], (kind, device));
    unet.forward(&sample, &Tensor::from_slice(&[500_i64]).to_device(device), &words)
}
