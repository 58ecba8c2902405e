//! Sinusoidal time embedding (Ho et al. 2020, section 3.3; Vaswani et al. 2017) and its two-layer MLP.

use super::UNetConfig;
use crate::LoadError;
use crate::layers::Linear;
use crate::weights::Weights;
use tch::{Kind, Tensor};

pub(super) struct TimeEmbedding {
    first: Linear,
    second: Linear,
    /// For the guidance scale that a latent consistency model is told (Luo et al. 2023).
    guidance: Option<Linear>,
    channels: i64,
    flip: bool,
    shift: f64,
}

impl TimeEmbedding {
    pub(super) fn new(weights: &Weights, config: &UNetConfig) -> Result<Self, LoadError> {
        let channels = config.block_out_channels[0];
        let hidden = config.time_channels();
        Ok(Self {
            first: Linear::new(&weights.at("linear_1"), channels, hidden)?,
            second: Linear::new(&weights.at("linear_2"), hidden, hidden)?,
            guidance: match config.time_cond_proj_dim {
                Some(width) => Some(Linear::without_bias(&weights.at("cond_proj"), width, channels)?),
                None => None,
            },
            channels,
            flip: config.flip_sin_to_cos,
            shift: config.freq_shift,
        })
    }

    /// Timesteps [B] to embeddings [B, 4 C]; `guidance` is [1, time_cond_proj_dim] for networks that take it.
    pub(super) fn forward(&self, timesteps: &Tensor, guidance: Option<&Tensor>, kind: Kind) -> Tensor {
        let waves = waves(timesteps, self.channels, self.flip, self.shift).to_kind(kind);
        let waves = match (&self.guidance, guidance) {
            (Some(project), Some(guidance)) => waves + project.forward(&guidance.to_kind(kind)),
            _ => waves,
        };
        self.second.forward(&self.first.forward(&waves).silu())
    }
}

/// Numbers [B] as waves [B, channels]; cosines first where `flip` is set.
pub(super) fn waves(numbers: &Tensor, channels: i64, flip: bool, shift: f64) -> Tensor {
    let half = channels / 2;
    let index = Tensor::arange(half, (Kind::Float, numbers.device()));
    let exponent = index * -(10_000f64.ln()) / (half as f64 - shift);
    let angles = numbers.to_kind(Kind::Float).unsqueeze(1) * exponent.exp().unsqueeze(0);
    let (sin, cos) = (angles.sin(), angles.cos());
    let waves = if flip { Tensor::cat(&[cos, sin], 1) } else { Tensor::cat(&[sin, cos], 1) };
    // An odd width is filled up with one zero, as the reference does.
    if channels % 2 == 1 { waves.constant_pad_nd([0, 1]) } else { waves }
}

/// What SDXL is told beside the words (Podell et al., "SDXL: Improving Latent Diffusion Models for
/// High-Resolution Image Synthesis", 2023, section 2.2).
pub(super) struct AddedEmbedding {
    first: Linear,
    second: Linear,
    /// Channels of the waves of each number.
    waves: i64,
    flip: bool,
    shift: f64,
}

impl AddedEmbedding {
    pub(super) fn new(weights: &Weights, config: &UNetConfig) -> Result<Option<Self>, LoadError> {
        let Some((waves, all)) = config.addition()? else { return Ok(None) };
        let hidden = config.time_channels();
        Ok(Some(Self {
            first: Linear::new(&weights.at("linear_1"), all, hidden)?,
            second: Linear::new(&weights.at("linear_2"), hidden, hidden)?,
            waves,
            flip: config.flip_sin_to_cos,
            shift: config.freq_shift,
        }))
    }

    /// Pooled words [B, P] and sizes [N] to embeddings [B, 4 C].
    pub(super) fn forward(&self, pooled: &Tensor, sizes: &Tensor) -> Tensor {
        let waves = waves(sizes, self.waves, self.flip, self.shift).to_kind(pooled.kind());
        let waves = waves.reshape([1, -1]).expand([pooled.size()[0], -1], false);
        let all = Tensor::cat(&[pooled, &waves], 1);
        self.second.forward(&self.first.forward(&all).silu())
    }
}

/// A guidance scale as waves [1, channels], for networks that are told it.
pub(crate) fn guidance_waves(scale: f64, channels: i64) -> Tensor {
    // The reference counts from 1, which is no guidance, and in thousandths.
    waves(&Tensor::from_slice(&[((scale - 1.0) * 1000.0) as f32]), channels, false, 1.0)
}
