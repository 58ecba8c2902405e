//! Which part of a picture is painted anew.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr, sync::Arc};

/// Cloning it clones a reference. A picture cut into [`Mask::SIDE`] by [`Mask::SIDE`] cells, whatever its size: those of the latents of the largest
/// one. At least one cell is marked.
///
/// Travels as lower-case hexadecimal: the lengths of runs in rows from the top, in turns of cells that stay and cells
/// that are marked, each in LEB128. The first may be 0; the last, which goes to the end, is left out.
#[derive(Clone, PartialEq, Eq)]
pub struct Mask(Arc<[bool]>);

/// The text was no mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("mask: expected lengths of runs within {} cells in hexadecimal", Mask::CELLS)]
pub struct BadMask;

impl Mask {
    pub const SIDE: usize = 128;
    const CELLS: usize = Self::SIDE * Self::SIDE;

    /// Rows from the top; none if nothing is marked.
    ///
    /// # Panics
    /// If `cells` are not [`Mask::SIDE`] squared.
    pub fn new(cells: Vec<bool>) -> Option<Self> {
        assert_eq!(cells.len(), Self::CELLS, "cells of a mask");
        cells.contains(&true).then(|| Self(cells.into()))
    }

    /// Rows from the top; true is painted anew.
    pub fn cells(&self) -> &[bool] {
        &self.0
    }

    /// How much of each pixel is marked, 0 to 255, of a picture of so many pixels: between the middles of cells it
    /// goes evenly from one to the other, so that a line has no steps.
    pub fn coverage(&self, width: usize, height: usize) -> Vec<u8> {
        let between = |pixel: usize, pixels: usize| {
            let at = (pixel as f32 + 0.5) * Self::SIDE as f32 / pixels as f32 - 0.5;
            let at = at.clamp(0.0, (Self::SIDE - 1) as f32);
            let low = at as usize;
            (low, (low + 1).min(Self::SIDE - 1), at - low as f32)
        };
        let cell = |x: usize, y: usize| if self.0[y * Self::SIDE + x] { 255.0 } else { 0.0 };
        let columns: Vec<_> = (0..width).map(|x| between(x, width)).collect();
        let row = |y| {
            let (above, below, down) = between(y, height);
            columns.iter().map(move |&(left, right, across)| {
                let along = |y| cell(left, y) + (cell(right, y) - cell(left, y)) * across;
                (along(above) + (along(below) - along(above)) * down).round() as u8
            })
        };
        (0..height).flat_map(row).collect()
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut marked, mut left) = (false, &self.0[..]);
        while let Some(run) = left.iter().position(|cell| *cell != marked) {
            let mut length = run;
            while length >= 0x80 {
                write!(f, "{:02x}", length & 0x7f | 0x80)?;
                length >>= 7;
            }
            write!(f, "{length:02x}")?;
            (marked, left) = (!marked, &left[run..]);
        }
        Ok(())
    }
}

impl fmt::Debug for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mask({self})")
    }
}

impl FromStr for Mask {
    type Err = BadMask;

    fn from_str(text: &str) -> Result<Self, BadMask> {
        let lower = text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
        if !lower || !text.len().is_multiple_of(2) {
            return Err(BadMask);
        }
        let mut cells = Vec::with_capacity(Self::CELLS);
        let (mut marked, mut length, mut place) = (false, 0, 0);
        for pair in text.as_bytes().chunks_exact(2) {
            let pair = std::str::from_utf8(pair).map_err(|_| BadMask)?;
            let byte = usize::from_str_radix(pair, 16).map_err(|_| BadMask)?;
            length |= (byte & 0x7f) << place;
            place += 7;
            if byte & 0x80 != 0 {
                // No run is longer than three sevens of bits.
                if place > 14 {
                    return Err(BadMask);
                }
                continue;
            }
            // Only the first may be empty, and the last is not told.
            if length == 0 && (marked || !cells.is_empty()) || cells.len() + length >= Self::CELLS {
                return Err(BadMask);
            }
            cells.resize(cells.len() + length, marked);
            (marked, length, place) = (!marked, 0, 0);
        }
        let told_in_full = place == 0 && (!cells.is_empty() || marked);
        cells.resize(Self::CELLS, marked);
        Self::new(cells).filter(|_| told_in_full).ok_or(BadMask)
    }
}

impl Serialize for Mask {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Mask {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(cells: impl Fn(usize, usize) -> bool) -> Mask {
        let cells = (0..Mask::CELLS).map(|n| cells(n % Mask::SIDE, n / Mask::SIDE));
        Mask::new(cells.collect()).expect("something is marked")
    }

    #[test]
    fn it_is_told_in_runs() {
        assert_eq!(told(|_, _| true).to_string(), "00");
        assert_eq!(told(|x, y| (x, y) == (0, 0)).to_string(), "0001");
        assert_eq!(told(|x, y| y == 1 && x < 2).to_string(), "800102");
        for text in ["00", "0001", "800102", "05"] {
            let mask: Mask = text.parse().expect("it is a mask");
            assert_eq!(mask.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_mask_is_refused() {
        for text in [
            "", "0", "xx", "0A", "+1", "80", "80808001", "0000", "050005", "000000", "000005", "808001",
            "01ff7f01",
        ] {
            assert_eq!(text.parse::<Mask>(), Err(BadMask), "{text}");
        }
    }

    #[test]
    fn its_edge_goes_evenly_at_every_size() {
        let half = told(|x, _| x >= 64);
        let wide = half.coverage(1024, 64);
        assert_eq!((wide[0], wide[508], wide[515], wide[1023]), (0, 16, 239, 255));
        assert_eq!(half.coverage(128, 128)[63..65], [0, 255]);
        assert_eq!(half.coverage(64, 64)[31..33], [0, 255]);
    }
}
