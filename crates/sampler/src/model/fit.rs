//! What a checkpoint does not say of itself, found by asking its networks.

use super::pixels::Pixels;
use super::words::Texts;
use crate::error::unasked;
use crate::noise::gaussian;
use crate::preview::LatentRgb;
use crate::scheduler::Prediction;
use crate::unet::UNet;
use tch::{Device, Kind, Tensor};

/// Whether a UNet predicts velocity: at the noisiest timestep velocity is nearly the clean sample, negated, and
/// so unlike the noise that a sample of one half consists of.
pub(super) fn prediction(unet: &UNet, texts: &Texts, device: Device, kind: Kind) -> Prediction {
    const SIDE: i64 = 8;
    let Ok([nothing]) = texts.tell([("", 0)]) else { return Prediction::Epsilon };
    let half = Tensor::full([1, unet.config().in_channels, SIDE, SIDE], 0.5, (kind, device));
    let timestep = Tensor::from_slice(&[999_i64]).to_device(device);
    let predicted = unet.forward(&half, &timestep, &nothing.words.to_kind(kind));
    match (predicted.mean(Kind::Float).double_value(&[]) - 0.5) < -1.0 {
        true => Prediction::VPrediction,
        false => Prediction::Epsilon,
    }
}

/// Side of the fitted picture in pixels, and of a patch of colour: 256 positions of latents at 8x say enough about 5
/// numbers a row.
const SIDE: i64 = 128;
const PATCH: i64 = 16;
/// Latents of unit variance seldom leave this; a wider range wastes bits.
const REACH: f64 = 4.0;

/// Patches of colour, [1, 3, H, W], and what an autoencoder makes of them: latents in the UNet's scale.
pub(super) struct Patches {
    picture: Tensor,
    latent: Tensor,
}

impl Patches {
    pub fn of(pixels: &Pixels, device: Device) -> Self {
        let picture = patches().to_device(device);
        let latent = pixels.autoencoder.to_model(&unasked(|wanted| pixels.encoded(&picture, wanted)));
        Self { picture, latent }
    }

    /// Which share of the colours' variance comes back from the latents by this decoder: 1 for all of it, below 0 for
    /// one that was made for other latents.
    pub fn share_restored(&self, decode: impl Fn(&Tensor) -> Tensor) -> f64 {
        let off = (decode(&self.latent).to_kind(Kind::Float) - &self.picture).square().mean(Kind::Float);
        1.0 - (off / self.picture.var(false)).double_value(&[])
    }
}

/// Fits, by least squares, the colour of each patch to its latent.
pub(super) fn latent_rgb(patches: &Patches, pixels: &Pixels, device: Device) -> LatentRgb {
    let Patches { picture, latent } = patches;
    let latent = latent.to_kind(Kind::Double);
    let scale = pixels.autoencoder.scale();
    let channels = pixels.autoencoder.latent_channels();
    let colour = picture.to_kind(Kind::Double).avg_pool2d(
        [scale, scale],
        [scale, scale],
        [0, 0],
        false,
        true,
        None::<i64>,
    );
    let rows = |x: &Tensor, channels: i64| x.squeeze_dim(0).view([channels, -1]).transpose(0, 1);
    let z = rows(&latent, channels);
    let z = Tensor::cat(&[&z, &Tensor::ones([z.size()[0], 1], (Kind::Double, device))], 1);
    // A little ridge keeps a dead channel from making the system singular.
    let ridge = Tensor::eye(channels + 1, (Kind::Double, device)) * 1e-4;
    let normal = z.transpose(0, 1).matmul(&z) + ridge;
    let solved = normal.inverse().matmul(&z.transpose(0, 1).matmul(&rows(&colour, 3)));
    let at = |row: i64, colour: i64| solved.double_value(&[row, colour]) as f32;
    let weight = [0, 1, 2].map(|colour| (0..channels).map(|row| at(row, colour)).collect());
    let reach = latent.abs().max().double_value(&[]).clamp(REACH, 8.0 * REACH) as f32;
    LatentRgb::from_latent_map(-reach, reach, &weight, [0, 1, 2].map(|colour| at(channels, colour)))
}

/// Smooth random colours over [1, 3, SIDE, SIDE], the same every time.
fn patches() -> Tensor {
    let coarse = gaussian(0, &[1, 3, SIDE / PATCH, SIDE / PATCH]).tanh();
    coarse.upsample_bilinear2d([SIDE, SIDE], false, None, None)
}
