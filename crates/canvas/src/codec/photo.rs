//! Opaque tiles that are no drawing: photographs, and finished pictures that were laid onto the paper.
//!
//! Green is guessed from its neighbours by the median edge detector ([`edge`]), red and blue from how they differ from green
//! there. How far the neighbours and the other channels were off says how far this guess may be (Wu and Memon,
//! "Context-based, adaptive, lossless image coding", 1997), and with that spread [`ans`] tells what it is off. Nothing is
//! learnt on the way: an encoder makes a row at a time, which compilers turn into vectors.
//!
//! A tile may be coarse: each sample a whole number of steps from the guess, as in JPEG-LS with a `NEAR` of its own.
//! Such a tile is what [`coarsen`] makes of another; told it is without loss, as a rule in less than half the bytes.

use super::{DecodeError, ans, edge};
use crate::{TILE, TILE_BYTES, Tile};
use std::sync::LazyLock;

const SIDE: usize = TILE as usize;
/// Rows have a sample more on both sides, so that every sample has neighbours.
const WIDTH: usize = SIDE + 2;
/// Places of the channels in a pixel, in the order of telling: the others are told by how they differ from green.
const CHANNELS: [usize; ans::LANES] = [1, 0, 2];
/// What is beyond the tile, as it is told.
const BEYOND: [i16; 3] = [128, 0, 0];

/// How much of what green and red were off at a place is expected of red and blue.
const OTHERS: [[i16; 2]; 3] = [[0, 0], [3, 0], [1, 3]];
/// The scale of a spread where nothing was off, and what each level adds that something was; fitted to photographs and to the
/// pictures of the shipped model.
const SCALES: [(f64, f64); 3] = [(0.85, 0.34), (0.8, 0.17), (0.77, 0.2)];
/// Beyond so many levels off no spread is wider.
const UNEVEN_MAX: i16 = 511;
/// The spread of a channel's samples where so much was off.
static SPREADS: LazyLock<[[u8; UNEVEN_MAX as usize + 1]; 3]> = LazyLock::new(|| {
    SCALES.map(|(least, each)| std::array::from_fn(|uneven| ans::spread(least + each * uneven as f64)))
});

/// How far a sample of a coarse tile may be from what it was.
pub const NEAR: u8 = 3;

/// The colours of an opaque tile, as coarse as it is.
pub fn encode(tile: &Tile) -> Vec<u8> {
    let coded = |near: u8, symbols: Vec<_>| [&[near], &ans::encode(&symbols)[..]].concat();
    symbols::<{ step(NEAR) }>(tile).map(|symbols| coded(NEAR, symbols)).unwrap_or_else(|| {
        coded(0, symbols::<{ step(0) }>(tile).expect("steps of one level reach everything"))
    })
}

/// Reads what follows the form's byte.
pub fn decode(body: &[u8]) -> Result<Tile, DecodeError> {
    let (near, body) = body.split_first().ok_or(DecodeError::Photograph)?;
    let mut decoder = ans::Decoder::new(body).ok_or(DecodeError::Photograph)?;
    if ![0, NEAR].contains(near) {
        return Err(DecodeError::Photograph);
    }
    let mut tile = [255; TILE_BYTES];
    walk(step(*near), &mut tile, |channel, spread, _| i16::from(decoder.number(channel, spread)));
    if decoder.is_exhausted() { Ok(tile) } else { Err(DecodeError::Photograph) }
}

/// Moves samples of an opaque tile by at most [`NEAR`], so that they take few bytes.
pub fn coarsen(tile: &mut Tile) {
    let step = step(NEAR);
    walk(step, tile, |_, _, off| steps(off, step));
}

/// Levels of a step.
const fn step(near: u8) -> i16 {
    2 * near as i16 + 1
}

/// The whole steps next to so many levels; of single levels those that lead there beyond 255, too.
fn steps(off: i16, step: i16) -> i16 {
    if step == 1 { i16::from(off as i8) } else { (off.abs() + step / 2) / step * off.signum() }
}

/// The sample that is so many steps from a guess.
fn sample(guess: i16, steps: i16, step: i16) -> i16 {
    if step == 1 { (guess + steps) & 255 } else { (guess + steps * step).clamp(0, 255) }
}

/// What [`ans`] tells of a tile, pixel by pixel; none if a sample is no whole number of steps from its guess.
fn symbols<const STEP: i16>(tile: &Tile) -> Option<Vec<[u16; 3]>> {
    let spreads = &*SPREADS;
    let mut symbols = vec![[0; 3]; SIDE * SIDE];
    let mut told = Told::new();
    for (pixels, symbols) in tile.as_chunks::<4>().0.chunks_exact(SIDE).zip(symbols.chunks_exact_mut(SIDE)) {
        told.next_row();
        let samples = CHANNELS.map(|place| row(|x| i16::from(pixels[x][place])));
        for (channel, own) in samples.iter().enumerate() {
            let green = if channel == 0 { &[0; SIDE] } else { &samples[0] };
            told.here[channel].set_values(row(|x| own[x] - green[x]));
            let guesses = row(|x| told.guess(channel, x, green[x]));
            let steps = row(|x| steps(own[x] - guesses[x], STEP));
            if (0..SIDE).fold(0, |differs, x| differs | sample(guesses[x], steps[x], STEP) ^ own[x]) != 0 {
                return None;
            }
            told.here[channel].set_off(row(|x| steps[x].abs()));
            let uneven = row(|x| told.uneven(channel, x));
            for (x, symbols) in symbols.iter_mut().enumerate() {
                symbols[channel] = ans::symbol(spreads[channel][uneven[x] as usize], steps[x] as i8);
            }
        }
    }
    Some(symbols)
}

fn row(each: impl Fn(usize) -> i16) -> [i16; SIDE] {
    std::array::from_fn(each)
}

/// Goes through a tile as it is told. `next` is given a sample's channel, its spread and how far it is off, and says
/// by how many steps.
fn walk(step: i16, tile: &mut Tile, mut next: impl FnMut(usize, u8, i16) -> i16) {
    let spreads = &*SPREADS;
    let mut told = Told::new();
    for pixels in tile.as_chunks_mut::<4>().0.chunks_exact_mut(SIDE) {
        told.next_row();
        for (x, pixel) in pixels.iter_mut().enumerate() {
            let mut green = 0;
            for (channel, place) in CHANNELS.into_iter().enumerate() {
                let guess = told.guess(channel, x, green);
                let spread = spreads[channel][told.uneven(channel, x) as usize];
                let steps = next(channel, spread, i16::from(pixel[place]) - guess);
                let sample = sample(guess, steps, step);
                pixel[place] = sample as u8;
                let here = &mut told.here[channel];
                here.values[x + 1] = sample - green;
                here.off[x + 1] = steps.abs();
                if channel == 0 {
                    green = sample;
                }
            }
        }
    }
}

/// The last two rows, as far as they are told.
struct Told {
    above: [Row; 3],
    here: [Row; 3],
}

/// One channel of a row.
#[derive(Clone, Copy)]
struct Row {
    /// Green, or how much more than green it is.
    values: [i16; WIDTH],
    /// How many steps off the guesses were.
    off: [i16; WIDTH],
}

impl Row {
    fn set_values(&mut self, values: [i16; SIDE]) {
        self.values[1..=SIDE].copy_from_slice(&values);
    }

    fn set_off(&mut self, off: [i16; SIDE]) {
        self.off[1..=SIDE].copy_from_slice(&off);
    }
}

impl Told {
    fn new() -> Self {
        let beyond = BEYOND.map(|value| Row { values: [value; WIDTH], off: [0; WIDTH] });
        Self { above: beyond, here: beyond }
    }

    fn next_row(&mut self) {
        std::mem::swap(&mut self.above, &mut self.here);
    }

    /// What a sample may be where green is so much; green itself is told by none.
    fn guess(&self, channel: usize, x: usize, green: i16) -> i16 {
        let (here, above) = (&self.here[channel].values, &self.above[channel].values);
        (green + edge(here[x], above[x + 1], above[x])).clamp(0, 255)
    }

    /// How far off guesses were around a place, and those of the channels before at it.
    fn uneven(&self, channel: usize, x: usize) -> i16 {
        let (here, above) = (&self.here[channel].off, &self.above[channel].off);
        let around = 2 * (here[x] + above[x + 1]) + above[x] + above[x + 2];
        let [of_green, of_red] = OTHERS[channel];
        let others = of_green * self.here[0].off[x + 1] + of_red * self.here[1].off[x + 1];
        (around + others).min(UNEVEN_MAX)
    }
}
