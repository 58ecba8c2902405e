//! Large pictures decoded and encoded in tiles that overlap, each fading into the next: where all of one at once does
//! not fit into memory.

use crate::error::{Interrupted, caught};
use crate::memory;
use tch::{Device, Kind, Tensor};

/// Side of a tile, and how far it reaches into the next, in latents.
const SIDE: i64 = 64;
const OVERLAP: i64 = 16;

/// Bytes that are in memory at once for each number of the widest layer at full size.
const BYTES_EACH: i64 = 24;

/// How many pixels along a side stand for one latent, in what is given and in what is made of it: 1 where it is latents.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sides {
    pub given: i64,
    pub made: i64,
}

/// `work` on what is given, [1, C, h, w]: on all at once, or on tiles where memory does not allow that. `widest` are the
/// channels of the widest layer at the size of the picture.
pub(super) fn fitting(
    given: &Tensor,
    sides: Sides,
    widest: i64,
    device: Device,
    work: impl Fn(&Tensor) -> Result<Tensor, Interrupted>,
) -> Result<Tensor, Interrupted> {
    let scale = sides.made.max(sides.given) / sides.given;
    let pixels = given.size()[2] * given.size()[3] * scale * scale;
    if (pixels * widest * BYTES_EACH) as u64 > memory::at_once(device) {
        return in_tiles(given, sides, (SIDE, OVERLAP), work);
    }
    match caught(|| work(given)) {
        Ok(made) => made,
        Err(why) if memory::was_lacking(&why) => {
            memory::give_back(device);
            in_tiles(given, sides, (SIDE, OVERLAP), work)
        }
        Err(why) => panic!("{why}"),
    }
}

/// `work` on tiles of this side that overlap so far, in latents.
pub(super) fn in_tiles(
    given: &Tensor,
    sides: Sides,
    (side, overlap): (i64, i64),
    work: impl Fn(&Tensor) -> Result<Tensor, Interrupted>,
) -> Result<Tensor, Interrupted> {
    let size = given.size();
    let (height, width) = (size[2] / sides.given, size[3] / sides.given);
    let options = (Kind::Float, given.device());
    let part = |of: &Tensor, scale: i64, [top, left, down, across]: [i64; 4]| {
        of.narrow(2, top * scale, down * scale).narrow(3, left * scale, across * scale)
    };
    let mut sum = None;
    let weights = Tensor::zeros([1, 1, height * sides.made, width * sides.made], options);
    for top in starts(height, side, overlap) {
        for left in starts(width, side, overlap) {
            let (down, across) = (side.min(height), side.min(width));
            let place = [top, left, down, across];
            let tile = work(&part(given, sides.given, place))?.to_kind(Kind::Float);
            let fade = |start: i64, length: i64, whole: i64| {
                let (length, overlap) = (length * sides.made, overlap * sides.made);
                ramp(start > 0, start * sides.made + length < whole * sides.made, length, overlap)
                    .to_device(options.1)
            };
            let weight = fade(top, down, height).view([-1, 1]) * fade(left, across, width).view([1, -1]);
            let sum = sum.get_or_insert_with(|| {
                let channels = tile.size()[1];
                Tensor::zeros([size[0], channels, height * sides.made, width * sides.made], options)
            });
            let _ = part(sum, sides.made, place).g_add_(&(tile * &weight));
            let _ = part(&weights, sides.made, place).g_add_(&weight);
        }
    }
    Ok(sum.expect("a side has a tile at least") / weights)
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
        let made = in_tiles(&latents, Sides { given: 1, made: 2 }, (24, 8), decode).unwrap();
        assert!(made.allclose(&decode(&latents).unwrap(), 1e-5, 1e-5, false));
        let encode = |x: &Tensor| Ok(x.avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None));
        let again = in_tiles(&made, Sides { given: 2, made: 1 }, (24, 8), encode).unwrap();
        assert!(again.allclose(&latents, 1e-5, 1e-5, false));
    }

    #[test]
    fn tiles_that_differ_fade_into_each_other() {
        let latents = Tensor::zeros([1, 1, 24, 96], (Kind::Float, Device::Cpu));
        let number = std::cell::Cell::new(0.0);
        let decode = |x: &Tensor| {
            number.set(number.get() + 1.0);
            Ok(Tensor::full([1, 3, x.size()[2], x.size()[3]], number.get(), (Kind::Float, Device::Cpu)))
        };
        let made = in_tiles(&latents, Sides { given: 1, made: 1 }, (24, 8), decode).unwrap();
        let steps = made.narrow(3, 1, 95) - made.narrow(3, 0, 95);
        assert!(steps.abs().max().double_value(&[]) < 0.3, "no seam: a tile is 1 more than the one before");
    }
}
