//! Pictures and sketches through the trained encoder, once: the denoiser never sees pixels.

use super::autoencoder;
use super::device::device;
use super::mixed::channels_last;
use super::pairs::{Pairs, to_tensor};
use crate::cores::cores;
use sampler::autoencoder_tiny::AutoencoderTiny;
use sampler::weights::Weights;
use std::error::Error;
use std::io;
use std::ops::Range;
use std::path::Path;
use std::thread;
use tch::{Device, Kind, Tensor, no_grad};

const BATCH: usize = 16;

/// What the denoiser trains on, in the memory of what computes.
pub struct Latents {
    /// [N, 4, h, w]
    pub pictures: Tensor,
    /// [N, K, 4, h, w]: K sketches of each picture.
    pub sketches: Tensor,
    /// [1, 4, h, w]: white paper without a sketch.
    pub blank: Tensor,
}

/// Encodes the first `count` pairs, at 1/`shrink` of their size, with the averaged weights in `average`
/// and writes the result to `file`.
pub fn encode(
    pairs: &Pairs,
    average: &Path,
    file: &Path,
    count: usize,
    shrink: i64,
) -> Result<(), Box<dyn Error>> {
    let encoder = Encoder { average, shrink };
    let count = count.min(pairs.len());
    let pictures = encoder.all(count, pairs.size(), |at| pairs.picture(at))?;
    let per = pairs.sketches();
    let sketches = encoder.all(count * per, pairs.size(), |at| pairs.sketch(at / per, at % per))?;
    let blank = encoder.all(1, pairs.size(), |_| Ok(vec![255; pairs.size() * pairs.size() * 3]))?;
    let part = file.with_extension("part");
    Tensor::write_safetensors(&[("pictures", pictures), ("sketches", sketches), ("blank", blank)], &part)?;
    std::fs::rename(part, file)?;
    Ok(())
}

impl Latents {
    /// Reads what `encode` wrote; `per` sketches belong to each picture.
    pub fn open(file: &Path, per: usize) -> Result<Self, Box<dyn Error>> {
        let mut tensors: std::collections::HashMap<_, _> =
            Tensor::read_safetensors(file)?.into_iter().collect();
        let mut take = |name: &str| tensors.remove(name).ok_or(format!("{}: no {name}", file.display()));
        let (pictures, sketches, blank) = (take("pictures")?, take("sketches")?, take("blank")?);
        let size = pictures.size();
        let sketches = sketches.view([size[0], per as i64, size[1], size[2], size[3]]);
        let [pictures, sketches, blank] =
            [pictures, sketches, blank].map(|tensor| tensor.to_device(device()));
        Ok(Self { pictures, sketches, blank })
    }
}

struct Encoder<'a> {
    average: &'a Path,
    shrink: i64,
}

impl Encoder<'_> {
    /// Latents of `count` pictures, a part of them on each core.
    fn all<F>(&self, count: usize, size: usize, rgb: F) -> Result<Tensor, Box<dyn Error>>
    where
        F: Fn(usize) -> io::Result<Vec<u8>> + Sync,
    {
        let share = count.div_ceil(cores());
        let parts = thread::scope(|scope| {
            let part = |start: usize| {
                let (rgb, end) = (&rgb, count.min(start + share));
                scope.spawn(move || self.some(start..end, size, rgb).map_err(|e| e.to_string()))
            };
            let running: Vec<_> = (0..count).step_by(share).map(part).collect();
            let joined =
                running.into_iter().map(|thread| thread.join().map_err(|_| "an encoding thread panicked")?);
            joined.collect::<Result<Vec<_>, String>>()
        })?;
        Ok(Tensor::cat(&parts, 0))
    }

    fn some(
        &self,
        range: Range<usize>,
        size: usize,
        rgb: &impl Fn(usize) -> io::Result<Vec<u8>>,
    ) -> Result<Tensor, Box<dyn Error>> {
        tch::set_num_threads(1);
        let network = open(self.average)?;
        let mut done = Vec::new();
        for start in range.clone().step_by(BATCH) {
            let pictures = (start..range.end.min(start + BATCH))
                .map(|at| Ok(to_tensor(&rgb(at)?, size)))
                .collect::<io::Result<Vec<_>>>()?;
            let side = [self.shrink; 2];
            let batch = Tensor::stack(&pictures, 0).to_device(device()).avg_pool2d(
                side,
                side,
                [0, 0],
                false,
                true,
                None,
            );
            let batch = channels_last(&batch.to_kind(Kind::BFloat16));
            done.push(no_grad(|| {
                network.encode(&batch).to_kind(Kind::Half).contiguous().to_device(Device::Cpu)
            }));
        }
        println!("encoded {} to {}", range.start, range.end);
        Ok(Tensor::cat(&done, 0))
    }
}

fn open(average: &Path) -> Result<AutoencoderTiny, Box<dyn Error>> {
    let tensors = Tensor::read_safetensors(average)?.into_iter();
    let tensors = tensors
        .map(|(name, t)| (name, channels_last(&t.to_device(device()).to_kind(Kind::BFloat16))))
        .collect();
    Ok(AutoencoderTiny::new(&Weights::from_tensors(tensors), &autoencoder::config())?)
}
