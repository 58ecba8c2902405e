//! Tiles of up to 256 colours.

use super::{DecodeError, PALETTE, SOLID, pack};
use crate::{TILE, TILE_BYTES, Tile};
use std::collections::BTreeMap;

const PIXELS: usize = (TILE * TILE) as usize;
const COLOURS_MAX: usize = 256;

/// The tile as a palette or as one solid colour; none if it has too many colours.
pub fn encode(tile: &Tile) -> Option<Vec<u8>> {
    let mut known = BTreeMap::new();
    let mut colours = Vec::new();
    let mut indices = Vec::with_capacity(PIXELS);
    for pixel in tile.chunks_exact(4) {
        let next = colours.len() / 4;
        let index = *known.entry(pixel).or_insert(next);
        if index == next {
            if next == COLOURS_MAX {
                return None;
            }
            colours.extend_from_slice(pixel);
        }
        indices.push(index as u8);
    }
    let count = colours.len() / 4;
    if count == 1 {
        return Some([&[SOLID], &colours[..]].concat());
    }
    let head = [&[PALETTE, (count - 1) as u8], &colours[..]].concat();
    Some(pack::deflate(head, &packed(&indices, bits(count))))
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
