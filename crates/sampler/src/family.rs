//! What checkpoints have in common that the same ControlNets and LoRAs are made for.

use crate::LoadError;
use crate::unet::{ControlNetConfig, UNetConfig};

/// The sizes of a checkpoint's UNet. Fine-tunes of one checkpoint have the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    stages: Vec<Stage>,
    /// Channels of the latents, and pixels of one position along a side.
    latents: i64,
    scale: i64,
    /// Whether it is given the latents of a picture beside the noisy ones, and needs no ControlNet.
    sees: bool,
    /// What is told beside the words (see [`UNetConfig::addition`]).
    added: Option<(i64, i64)>,
}

/// One of the sizes that a UNet works at, from the finest.
#[derive(Clone, Debug, PartialEq)]
struct Stage {
    channels: i64,
    layers: i64,
    /// Channels of the words that it is told.
    words: i64,
}

impl Family {
    /// Of checkpoints with this UNet, whose latents are so many pixels a position.
    pub(crate) fn of(unet: &UNetConfig, scale: i64) -> Result<Self, LoadError> {
        let sees = unet.in_channels == 2 * unet.out_channels;
        Ok(Self { sees, ..Self::with(unet, unet.out_channels, scale)? })
    }

    /// Of checkpoints that this ControlNet is for.
    pub(crate) fn beside(control: &ControlNetConfig) -> Result<Self, LoadError> {
        let scale = 1 << (control.conditioning_embedding_out_channels.len() - 1);
        Self::with(&control.unet, control.unet.in_channels, scale)
    }

    fn with(unet: &UNetConfig, latents: i64, scale: i64) -> Result<Self, LoadError> {
        let stage = |(n, &channels): (usize, &i64)| Stage {
            channels,
            layers: unet.layers_per_block.get(n),
            words: unet.cross_attention_dim.get(n),
        };
        let stages = unet.block_out_channels.iter().enumerate().map(stage).collect();
        Ok(Self { stages, latents, scale, sees: false, added: unet.addition()? })
    }

    /// Whether one of its stages makes so many channels of words of so many.
    pub(crate) fn hears(&self, channels: i64, words: i64) -> bool {
        self.stages.iter().any(|stage| (stage.channels, stage.words) == (channels, words))
    }
}
