//! Repainting a part of a picture.

use super::Request;
use crate::error::Interrupted;
use crate::picture::Picture;
use crate::scheduler::Schedule;
use tch::{Device, Kind, Tensor};

/// Which pixels of the canvas are painted anew.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    /// One byte a pixel, rows from the top; 255 is painted anew, 0 stays.
    pub coverage: Vec<u8>,
    /// Softness of its edge: the standard deviation of a blur in pixels. 0 takes every pixel for one or the other.
    pub blur: f32,
}

/// The blur reaches so many standard deviations.
const REACH: f32 = 3.0;

impl Mask {
    /// What of each picture is painted anew, softly at the mask's edge, and all else as it is on the canvas, to the last pixel: no
    /// autoencoder gives back quite what it was shown. All are of the mask's size.
    ///
    /// # Panics
    /// If they are not.
    pub fn lay(&self, pictures: &[Picture], canvas: &Picture) -> Vec<Picture> {
        let Picture { width, height, .. } = *canvas;
        let anew = self.pixels((width, height), Device::Cpu);
        let pixels = |picture: &Picture| picture.to_tensor(Device::Cpu, Kind::Float);
        let canvas = pixels(canvas);
        let over = |picture: &Picture| {
            let laid = &canvas + (pixels(picture) - &canvas) * &anew;
            Picture::from_tensor(&laid.get(0)).expect("mixtures of bytes are numbers")
        };
        pictures.iter().map(over).collect()
    }

    /// [1, 1, H, W] in 0..1.
    fn pixels(&self, (width, height): (u32, u32), device: Device) -> Tensor {
        let size = [1, 1, i64::from(height), i64::from(width)];
        let coverage =
            Tensor::from_slice(&self.coverage).view(size).to_kind(Kind::Float).to_device(device) / 255.0;
        match self.blur > 0.0 {
            true => blurred(&coverage, self.blur),
            false => coverage.ge(0.5).to_kind(Kind::Float),
        }
    }
}

fn blurred(coverage: &Tensor, deviation: f32) -> Tensor {
    let reach = (deviation * REACH).ceil() as i64;
    let at = Tensor::arange_start(-reach, reach + 1, (Kind::Float, coverage.device()));
    let bell = (at.square() / (-2.0 * f64::from(deviation * deviation))).exp();
    let bell = &bell / bell.sum(Kind::Float);
    // The edge goes on as it is.
    let wide = coverage.replication_pad2d([reach; 4]);
    let across = wide.conv2d::<Tensor>(&bell.view([1, 1, 1, -1]), None, [1, 1], [0, 0], [1, 1], 1);
    across.conv2d::<Tensor>(&bell.view([1, 1, -1, 1]), None, [1, 1], [0, 0], [1, 1], 1)
}

/// A mask at the size of latents, and what stays outside it.
pub(super) struct Hole {
    /// [1, 1, h, w] in 0..1.
    pub latents: Tensor,
    /// Pixels [1, 1, H, W] that stay, as 1.
    kept: Tensor,
    /// Of all the latents.
    shape: [i64; 4],
}

impl Hole {
    /// That of the request's mask, or all of the picture.
    pub fn new(request: &Request, shape: [i64; 4], device: Device) -> Self {
        let [_, _, height, width] = shape;
        let Some(mask) = &request.mask else {
            let ones = |height, width| Tensor::ones([1, 1, height, width], (Kind::Float, device));
            let pixels = ones(i64::from(request.height), i64::from(request.width));
            return Self { latents: ones(height, width), kept: pixels.zeros_like(), shape };
        };
        let pixels = mask.pixels((request.width, request.height), device);
        let latents = match mask.blur > 0.0 {
            true => pixels.adaptive_avg_pool2d([height, width]),
            false => pixels.upsample_nearest2d([height, width], None, None),
        };
        Self { latents, kept: pixels.lt(0.5).to_kind(Kind::Float), shape }
    }

    /// What inpainting checkpoints see beside the noisy latents: the mask, and the latents of a picture
    /// [1, 3, H, W] with grey in the hole.
    pub fn beside(
        &self,
        picture: Option<&Tensor>,
        encode: impl Fn(&Tensor) -> Result<Tensor, Interrupted>,
    ) -> Result<Tensor, Interrupted> {
        let around = match picture {
            Some(picture) => picture * &self.kept,
            None => self.kept.zeros_like().repeat([1, 3, 1, 1]),
        };
        let [pictures, _, height, width] = self.shape;
        let around = encode(&around)?;
        Ok(Tensor::cat(&[self.latents.expand([pictures, 1, height, width], false), around], 1))
    }
}

/// For UNets that do not see the hole: after each step what stays is put back, as noisy as the step left the rest
/// (Lugmayr et al., "RePaint", 2022, without going back).
pub(super) struct Kept {
    pub hole: Tensor,
    /// Latents of the canvas, in the UNet's scale.
    pub clean: Tensor,
    pub noise: Tensor,
}

impl Kept {
    /// The sample before step `index`, or after the last one.
    pub fn put_back(&self, sample: &Tensor, schedule: &dyn Schedule, index: usize) -> Tensor {
        match index < schedule.timesteps().len() {
            true => self.outside(&schedule.noisy(&self.clean, &self.noise, index), sample),
            false => self.in_clean(sample),
        }
    }

    /// The same in a clean sample.
    pub fn in_clean(&self, clean: &Tensor) -> Tensor {
        self.outside(&self.clean, clean)
    }

    fn outside(&self, stays: &Tensor, sample: &Tensor) -> Tensor {
        (-&self.hole + 1.0) * stays + &self.hole * sample
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The greys of a row of pixels after a mask of its right half, with this blur, laid 100 over 0 to 63.
    fn laid(blur: f32) -> Vec<u8> {
        let row = |grey: &dyn Fn(u8) -> u8| -> Vec<u8> { (0..64).map(grey).collect() };
        let picture = |row: Vec<u8>| Picture {
            width: 64,
            height: 2,
            rgb: [&row[..], &row].concat().iter().flat_map(|grey| [*grey; 3]).collect(),
        };
        let half = row(&|x| if x < 32 { 0 } else { 255 });
        let mask = Mask { coverage: [&half[..], &half].concat(), blur };
        let laid = mask.lay(&[picture(row(&|_| 100))], &picture(row(&|x| x)));
        laid[0].rgb.chunks_exact(3).take(64).map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn what_is_not_painted_anew_is_as_on_the_canvas() {
        let hard = laid(0.0);
        assert!((0..32).all(|x| hard[x] == x as u8) && (32..64).all(|x| hard[x] == 100), "{hard:?}");
        let soft = laid(2.0);
        assert!((0..26).all(|x| soft[x] == x as u8) && (38..64).all(|x| soft[x] == 100), "{soft:?}");
        assert!(soft[26..38].is_sorted() && soft[31] > 40 && soft[32] < 90, "{soft:?}");
    }
}
