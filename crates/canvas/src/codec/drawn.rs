//! Tiles of up to 256 colours, as one draws them, by an adaptive range coder.
//!
//! Most pixels are as their left neighbour or the one above; how likely that is, is told by which of the neighbours around are
//! alike (as in PWC: Ausbeck, "The piecewise-constant image model", 2000). A colour that was not there before is the next one.

use super::{DRAWN, DecodeError, SOLID};
use crate::{TILE, TILE_BYTES, Tile};
use range::{Bit, Coder, Decoder, Encoder, Number};

const SIDE: usize = TILE as usize;
const PIXELS: usize = SIDE * SIDE;
const COLOURS_MAX: usize = 256;

/// The tile in few colours, or in one; none if it has too many.
pub fn encode(tile: &Tile) -> Option<Vec<u8>> {
    let mut known = Known::default();
    let mut indices = [0; PIXELS];
    for (index, pixel) in indices.iter_mut().zip(tile.as_chunks().0) {
        *index = known.index(*pixel)?;
    }
    let mut colours = known.colours;
    if let [only] = colours[..] {
        return Some([&[SOLID], &only[..]].concat());
    }
    let mut coder = Encoder::default();
    pass(&mut coder, &mut colours, &mut indices);
    Some([&[DRAWN, (colours.len() - 1) as u8], &coder.finish()[..]].concat())
}

/// Reads what follows the form's byte.
pub fn decode(body: &[u8]) -> Result<Tile, DecodeError> {
    let (most, coded) = body.split_first().ok_or(DecodeError::Length { want: 1, have: 0 })?;
    let mut colours = vec![[0; 4]; usize::from(*most) + 1];
    let mut indices = [0; PIXELS];
    let mut coder = Decoder::new(coded);
    pass(&mut coder, &mut colours, &mut indices);
    let mut tile = [0; TILE_BYTES];
    for (index, pixel) in indices.into_iter().zip(tile.as_chunks_mut().0) {
        *pixel = *colours.get(usize::from(index)).ok_or(DecodeError::Drawing)?;
    }
    if coder.is_exhausted() { Ok(tile) } else { Err(DecodeError::Drawing) }
}

/// Colours in the order in which they came, to be found by their hash (Knuth's, by the golden ratio).
struct Known {
    colours: Vec<[u8; 4]>,
    /// Places of colours, at their hashes or behind.
    places: [Option<u8>; 1 << Self::BITS],
}

impl Default for Known {
    fn default() -> Self {
        Self { colours: Vec::with_capacity(COLOURS_MAX), places: [None; _] }
    }
}

impl Known {
    const BITS: u32 = 10;

    /// The place of a colour, which it may get now; none if it would be one too many.
    fn index(&mut self, colour: [u8; 4]) -> Option<u8> {
        let hash = u32::from_le_bytes(colour).wrapping_mul(0x9E37_79B9) >> (u32::BITS - Self::BITS);
        let mut at = hash as usize;
        loop {
            let Some(place) = self.places[at] else {
                let place = u8::try_from(self.colours.len()).ok()?;
                self.places[at] = Some(place);
                self.colours.push(colour);
                return Some(place);
            };
            if self.colours[usize::from(place)] == colour {
                return Some(place);
            }
            at = (at + 1) % self.places.len();
        }
    }
}

fn pass(coder: &mut impl Coder, colours: &mut [[u8; 4]], indices: &mut [u8; PIXELS]) {
    pass_colours(coder, colours);
    let mut models = Models::default();
    let mut seen = 0;
    for at in 0..PIXELS {
        let index = models.pass(coder, &indices[..at], seen, indices[at]);
        indices[at] = index;
        seen = seen.max(usize::from(index) + 1);
    }
}

/// Each as the difference to the one before: colours between two are alike in how their channels differ.
fn pass_colours(coder: &mut impl Coder, colours: &mut [[u8; 4]]) {
    let mut models = [const { Number::about(4) }; 4];
    let mut before = [0; 4];
    for colour in colours {
        let channels = colour.map(i32::from);
        let told = [channels[0], channels[1] - channels[0], channels[2] - channels[1], channels[3]];
        for (n, told) in told.into_iter().enumerate() {
            // Broken bytes may say anything; what is further apart is no pair of colours.
            before[n] = (before[n] + models[n].pass(coder, told - before[n])).clamp(-255, 255);
        }
        let [first, second, third, alpha] = before;
        *colour = [first, first + second, first + second + third, alpha].map(|channel| channel as u8);
    }
}

struct Models {
    /// By which neighbours are alike.
    left: [Bit; 64],
    above: [Bit; 64],
    right: [Bit; 64],
    fresh: Bit,
    /// By the bits before, from the highest on.
    others: [Bit; COLOURS_MAX],
}

impl Default for Models {
    fn default() -> Self {
        let even = [Bit::new(128); 64];
        Self {
            left: even,
            above: even,
            right: even,
            fresh: Bit::new(128),
            others: [Bit::new(128); COLOURS_MAX],
        }
    }
}

impl Models {
    /// The next pixel, after those that are known, with `seen` colours among them.
    fn pass(&mut self, coder: &mut impl Coder, known: &[u8], seen: usize, index: u8) -> u8 {
        let back = |by: usize| known.len().checked_sub(by).map_or(0, |at| known[at]);
        let [left, above, corner, right] = [1, SIDE, SIDE + 1, SIDE - 1].map(back);
        let alike = [
            left == above,
            left == corner,
            above == corner,
            above == right,
            left == back(2),
            above == back(2 * SIDE),
        ];
        let context = alike.into_iter().fold(0, |context, alike| context << 1 | usize::from(alike));
        if !coder.bit(&mut self.left[context], index != left) {
            return left;
        }
        if above != left && !coder.bit(&mut self.above[context], index != above) {
            return above;
        }
        if right != left && right != above && !coder.bit(&mut self.right[context], index != right) {
            return right;
        }
        if seen < COLOURS_MAX && coder.bit(&mut self.fresh, usize::from(index) == seen) {
            return seen as u8;
        }
        let bits = usize::BITS - seen.saturating_sub(1).leading_zeros();
        let bit = |node, place: u32| {
            node << 1 | usize::from(coder.bit(&mut self.others[node], index >> place & 1 == 1))
        };
        ((0..bits).rev().fold(1, bit) - (1 << bits)) as u8
    }
}
