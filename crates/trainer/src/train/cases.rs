//! What a denoiser is shown: a clean latent, a sketch and words, now and then less.

use super::autoencoder::trained_on;
use super::device::device;
use super::latents::Latents;
use crate::rng::Rng;
use tch::{Kind, Tensor};

/// Latents and what is said of them.
pub struct Described {
    pub latents: Latents,
    /// Token ids of the captions of each picture, and of no words at all, all of one length.
    pub captions: Vec<Vec<Vec<i64>>>,
    pub nothing: Vec<i64>,
}

/// Shares of cases in which something is left out.
#[derive(Debug, Clone, Copy)]
pub struct LeftOut {
    /// Neither canvas nor words, which guidance leads away from.
    pub everything: f32,
    /// Zeros in place of the canvas, which is what the sampler gives where there is none.
    pub canvas: f32,
    /// White paper, which is what the studio's empty canvas is.
    pub sketch: f32,
    pub words: f32,
}

/// Draws cases from the pictures that are not held out.
pub struct Cases<'a> {
    described: &'a Described,
    left_out: LeftOut,
    /// Side of the pieces, in latents.
    crop: i64,
    training: usize,
}

/// Some cases.
pub struct Shown {
    /// Clean latents [B, 4, h, w].
    pub clean: Tensor,
    /// Latents of the sketches, of the same shape.
    pub sketch: Tensor,
    /// Token ids [B, N].
    pub ids: Tensor,
}

impl<'a> Cases<'a> {
    pub fn new(described: &'a Described, left_out: LeftOut, crop: i64) -> Self {
        let training = trained_on(described.latents.pictures.size()[0] as usize);
        Self { described, left_out, crop, training }
    }

    /// Pictures that cases are drawn from.
    pub fn pictures(&self) -> usize {
        self.training
    }

    pub fn draw(&self, count: usize, rng: &mut Rng) -> Shown {
        let latents = &self.described.latents;
        let per = latents.sketches.size()[1] as usize;
        let (mut clean, mut sketches, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count {
            let index = rng.below(self.training);
            let piece = self.piece(rng);
            clean.push(piece(latents.pictures.get(index as i64)));
            let nothing = rng.chance(self.left_out.everything);
            let LeftOut { canvas, sketch, .. } = self.left_out;
            sketches.push(piece(match rng.unit() {
                share if nothing || share < canvas => latents.blank.get(0).zeros_like(),
                share if share < canvas + sketch => latents.blank.get(0),
                _ => latents.sketches.get(index as i64).get(rng.below(per) as i64),
            }));
            let captions = &self.described.captions[index];
            let words = if nothing || rng.chance(self.left_out.words) {
                &self.described.nothing
            } else {
                &captions[rng.below(captions.len())]
            };
            ids.extend_from_slice(words);
        }
        let stack = |parts: &[Tensor]| Tensor::stack(parts, 0).to_device(device()).to_kind(Kind::Float);
        let ids = Tensor::from_slice(&ids).view([count as i64, -1]).to_device(device());
        Shown { clean: stack(&clean), sketch: stack(&sketches), ids }
    }

    /// Cuts the same random piece out of a picture and its sketch, [4, h, w] each.
    fn piece(&self, rng: &mut Rng) -> impl Fn(Tensor) -> Tensor + use<> {
        let size = self.described.latents.pictures.size();
        let side = self.crop.min(size[2]);
        let mut corner = |room: i64| rng.below((room - side + 1) as usize) as i64;
        let (y, x) = (corner(size[2]), corner(size[3]));
        move |latent| latent.narrow(1, y, side).narrow(2, x, side)
    }
}
