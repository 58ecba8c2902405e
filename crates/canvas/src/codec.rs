//! How a tile travels: losslessly, in the smallest of a few forms.
//!
//! The first byte names the form:
//! - 0 solid: one RGBA colour.
//! - 1 palette: the number of colours less one, the colours (RGBA), then the deflated indices,
//!   packed to 1, 2, 4 or 8 bits with the first pixel in the low bits.
//! - 2 opaque: rows of RGB behind PNG's filter types, deflated; alpha is 255.
//! - 3 translucent: the same with RGBA.
//! - 4 raw: the pixels as they are.
//! - 5 blended: how coarse it is, then RGB by an adaptive range coder; alpha is 255.
//! - 6 photograph: how coarse it is, then RGB by asymmetric numeral systems; alpha is 255.
//! - 7 drawn: the number of colours less one, then the colours and each pixel's among them by an adaptive range coder.
//!
//! Forms 1, 2, 3 and 5 are read and not written.

mod ans;
mod blend;
mod drawn;
mod filter;
mod pack;
mod palette;
mod photo;

use crate::{TILE_BYTES, Tile};
use std::ops::{Add, Sub};

const SOLID: u8 = 0;
const PALETTE: u8 = 1;
const OPAQUE: u8 = 2;
const TRANSLUCENT: u8 = 3;
const RAW: u8 = 4;
const BLENDED: u8 = 5;
const PHOTOGRAPH: u8 = 6;
const DRAWN: u8 = 7;

/// Bytes of the largest coded tile.
pub const CODED_MAX: usize = 1 + TILE_BYTES;

/// Why bytes are no coded tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("a coded tile of {0} bytes; it has 1 to {CODED_MAX}")]
    Size(usize),
    #[error("unknown tile form {0}; 0 to 7 are allowed")]
    Form(u8),
    #[error("the tile's form needs {want} bytes, not {have}")]
    Length { want: usize, have: usize },
    #[error("the tile's deflated part is broken, or does not give exactly {0} bytes")]
    Deflate(usize),
    #[error("colour {index} of a palette of {colours}")]
    Index { index: u8, colours: usize },
    #[error("unknown filter type {0}; 0 to 4 are allowed")]
    Filter(u8),
    #[error("the drawing ends early, goes on after its end, or has a colour beyond its own")]
    Drawing,
    #[error("the photograph ends early or goes on after its end")]
    Photograph,
}

/// The smallest form of `tile`, at most [`CODED_MAX`] bytes.
pub fn encode(tile: &Tile) -> Vec<u8> {
    let drawn = match drawn::encode(tile) {
        Some(small) if is_small(&small) => return small,
        drawn => drawn,
    };
    let photograph = is_opaque(tile).then(|| [&[PHOTOGRAPH], &photo::encode(tile)[..]].concat());
    let forms = drawn.into_iter().chain(photograph);
    forms.chain([raw(tile)]).min_by_key(Vec::len).expect("there is always the last")
}

/// Moves the samples of a photograph by at most 3 levels, so that as a rule its form takes less than half the bytes. A
/// tile that is not opaque, or small as it is, stays what it is.
pub fn coarsen(tile: &mut Tile) {
    if is_opaque(tile) && !drawn::encode(tile).is_some_and(|drawn| is_small(&drawn)) {
        photo::coarsen(tile);
    }
}

/// Whether trying another form is not worth its time.
fn is_small(drawn: &[u8]) -> bool {
    drawn.len() <= CODED_MAX / 16
}

fn is_opaque(tile: &Tile) -> bool {
    tile.chunks_exact(4).all(|pixel| pixel[3] == 255)
}

/// `tile` as it is, which costs no time.
pub fn raw(tile: &Tile) -> Vec<u8> {
    [&[RAW], &tile[..]].concat()
}

/// The pixels of a coded tile. Work and memory are bounded whatever the bytes are.
///
/// # Errors
/// If `coded` is not one of the forms, to the last byte.
pub fn decode(coded: &[u8]) -> Result<Tile, DecodeError> {
    let form = *coded.first().ok_or(DecodeError::Size(0))?;
    if coded.len() > CODED_MAX {
        return Err(DecodeError::Size(coded.len()));
    }
    let body = &coded[1..];
    match form {
        SOLID => Ok(solid(exactly(body)?)),
        PALETTE => palette::decode(body),
        OPAQUE => filter::decode(body, 3),
        TRANSLUCENT => filter::decode(body, 4),
        BLENDED => blend::decode(body),
        PHOTOGRAPH => photo::decode(body),
        RAW => exactly(body),
        DRAWN => drawn::decode(body),
        other => Err(DecodeError::Form(other)),
    }
}

/// The median edge detector of JPEG-LS (Weinberger, Seroussi and Sapiro, "The LOCO-I lossless image compression algorithm",
/// 2000), by the neighbours left, above, and above to the left.
fn edge<T: Copy + Ord + Add<Output = T> + Sub<Output = T>>(left: T, above: T, corner: T) -> T {
    (left + above - corner).max(left.min(above)).min(left.max(above))
}

fn exactly<const N: usize>(body: &[u8]) -> Result<[u8; N], DecodeError> {
    body.try_into().map_err(|_| DecodeError::Length { want: N, have: body.len() })
}

pub(crate) fn solid(colour: [u8; 4]) -> Tile {
    std::array::from_fn(|i| colour[i % 4])
}
