//! Row filters of PNG (ISO/IEC 15948, clause 9): each byte as its difference from a guess, so
//! that gradients and photographs deflate well. Easy for a client of one's own to write; here they are only read.

use super::{DecodeError, pack};
use crate::{TILE, TILE_BYTES, Tile};

const SIDE: usize = TILE as usize;
const TYPES: u8 = 5;
/// Filter type and four channels for each row.
const ROWS_MAX: usize = SIDE * (1 + SIDE * 4);

/// Reads what follows the form's byte.
pub fn decode(body: &[u8], channels: usize) -> Result<Tile, DecodeError> {
    let width = SIDE * channels;
    let mut rows = [0; ROWS_MAX];
    let rows = &mut rows[..SIDE * (1 + width)];
    pack::inflate(body, rows)?;
    let mut tile = [255; TILE_BYTES];
    let mut above = vec![0; width];
    for (line, out) in rows.chunks_exact_mut(1 + width).zip(tile.chunks_exact_mut(SIDE * 4)) {
        let (kind, row) = (line[0], &mut line[1..]);
        if kind >= TYPES {
            return Err(DecodeError::Filter(kind));
        }
        for i in 0..width {
            row[i] = row[i].wrapping_add(guess(kind, row, &above, i, channels));
        }
        for (pixel, out) in row.chunks_exact(channels).zip(out.chunks_exact_mut(4)) {
            out[..channels].copy_from_slice(pixel);
        }
        above.copy_from_slice(row);
    }
    Ok(tile)
}

/// What filter `kind` expects at `i`, from the bytes left, above, and above left of it.
fn guess(kind: u8, row: &[u8], above: &[u8], i: usize, channels: usize) -> u8 {
    let (left, corner) = if i < channels { (0, 0) } else { (row[i - channels], above[i - channels]) };
    match kind {
        0 => 0,
        1 => left,
        2 => above[i],
        3 => ((u16::from(left) + u16::from(above[i])) / 2) as u8,
        _ => paeth(left, above[i], corner),
    }
}

/// Whichever of the three is nearest to `left + above - corner`.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(corner));
    let (to_left, to_above, to_corner) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if to_left <= to_above && to_left <= to_corner {
        left
    } else if to_above <= to_corner {
        above
    } else {
        corner
    }
}
