//! Large latents decoded in tiles that overlap, each fading into the next: where all of a picture at once does not
//! fit into memory.

use crate::error::{Interrupted, caught};
use crate::memory;
use tch::{Device, Kind, Tensor};

/// Side of a tile, and how far it reaches into the next, in latents.
const SIDE: i64 = 64;
const OVERLAP: i64 = 16;

/// Bytes that are in memory at once for each number of the widest layer at full size.
const BYTES_EACH: i64 = 24;

/// Latents [1, C, h, w] to pictures [1, 3, H, W]: all at once, or in tiles where memory does not allow that. `widest`
/// are the channels of the widest layer at the size of the picture.
pub(super) fn fitting(
    latents: &Tensor,
    scale: i64,
    widest: i64,
    device: Device,
    decode: impl Fn(&Tensor) -> Result<Tensor, Interrupted>,
) -> Result<Tensor, Interrupted> {
    let pixels = latents.size()[2] * latents.size()[3] * scale * scale;
    if (pixels * widest * BYTES_EACH) as u64 > memory::at_once(device) {
        return decoded(latents, scale, decode);
    }
    match caught(|| decode(latents)) {
        Ok(made) => made,
        Err(why) if memory::was_lacking(&why) => {
            memory::give_back(device);
            decoded(latents, scale, decode)
        }
        Err(why) => panic!("{why}"),
    }
}

/// As `decode` makes them of tiles.
fn decoded(
    latents: &Tensor,
    scale: i64,
    decode: impl Fn(&Tensor) -> Result<Tensor, Interrupted>,
) -> Result<Tensor, Interrupted> {
    in_tiles(latents, scale, (SIDE, OVERLAP), decode)
}

pub(super) fn in_tiles(
    latents: &Tensor,
    scale: i64,
    (side, overlap): (i64, i64),
    decode: impl Fn(&Tensor) -> Result<Tensor, Interrupted>,
) -> Result<Tensor, Interrupted> {
    let size = latents.size();
    let (height, width) = (size[2], size[3]);
    let options = (Kind::Float, latents.device());
    let sum = Tensor::zeros([size[0], 3, height * scale, width * scale], options);
    let weights = Tensor::zeros([1, 1, height * scale, width * scale], options);
    for top in starts(height, side, overlap) {
        for left in starts(width, side, overlap) {
            let (down, across) = (side.min(height), side.min(width));
            let tile = decode(&latents.narrow(2, top, down).narrow(3, left, across))?.to_kind(Kind::Float);
            let fade = |start: i64, length: i64, whole: i64| {
                ramp(start > 0, start + length < whole, length * scale, overlap * scale).to_device(options.1)
            };
            let weight = fade(top, down, height).view([-1, 1]) * fade(left, across, width).view([1, -1]);
            let place =
                |of: &Tensor| of.narrow(2, top * scale, down * scale).narrow(3, left * scale, across * scale);
            let _ = place(&sum).g_add_(&(tile * &weight));
            let _ = place(&weights).g_add_(&weight);
        }
    }
    Ok(sum / weights)
}

/// Where tiles begin along a side: the last one ends where it ends.
fn starts(length: i64, side: i64, overlap: i64) -> Vec<i64> {
    if length <= side {
        return vec![0];
    }
    let count = (length - overlap + side - overlap - 1) / (side - overlap);
    (0..count).map(|n| (n * (side - overlap)).min(length - side)).collect()
}

/// Weights along a side, which rise from the edges that another tile overlaps. None is zero.
fn ramp(before: bool, after: bool, length: i64, overlap: i64) -> Tensor {
    let overlap = overlap.min(length);
    let weight = |at: i64| {
        let from_start = if before { (at + 1) as f32 / (overlap + 1) as f32 } else { 1.0 };
        let from_end = if after { (length - at) as f32 / (overlap + 1) as f32 } else { 1.0 };
        from_start.min(from_end).min(1.0)
    };
    Tensor::from_slice(&(0..length).map(weight).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_a_side_and_end_where_it_ends() {
        assert_eq!(starts(64, 64, 16), [0]);
        assert_eq!(starts(128, 64, 16), [0, 48, 64]);
        for length in 65..300 {
            let starts = starts(length, 64, 16);
            assert_eq!(*starts.last().unwrap(), length - 64);
            assert!(starts.windows(2).all(|pair| pair[1] > pair[0] && pair[1] - pair[0] <= 48), "{length}");
        }
    }

    #[test]
    fn what_knows_its_neighbours_only_is_the_same_in_tiles() {
        let latents = Tensor::randn([1, 3, 40, 90], (Kind::Float, Device::Cpu));
        let decode = |x: &Tensor| Ok(x.upsample_nearest2d([x.size()[2] * 2, x.size()[3] * 2], None, None));
        let made = in_tiles(&latents, 2, (24, 8), decode).unwrap();
        assert!(made.allclose(&decode(&latents).unwrap(), 1e-5, 1e-5, false));
    }

    #[test]
    fn tiles_that_differ_fade_into_each_other() {
        let latents = Tensor::zeros([1, 1, 24, 96], (Kind::Float, Device::Cpu));
        let number = std::cell::Cell::new(0.0);
        let decode = |x: &Tensor| {
            number.set(number.get() + 1.0);
            Ok(Tensor::full([1, 3, x.size()[2], x.size()[3]], number.get(), (Kind::Float, Device::Cpu)))
        };
        let made = in_tiles(&latents, 1, (24, 8), decode).unwrap();
        let steps = made.narrow(3, 1, 95) - made.narrow(3, 0, 95);
        assert!(steps.abs().max().double_value(&[]) < 0.3, "no seam: a tile is 1 more than the one before");
    }
}
