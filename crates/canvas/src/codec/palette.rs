//! Tiles of up to 256 colours.

use super::{DecodeError, PALETTE, SOLID, pack};
use crate::{TILE, TILE_BYTES, Tile};

const PIXELS: usize = (TILE * TILE) as usize;
const COLOURS_MAX: usize = 256;

/// The tile as a palette or as one solid colour; none if it has too many colours.
pub fn encode(tile: &Tile) -> Option<Vec<u8>> {
    let mut known = Known::default();
    let mut indices = Vec::with_capacity(PIXELS);
    for pixel in tile.as_chunks().0 {
        indices.push(known.index(*pixel)?);
    }
    let colours = known.colours.as_flattened();
    let count = known.colours.len();
    if count == 1 {
        return Some([&[SOLID], colours].concat());
    }
    let head = [&[PALETTE, (count - 1) as u8], colours].concat();
    Some(pack::deflate(head, &packed(&indices, bits(count))))
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

/// Reads what follows the form's byte.
pub fn decode(body: &[u8]) -> Result<Tile, DecodeError> {
    let count = usize::from(*body.first().ok_or(DecodeError::Length { want: 1, have: 0 })?) + 1;
    let end = 1 + count * 4;
    let short = DecodeError::Length { want: end, have: body.len() };
    let colours = body.get(1..end).ok_or(short)?;
    let bits = bits(count);
    let mut indices = [0; PIXELS];
    let indices = &mut indices[..PIXELS * bits / 8];
    pack::inflate(&body[end..], indices)?;
    let mut tile = [0; TILE_BYTES];
    let each = 8 / bits;
    for (i, pixel) in tile.chunks_exact_mut(4).enumerate() {
        let index = indices[i / each] >> (i % each * bits) & mask(bits);
        let at = usize::from(index) * 4;
        let colour = colours.get(at..at + 4).ok_or(DecodeError::Index { index, colours: count })?;
        pixel.copy_from_slice(colour);
    }
    Ok(tile)
}

/// Bits of an index into `count` colours.
fn bits(count: usize) -> usize {
    match count {
        ..=2 => 1,
        3..=4 => 2,
        5..=16 => 4,
        _ => 8,
    }
}

fn mask(bits: usize) -> u8 {
    (0xffu16 >> (8 - bits)) as u8
}

fn packed(indices: &[u8], bits: usize) -> Vec<u8> {
    let byte =
        |group: &[u8]| group.iter().rev().fold(0u8, |byte, index| (u16::from(byte) << bits) as u8 | index);
    indices.chunks(8 / bits).map(byte).collect()
}
