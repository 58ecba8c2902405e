//! Opaque tiles as some are kept: smaller by a twelfth than those of [`photo`](super::photo), for fifteen times the work.
//!
//! Each sample is guessed as the mean of several guesses, weighed by how far each was off around it (Seemann and Tischer,
//! "Generalized locally adaptive DPCM", 1997). Red and blue are guessed mostly by how they differ from green, blue also by how
//! it differs from red. What the mean is off is told by the range coder, with the memories of places that were as uneven
//! (Wu and Memon, "Context-based, adaptive, lossless image coding", 1997): one by all that is known of that, one by the
//! neighbours and by the other channels apart, the mean of both.

use super::photo::NEAR;
use super::{DecodeError, edge};
use crate::{TILE, TILE_BYTES, Tile};
use range::{Coder, Decoder, Number};

const SIDE: usize = TILE as usize;
/// Planes have two samples more at the top and on both sides, so that every sample has neighbours.
const MARGIN: usize = 2;
const WIDTH: usize = SIDE + 2 * MARGIN;
const AREA: usize = WIDTH * (SIDE + MARGIN);
/// What is beyond the tile.
const BEYOND: u8 = 128;
/// Places of the channels in a pixel, in the order of telling: green is most of the picture.
const CHANNELS: [usize; 3] = [1, 0, 2];
const GUESSES: usize = 8;
/// A mean is reckoned in so many parts of a level; its rounding says to which side it is more likely off.
const PARTS: u32 = 8;

/// Bounds of the classes of places: by all that is known, by the neighbours, by their slopes (green), by the other channels.
const UNEVEN: [i32; 10] = [2, 5, 10, 17, 27, 40, 60, 95, 150, 240];
const AROUND: [i32; 9] = [3, 7, 12, 20, 30, 45, 70, 110, 180];
const SLOPES: [i32; 5] = [2, 6, 14, 30, 70];
const OTHERS: [i32; 5] = [1, 4, 9, 20, 45];
/// Bits that numbers of such a class begin with.
const BITS: [usize; UNEVEN.len() + 1] = [0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7];

/// The greatest sum of what a guess was off around a sample.
const MISSES_MAX: u32 = 10 * 255;

/// One channel, as far as it is told.
struct Plane {
    values: [u8; AREA],
    /// How far the mean was off.
    off: [u8; AREA],
    /// How far each guess was off.
    misses: [[u8; GUESSES]; AREA],
    by_all: [Number; UNEVEN.len() + 1],
    apart: [[Number; AROUND.len() + 1]; SLOPES.len() + 1],
}

/// Reads what follows the form's byte. Bytes that end early are given up at once.
pub fn decode(body: &[u8]) -> Result<Tile, DecodeError> {
    let (near, body) = body.split_first().ok_or(DecodeError::Photograph)?;
    let mut coder = Decoder::new(body);
    let mut tile = [255; TILE_BYTES];
    if ![0, NEAR].contains(near) {
        return Err(DecodeError::Photograph);
    }
    Pass::new(*near).whole(&mut coder, &mut tile);
    if coder.is_exhausted() { Ok(tile) } else { Err(DecodeError::Photograph) }
}

/// A tile on its way.
struct Pass {
    planes: [Box<Plane>; 3],
    /// Levels of a step.
    step: i32,
    /// Weights of guesses, by how far they were off: the inverse squares.
    weights: Vec<u32>,
}

impl Pass {
    fn new(near: u8) -> Self {
        let weight = |misses: u32| ((1 << 18) / ((misses + 2) * (misses + 2))).max(1);
        Self {
            planes: std::array::from_fn(|_| Plane::new()),
            step: 2 * i32::from(near) + 1,
            weights: (0..=MISSES_MAX).map(weight).collect(),
        }
    }

    /// Hears a tile, until there is no more to hear.
    fn whole(&mut self, coder: &mut Decoder, tile: &mut Tile) {
        for y in 0..SIDE {
            if coder.is_past_end() {
                return;
            }
            for x in 0..SIDE {
                let at = (y + MARGIN) * WIDTH + x + MARGIN;
                let pixel = 4 * (y * SIDE + x);
                // How far the channels before were off here: red and blue are likely to be off where green was.
                let mut others = 0;
                for (channel, place) in CHANNELS.into_iter().enumerate() {
                    tile[pixel + place] = self.hear(coder, at, (channel, others));
                    let off = i32::from(self.planes[channel].off[at]);
                    others = off + if channel == 0 { off } else { others / 2 };
                }
            }
        }
    }

    /// Hears a sample; `others` is how far the channels before this one were off here.
    fn hear(&mut self, coder: &mut Decoder, at: usize, (channel, others): (usize, i32)) -> u8 {
        let guesses = guesses(&self.planes, channel, at);
        let plane = &mut self.planes[channel];
        let parts = plane.mean(&guesses[..[6, 6, 8][channel]], at, &self.weights);
        let guess = (parts + PARTS / 2) / PARTS;
        let (all, around, apart) = plane.classes(at, channel, others);
        let steps = plane.by_all[all].pass_with(&mut plane.apart[apart][around], coder, 0);
        // Turned so that it is more often above.
        let turn = if parts < guess * PARTS { -1 } else { 1 };
        let sample = (guess as i32 + turn * steps * self.step).clamp(0, 255) as u8;
        plane.values[at] = sample;
        plane.off[at] = sample.abs_diff(guess as u8);
        plane.misses[at] = guesses.map(|guess| sample.abs_diff(guess));
        sample
    }
}

/// What a sample may be, by what is around it. The last two are for blue alone.
fn guesses(planes: &[Box<Plane>; 3], channel: usize, at: usize) -> [u8; GUESSES] {
    let value = |plane: usize, at: usize| i32::from(planes[plane].values[at]);
    let own = Around::of(|at| value(channel, at), at);
    let mut guesses = [-1; GUESSES];
    if channel == 0 {
        guesses[..5].copy_from_slice(&own.usual());
        guesses[5] = own.above + (own.above - value(0, at - 2 * WIDTH)) / 2;
    } else {
        let green = value(0, at);
        let beyond = Around::of(|at| value(channel, at) - value(0, at), at);
        guesses[..5].copy_from_slice(&beyond.usual().map(|beyond| green + beyond));
        guesses[5] = own.edge();
    }
    if channel == 2 {
        let beyond = Around::of(|at| value(2, at) - value(1, at), at);
        guesses[6] = value(1, at) + beyond.edge();
        guesses[7] = value(1, at) + beyond.left + (beyond.right - beyond.corner) / 2;
    }
    guesses.map(|guess| guess.clamp(0, 255) as u8)
}

/// The neighbours of a sample that were told before it: left, above, and above to the left and to the right.
struct Around {
    left: i32,
    above: i32,
    corner: i32,
    right: i32,
}

impl Around {
    fn of(value: impl Fn(usize) -> i32, at: usize) -> Self {
        let (left, above) = (value(at - 1), value(at - WIDTH));
        Self { left, above, corner: value(at - WIDTH - 1), right: value(at - WIDTH + 1) }
    }

    fn edge(&self) -> i32 {
        edge(self.left, self.above, self.corner)
    }

    fn plane(&self) -> i32 {
        self.left + self.above - self.corner
    }

    fn usual(&self) -> [i32; 5] {
        [self.left, self.above, self.edge(), self.plane(), self.left + (self.right - self.corner) / 2]
    }

    fn slopes(&self) -> i32 {
        let Self { left, above, corner, right } = *self;
        (left - corner).abs() + (above - corner).abs() + (above - right).abs()
    }
}

impl Plane {
    fn new() -> Box<Self> {
        let mut plane = Box::new(Self {
            values: [BEYOND; AREA],
            off: [0; AREA],
            misses: [[0; GUESSES]; AREA],
            by_all: [const { Number::about(0) }; _],
            apart: [[const { Number::about(0) }; _]; _],
        });
        for (class, bits) in BITS.into_iter().enumerate() {
            plane.by_all[class] = Number::about(bits);
            for numbers in plane.apart.iter_mut().filter(|numbers| class < numbers.len()) {
                numbers[class] = Number::about(bits);
            }
        }
        plane
    }

    /// The weighed mean of guesses, in [`PARTS`] of a level.
    fn mean(&self, guesses: &[u8], at: usize, by_misses: &[u32]) -> u32 {
        let near = [at - 1, at - WIDTH].map(|at| &self.misses[at]);
        let further =
            [at - 2, at - WIDTH - 2, at - WIDTH - 1, at - WIDTH + 1, at - WIDTH + 2, at - 2 * WIDTH]
                .map(|at| &self.misses[at]);
        let misses: [u16; GUESSES] = std::array::from_fn(|n| {
            let sum =
                |places: &[&[u8; GUESSES]]| places.iter().map(|misses| u16::from(misses[n])).sum::<u16>();
            2 * sum(&near) + sum(&further)
        });
        let (mut sum, mut weights) = (0, 0);
        for (guess, misses) in guesses.iter().zip(misses) {
            let weight = by_misses[usize::from(misses)];
            sum += weight * u32::from(*guess);
            weights += weight;
        }
        sum * PARTS / weights
    }

    /// The classes of a place: by all that is known of it, by its neighbours, and by what else there is.
    fn classes(&self, at: usize, channel: usize, others: i32) -> (usize, usize, usize) {
        let off = |at: usize| i32::from(self.off[at]);
        let around =
            2 * (off(at - 1) + off(at - WIDTH)) + off(at - 2) + off(at - WIDTH - 1) + off(at - WIDTH + 1);
        let class = |value: i32, bounds: &[i32]| bounds.iter().filter(|bound| value > **bound).count();
        let (else_, apart) = if channel == 0 {
            let slopes = Around::of(|at| i32::from(self.values[at]), at).slopes();
            (slopes, class(slopes, &SLOPES))
        } else {
            (others * 3 / 2, class(others, &OTHERS))
        };
        (class(around + else_, &UNEVEN), class(around, &AROUND), apart)
    }
}
