//! Previews: the predicted clean latent in bytes, and the affine map that turns them into colour.

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor};

/// A latent in bytes: `channels` planes of `height` rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantisedLatent {
    pub channels: u32,
    pub width: u32,
    pub height: u32,
    /// `channels * height * width` bytes, plane by plane.
    pub data: Vec<u8>,
}

/// How latents become bytes and bytes become colour.
///
/// Byte `q` of a channel stands for the latent `low + q / 255 * (high - low)`; for the bytes `q` of one
/// position `rgb[c] = offset[c] + sum over k of matrix[c][k] * q[k]`, 0 to 255 after clamping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LatentRgb {
    pub low: f32,
    pub high: f32,
    /// Three rows, one entry a channel.
    pub matrix: [Vec<f32>; 3],
    pub offset: [f32; 3],
}

impl LatentRgb {
    /// From a map of latents to colours in -1..1, as a least-squares fit or a 1x1 convolution gives it.
    pub fn from_latent_map(low: f32, high: f32, weight: &[Vec<f32>; 3], bias: [f32; 3]) -> Self {
        let step = (high - low) / 255.0;
        let matrix = weight.each_ref().map(|row| row.iter().map(|w| 127.5 * w * step).collect());
        let at_low = weight.each_ref().map(|row| row.iter().sum::<f32>() * low);
        let offset = [0, 1, 2].map(|c| 127.5 * (bias[c] + at_low[c] + 1.0));
        Self { low, high, matrix, offset }
    }

    /// The map of latents to colours in -1..1 that [`from_latent_map`](Self::from_latent_map) was given.
    pub fn latent_map(&self) -> ([Vec<f32>; 3], [f32; 3]) {
        let step = (self.high - self.low) / 255.0;
        let weight =
            self.matrix.each_ref().map(|row| row.iter().map(|m| m / (127.5 * step)).collect::<Vec<_>>());
        let at_low = weight.each_ref().map(|row| row.iter().sum::<f32>() * self.low);
        (weight, [0, 1, 2].map(|c| self.offset[c] / 127.5 - 1.0 - at_low[c]))
    }

    /// Finite, of the right number of channels, and with room between the ends.
    pub fn is_usable(&self, channels: usize) -> bool {
        let values = self.matrix.iter().flatten().chain(&self.offset).chain([&self.low, &self.high]);
        values.into_iter().all(|value| value.is_finite())
            && self.low < self.high
            && self.matrix.iter().all(|row| row.len() == channels)
    }

    /// One latent [C, h, w] to bytes; what is no number becomes the middle.
    pub(crate) fn quantise(&self, latent: &Tensor) -> QuantisedLatent {
        let latent = latent.to_device(Device::Cpu).to_kind(Kind::Float).contiguous();
        let size = latent.size();
        let mut values = vec![0_f32; latent.numel()];
        let count = values.len();
        latent.copy_data(&mut values, count);
        // By hand: each operation of libtorch on so little takes longer than all of this.
        let levels = (255.0 / (f64::from(self.high) - f64::from(self.low))) as f32;
        let byte = |value: f32| ((value - self.low) * levels).round_ties_even().clamp(0.0, 255.0);
        let middle = byte(f32::midpoint(self.low, self.high)) as u8;
        let data =
            values.iter().map(|value| if value.is_nan() { middle } else { byte(*value) as u8 }).collect();
        QuantisedLatent { channels: size[0] as u32, width: size[2] as u32, height: size[1] as u32, data }
    }

    /// The latent [1, C, h, w] that bytes stand for. The byte count must fit the size.
    pub(crate) fn restore(&self, bytes: &QuantisedLatent, device: Device, kind: Kind) -> Tensor {
        let size = [1, i64::from(bytes.channels), i64::from(bytes.height), i64::from(bytes.width)];
        let latent = Tensor::from_slice(&bytes.data).view(size).to_device(device).to_kind(Kind::Float);
        (latent * (f64::from(self.high - self.low) / 255.0) + f64::from(self.low)).to_kind(kind)
    }
}
