//! Tiles of up to 256 colours, deflated. Easy for a client of one's own to write; here they are only read.

use super::{DecodeError, pack};
use crate::{TILE, TILE_BYTES, Tile};

const PIXELS: usize = (TILE * TILE) as usize;

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
