//! Residual blocks with time injection, and the convolutions that change the size.

use crate::LoadError;
use crate::layers::{Conv2d, ConvShape, GroupNorm, Linear};
use crate::weights::Weights;
use tch::Tensor;

/// Two normalised 3x3 convolutions around a shortcut (He et al. 2016, pre-activation form).
pub(crate) struct Resnet {
    norm1: GroupNorm,
    conv1: Conv2d,
    time: Option<Linear>,
    norm2: GroupNorm,
    conv2: Conv2d,
    shortcut: Option<Conv2d>,
}

/// What a residual block needs to know. `time` is the width of the time embedding, if there is one.
#[derive(Clone, Copy)]
pub(crate) struct ResnetShape {
    pub input: i64,
    pub output: i64,
    pub time: Option<i64>,
    pub groups: i64,
    pub eps: f64,
}

impl Resnet {
    pub(crate) fn new(weights: &Weights, shape: ResnetShape) -> Result<Self, LoadError> {
        let ResnetShape { input, output, time, groups, eps } = shape;
        let time = match time {
            Some(time) => Some(Linear::new(&weights.at("time_emb_proj"), time, output)?),
            None => None,
        };
        let shortcut = match input == output {
            true => None,
            false => Some(Conv2d::new(&weights.at("conv_shortcut"), ConvShape::point(input, output))?),
        };
        Ok(Self {
            norm1: GroupNorm::new(&weights.at("norm1"), groups, input, eps)?,
            conv1: Conv2d::new(&weights.at("conv1"), ConvShape::same(input, output))?,
            time,
            norm2: GroupNorm::new(&weights.at("norm2"), groups, output, eps)?,
            conv2: Conv2d::new(&weights.at("conv2"), ConvShape::same(output, output))?,
            shortcut,
        })
    }

    /// `time` is silu of the time embedding [B, T]; [1, T] serves a whole batch.
    pub(crate) fn forward(&self, x: &Tensor, time: Option<&Tensor>) -> Tensor {
        let inner = self.conv1.forward(&self.norm1.forward_silu(x));
        let inner = match (&self.time, time) {
            (Some(project), Some(time)) => inner + project.forward(time).unsqueeze(-1).unsqueeze(-1),
            _ => inner,
        };
        let inner = self.conv2.forward(&self.norm2.forward_silu(&inner));
        match &self.shortcut {
            Some(shortcut) => shortcut.forward(x) + inner,
            None => x + inner,
        }
    }
}

/// Nearest doubling to exactly `size` (height, width), then a 3x3 convolution.
pub(crate) struct Upsample(Conv2d);

impl Upsample {
    pub(crate) fn new(weights: &Weights, channels: i64) -> Result<Self, LoadError> {
        Ok(Self(Conv2d::new(&weights.at("conv"), ConvShape::same(channels, channels))?))
    }

    pub(crate) fn forward(&self, x: &Tensor, size: [i64; 2]) -> Tensor {
        self.0.forward(&x.upsample_nearest2d(size, None, None))
    }
}
