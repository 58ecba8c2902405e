//! Sinusoidal time embedding (Ho et al. 2020, section 3.3; Vaswani et al. 2017) and its two-layer MLP.

use super::UNetConfig;
use crate::LoadError;
use crate::layers::Linear;
use crate::weights::Weights;
use tch::{Kind, Tensor};

pub(super) struct TimeEmbedding {
    first: Linear,
    second: Linear,
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
            channels,
            flip: config.flip_sin_to_cos,
            shift: config.freq_shift,
        })
    }

    /// Timesteps [B] to embeddings [B, 4 C].
    pub(super) fn forward(&self, timesteps: &Tensor, kind: Kind) -> Tensor {
        let waves = self.waves(timesteps).to_kind(kind);
        self.second.forward(&self.first.forward(&waves).silu())
    }

    fn waves(&self, timesteps: &Tensor) -> Tensor {
        let half = self.channels / 2;
        let index = Tensor::arange(half, (Kind::Float, timesteps.device()));
        let exponent = index * -(10_000f64.ln()) / (half as f64 - self.shift);
        let angles = timesteps.to_kind(Kind::Float).unsqueeze(1) * exponent.exp().unsqueeze(0);
        let (sin, cos) = (angles.sin(), angles.cos());
        let waves = if self.flip { Tensor::cat(&[cos, sin], 1) } else { Tensor::cat(&[sin, cos], 1) };
        // An odd width is filled up with one zero, as the reference does.
        if self.channels % 2 == 1 { waves.constant_pad_nd([0, 1]) } else { waves }
    }
}
