//! A second way down beside the UNet's, which sees a drawing and adds to what the way up is given (Zhang et al.,
//! "Adding Conditional Control to Text-to-Image Diffusion Models", 2023); diffusers' `ControlNetModel`.

use super::blocks::{Pass, Stage};
use super::time::{AddedEmbedding, TimeEmbedding};
use super::{TextKeys, UNetConfig, descend};
use crate::LoadError;
use crate::config::{self, check, check_len};
use crate::error::Interrupted;
use crate::layers::{Conv2d, ConvShape};
use crate::weights::Weights;
use serde::Deserialize;
use std::path::Path;
use tch::{Kind, Tensor};

/// What its `config.json` says beside what a UNet's says.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct ControlNetConfig {
    #[serde(flatten)]
    pub unet: UNetConfig,
    pub conditioning_channels: i64,
    pub conditioning_embedding_out_channels: Vec<i64>,
    pub controlnet_conditioning_channel_order: String,
}

impl Default for ControlNetConfig {
    fn default() -> Self {
        Self {
            unet: UNetConfig::default(),
            conditioning_channels: 3,
            conditioning_embedding_out_channels: vec![16, 32, 96, 256],
            controlnet_conditioning_channel_order: "rgb".into(),
        }
    }
}

impl ControlNetConfig {
    pub fn read(path: &Path) -> Result<Self, LoadError> {
        let read: Self = config::read(path)?;
        if read.unet.class_name != "ControlNetModel" {
            let why = format!("is {:?}; \"ControlNetModel\" is needed", read.unet.class_name);
            return Err(LoadError::config(path, "_class_name", why));
        }
        if read.controlnet_conditioning_channel_order != "rgb" {
            let why = "is not rgb, the only one that is supported";
            return Err(LoadError::config(path, "controlnet_conditioning_channel_order", why));
        }
        read.validated()
    }

    /// The same, if a network can be built of it.
    pub(crate) fn validated(mut self) -> Result<Self, LoadError> {
        check("conditioning_channels", self.conditioning_channels, 3..=3)?;
        let channels = &self.conditioning_embedding_out_channels;
        check("conditioning_embedding_out_channels (length)", channels.len() as i64, 1..=8)?;
        channels.iter().try_for_each(|&n| check("conditioning_embedding_out_channels", n, 1..=8192))?;
        // It has no way up.
        let stages = self.unet.block_out_channels.len();
        check_len("down_block_types", self.unet.down_block_types.len(), stages)?;
        self.unet.up_block_types = vec!["UpBlock2D".into(); stages];
        self.unet.validate()?;
        Ok(self)
    }
}

pub struct ControlNet {
    config: ControlNetConfig,
    conv_in: Conv2d,
    time: TimeEmbedding,
    added: Option<AddedEmbedding>,
    hint: Vec<Conv2d>,
    down: Vec<Stage>,
    middle: Stage,
    zero_down: Vec<Conv2d>,
    zero_middle: Conv2d,
}

/// What is added to the skips, the finest first, and to the middle.
pub struct Residuals {
    pub(super) skips: Vec<Tensor>,
    pub(super) middle: Tensor,
}

impl ControlNet {
    pub fn new(weights: &Weights, config: &ControlNetConfig) -> Result<Self, LoadError> {
        let unet = &config.unet;
        let stages = unet.block_out_channels.len();
        let first = unet.block_out_channels[0];
        let zero = |n: usize, channels: i64| {
            Conv2d::new(&weights.at("controlnet_down_blocks").at(n), ConvShape::point(channels, channels))
        };
        // One for each skip: conv_in's, each residual block's, each change of size's.
        let of_stage = |(stage, &channels): (usize, &i64)| {
            let blocks = unet.layers_per_block.get(stage) as usize + usize::from(stage + 1 < stages);
            std::iter::repeat_n(channels, blocks)
        };
        let skips =
            std::iter::once(first).chain(unet.block_out_channels.iter().enumerate().flat_map(of_stage));
        let last = unet.block_out_channels[stages - 1];
        Ok(Self {
            conv_in: Conv2d::new(&weights.at("conv_in"), ConvShape::same(unet.in_channels, first))?,
            time: TimeEmbedding::new(&weights.at("time_embedding"), unet)?,
            added: AddedEmbedding::new(&weights.at("add_embedding"), unet)?,
            hint: hint(&weights.at("controlnet_cond_embedding"), config)?,
            down: (0..stages).map(|stage| Stage::down(weights, unet, stage)).collect::<Result<_, _>>()?,
            middle: Stage::middle(weights, unet)?,
            zero_down: skips.enumerate().map(|(n, channels)| zero(n, channels)).collect::<Result<_, _>>()?,
            zero_middle: Conv2d::new(&weights.at("controlnet_mid_block"), ConvShape::point(last, last))?,
            config: config.clone(),
        })
    }

    pub fn config(&self) -> &ControlNetConfig {
        &self.config
    }

    /// A drawing [B, 3, H, W] in 0..1 as the network takes it, at the size of latents: constant for a job.
    pub fn see(&self, drawing: &Tensor) -> Tensor {
        let (last, others) = self.hint.split_last().expect("it has a last convolution");
        let seen = others.iter().fold(drawing.shallow_clone(), |x, conv| conv.forward(&x).silu());
        last.forward(&seen)
    }

    /// Timesteps [B] to embeddings [B, 4 C].
    pub fn embed_time(&self, timesteps: &Tensor, kind: Kind) -> Tensor {
        self.time.forward(timesteps, None, kind)
    }

    /// What is added to the time embedding, as for the UNet.
    pub fn embed_added(&self, pooled: &Tensor, sizes: &Tensor) -> Option<Tensor> {
        self.added.as_ref().map(|added| added.forward(pooled, sizes))
    }

    /// Keys and values of `text` [B, N, cross_attention_dim] for its own cross-attentions.
    pub fn text_keys(&self, text: &Tensor) -> TextKeys {
        TextKeys::of(self.down.iter().chain([&self.middle]), text)
    }

    /// What `scale` times this network adds for a sample [B, C, h, w], whose drawing was `seen`.
    pub fn forward_while(
        &self,
        sample: &Tensor,
        seen: &Tensor,
        time: &Tensor,
        text: &TextKeys,
        scale: f64,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Residuals, Interrupted> {
        let mut pass = Pass { time: time.silu(), words: text.0.iter(), still_wanted };
        let start = self.conv_in.forward(sample) + seen;
        let (middle, skips) = descend(start, &self.down, &self.middle, &mut pass)?;
        let skips = self.zero_down.iter().zip(&skips).map(|(zero, skip)| zero.forward(skip) * scale);
        Ok(Residuals { skips: skips.collect(), middle: self.zero_middle.forward(&middle) * scale })
    }
}

/// Convolutions that bring a drawing to the size of latents: one, pairs of which the second halves, and a last.
fn hint(weights: &Weights, config: &ControlNetConfig) -> Result<Vec<Conv2d>, LoadError> {
    let channels = &config.conditioning_embedding_out_channels;
    let first = ConvShape::same(config.conditioning_channels, channels[0]);
    let mut convs = vec![Conv2d::new(&weights.at("conv_in"), first)?];
    for (n, pair) in channels.windows(2).enumerate() {
        let place = weights.at("blocks");
        convs.push(Conv2d::new(&place.at(2 * n), ConvShape::same(pair[0], pair[0]))?);
        let halving = ConvShape { stride: 2, ..ConvShape::same(pair[0], pair[1]) };
        convs.push(Conv2d::new(&place.at(2 * n + 1), halving)?);
    }
    let last = ConvShape::same(channels[channels.len() - 1], config.unet.block_out_channels[0]);
    convs.push(Conv2d::new(&weights.at("conv_out"), last)?);
    Ok(convs)
}
