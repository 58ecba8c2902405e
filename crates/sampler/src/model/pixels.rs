//! Between pictures and latents, in the arithmetic that suits the machine.

use super::suit;
use super::tiles::{self, Sides};
use crate::autoencoder::{Autoencoder, AutoencoderConfig};
use crate::error::{Interrupted, caught, unasked};
use crate::layers::channels_last;
use crate::picture::Picture;
use crate::reading::Reading;
use crate::weights::{Weights, is_finite};
use crate::{LoadError, SampleError};
use shim::inference::inferring;
use std::cell::Cell;
use std::path::Path;
use tch::{Device, Kind, Tensor};

/// An autoencoder that may work beside the thread that samples: it is Send and shares the weights.
pub struct Pixels {
    /// In float32.
    pub(super) autoencoder: Autoencoder,
    /// In a cheaper kind, where that is faster.
    quick: Option<Autoencoder>,
    /// What the cheaper kind could not hold once is made in float32 from then on: SDXL's autoencoder leaves the
    /// range of half precision.
    overflowed: Cell<bool>,
    /// Whether what is cheaper encodes too.
    encodes_quickly: bool,
    device: Device,
}

/// What autoencoders are made of.
pub(super) struct Source {
    weights: Weights<'static>,
    /// The same in a cheaper kind, where that is faster.
    quick: Option<Weights<'static>>,
    encodes_quickly: bool,
    config: AutoencoderConfig,
    device: Device,
}

impl Source {
    /// Weights in float32.
    pub fn new(config: AutoencoderConfig, weights: Weights<'static>, device: Device) -> Self {
        Self { weights, quick: None, encodes_quickly: false, config, device }
    }

    /// Reads a part of a diffusers folder.
    pub fn of_part(folder: &Path, device: Device) -> Result<Self, LoadError> {
        let config = AutoencoderConfig::read(&folder.join("config.json"))?;
        let weights = Weights::open_part(folder, "diffusion_pytorch_model", &Reading::exact(device))?;
        Ok(Self::new(config, weights, device))
    }

    /// Where the UNet is not exact, canvases too are encoded in what is faster.
    pub fn encoding_quickly(self, quickly: bool) -> Self {
        Self { encodes_quickly: quickly, ..self }
    }

    pub fn weights(&self) -> &Weights<'static> {
        &self.weights
    }

    pub fn pixels(&self) -> Result<Pixels, LoadError> {
        let quick = self.quick.as_ref().map(|weights| Autoencoder::new(weights, &self.config)).transpose()?;
        let autoencoder = Autoencoder::new(&self.weights, &self.config)?;
        let (encodes_quickly, device) = (self.encodes_quickly, self.device);
        Ok(Pixels { autoencoder, quick, overflowed: Cell::new(false), encodes_quickly, device })
    }

    /// Works in a cheaper kind: on a GPU always, else where that is clearly faster.
    pub fn suit(&mut self) -> Result<(), LoadError> {
        let trial = Self {
            weights: self.weights.clone(),
            quick: Some(self.weights.to_kind(suit::cheaper(self.device))),
            config: self.config.clone(),
            ..*self
        };
        let time = |source: &Self| -> Result<_, LoadError> {
            let pixels = source.pixels()?;
            let channels = pixels.autoencoder.latent_channels();
            // Large enough to tell, small enough not to be waited for.
            let latents = Tensor::zeros([1, channels, 16, 16], (Kind::Float, self.device));
            Ok(suit::quickest(|| drop(pixels.decoded(&latents, &|| true))))
        };
        let is_worth = match self.config {
            // Published ones would take seconds to try, and are made of what all large networks are made of.
            AutoencoderConfig::Kl(_) => suit::suited_kind(self.device) == suit::cheaper(self.device),
            AutoencoderConfig::Tiny(_) if self.device.is_cuda() => true,
            AutoencoderConfig::Tiny(_) => time(&trial)?.mul_f64(suit::WORTH) <= time(self)?,
        };
        if is_worth {
            *self = trial;
        }
        Ok(())
    }
}

impl Pixels {
    /// A picture to latents [1, C, h, w], float32, as the network gives them (unscaled).
    ///
    /// # Errors
    /// If the byte count does not fit the size, or the arithmetic fails.
    pub fn encode(&self, picture: &Picture) -> Result<Tensor, SampleError> {
        let picture = || picture.to_tensor(self.device, Kind::Float);
        let encode = || inferring(|| unasked(|wanted| self.encoded(&picture(), wanted)));
        caught(encode).map_err(SampleError::failed)
    }

    /// Latents [1, C, h, w] in the UNet's scale to a picture.
    ///
    /// # Errors
    /// If what comes out is no picture, or the arithmetic fails.
    pub fn decode(&self, latents: &Tensor) -> Result<Picture, SampleError> {
        picture(|| unasked(|wanted| self.decoded(latents, wanted)))
    }

    pub(super) fn encoded(
        &self,
        pictures: &Tensor,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Tensor, Interrupted> {
        if let Some(quick) = self.quick().filter(|_| self.encodes_quickly) {
            let encode =
                |x: &Tensor| Ok(quick.encode_while(&self.suited(x), still_wanted)?.to_kind(Kind::Float));
            let made = self.fitting(pictures, self.to_latents(), encode)?;
            if self.holds(&made, pictures) {
                return Ok(made);
            }
        }
        self.fitting(pictures, self.to_latents(), |x| self.autoencoder.encode_while(x, still_wanted))
    }

    pub(super) fn decoded(
        &self,
        latents: &Tensor,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Tensor, Interrupted> {
        if let Some(quick) = self.quick() {
            let decode =
                |x: &Tensor| Ok(quick.decode_while(&self.suited(x), still_wanted)?.to_kind(Kind::Float));
            let made = self.fitting(latents, self.to_pixels(), decode)?;
            if self.holds(&made, latents) {
                return Ok(made);
            }
        }
        self.fitting(latents, self.to_pixels(), |x| self.autoencoder.decode_while(x, still_wanted))
    }

    fn quick(&self) -> Option<&Autoencoder> {
        self.quick.as_ref().filter(|_| !self.overflowed.get())
    }

    /// Whether the cheaper kind could hold what it `made` of `given`.
    fn holds(&self, made: &Tensor, given: &Tensor) -> bool {
        let holds = is_finite(made);
        self.overflowed.set(!holds && is_finite(given));
        holds
    }

    fn to_pixels(&self) -> Sides {
        Sides { given: 1, made: self.autoencoder.scale() }
    }

    fn to_latents(&self) -> Sides {
        Sides { given: self.autoencoder.scale(), made: 1 }
    }

    fn fitting(
        &self,
        given: &Tensor,
        sides: Sides,
        work: impl Fn(&Tensor) -> Result<Tensor, Interrupted>,
    ) -> Result<Tensor, Interrupted> {
        tiles::fitting(given, sides, self.autoencoder.widest(), self.device, work)
    }

    /// The cheaper kind with channels innermost, which convolutions keep: a third faster there.
    fn suited(&self, x: &Tensor) -> Tensor {
        channels_last(&x.to_kind(suit::cheaper(self.device)))
    }
}

/// The first of the pictures [B, 3, H, W] that `decode` makes.
pub(super) fn picture(decode: impl FnOnce() -> Tensor) -> Result<Picture, SampleError> {
    let picture =
        caught(|| inferring(|| Picture::from_tensor(&decode().get(0)))).map_err(SampleError::failed)?;
    picture.ok_or(SampleError::NotFinite { what: "decoded picture" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::no_grad;

    /// A full autoencoder with a cheaper one beside it, whatever this processor is fast in.
    fn pixels(encodes_quickly: bool) -> Pixels {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/plain/vae");
        let source = Source::of_part(&folder, Device::Cpu).unwrap().encoding_quickly(encodes_quickly);
        let quick = Some(source.weights.to_kind(suit::cheaper(Device::Cpu)));
        Source { quick, ..source }.pixels().unwrap()
    }

    fn encoded(pixels: &Pixels, pictures: &Tensor) -> Tensor {
        no_grad(|| unasked(|wanted| pixels.encoded(pictures, wanted)))
    }

    #[test]
    fn the_cheaper_kind_encodes_where_that_is_wanted() {
        let picture = Tensor::rand([1, 3, 32, 32], (Kind::Float, Device::Cpu)) * 2.0 - 1.0;
        let exact = encoded(&pixels(false), &picture);
        let quick = encoded(&pixels(true), &picture);
        let off = (&quick - &exact).abs().max() / exact.abs().max();
        let off = off.double_value(&[]);
        assert!(off > 0.0 && off < 0.05, "{off}");
    }

    #[test]
    fn what_the_cheaper_kind_cannot_hold_is_made_in_float32_from_then_on() {
        let pixels = pixels(true);
        let picture = Tensor::rand([1, 3, 32, 32], (Kind::Float, Device::Cpu)) * 2.0 - 1.0;
        let usual = encoded(&pixels, &picture);
        // That no number comes of no number says nothing.
        assert!(!is_finite(&encoded(&pixels, &(&picture * f64::NAN))));
        assert!(encoded(&pixels, &picture).equal(&usual));
        // Within float32, and beyond it when it is summed up.
        let _ = encoded(&pixels, &(&picture * 3e38));
        assert!(encoded(&pixels, &picture).equal(&encoded(&self::pixels(false), &picture)));
    }

    #[test]
    fn a_picture_that_the_cheaper_kind_cannot_hold_is_decoded_once_more() {
        let decoded = |pixels: &Pixels, x: &Tensor| no_grad(|| unasked(|wanted| pixels.decoded(x, wanted)));
        let latents = Tensor::rand([1, 4, 8, 8], (Kind::Float, Device::Cpu));
        let exact = {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/plain/vae");
            decoded(&Source::of_part(&folder, Device::Cpu).unwrap().pixels().unwrap(), &latents)
        };
        let pixels = pixels(false);
        assert!(!decoded(&pixels, &latents).equal(&exact), "the cheaper kind decodes");
        // Half of the sums go beyond it.
        let _ = decoded(&pixels, &(&latents * 3e38));
        assert!(decoded(&pixels, &latents).equal(&exact), "and float32 from then on");
    }
}
