//! A canvas by the digests of its tiles.

use crate::{
    Digest, Problem,
    limits::{CANVAS_SIDE_MAX, TILE},
};
use serde::{Deserialize, Serialize};

/// A canvas: its size and the digest of every tile, row by row from the top left.
///
/// The canvas itself is named by [`Manifest::canonical`]'s digest, so a click needs 32 digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawManifest", into = "RawManifest")]
pub struct Manifest {
    width: u32,
    height: u32,
    tiles: Vec<Digest>,
}

/// Tiles as one string of hexadecimal, 32 digits each.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawManifest {
    width: u32,
    height: u32,
    tiles: String,
}

impl Manifest {
    /// # Errors
    /// If a side is not a multiple of [`TILE`] up to [`CANVAS_SIDE_MAX`] or the number of tiles
    /// does not fill the canvas.
    pub fn new(width: u32, height: u32, tiles: Vec<Digest>) -> Result<Self, Problem> {
        for (field, side) in [("width", width), ("height", height)] {
            if side == 0 || side > CANVAS_SIDE_MAX || !side.is_multiple_of(TILE) {
                let message =
                    format!("{side} is not allowed; give a multiple of {TILE} up to {CANVAS_SIDE_MAX}");
                return Err(Problem::invalid(field, message));
            }
        }
        let wanted = ((width / TILE) * (height / TILE)) as usize;
        if tiles.len() != wanted {
            let message = format!("{} digests do not fill the canvas; give {wanted}", tiles.len());
            return Err(Problem::invalid("tiles", message));
        }
        Ok(Self { width, height, tiles })
    }

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn height(&self) -> u32 {
        self.height
    }

    /// Row by row from the top left.
    pub fn tiles(&self) -> &[Digest] {
        &self.tiles
    }

    /// The bytes whose digest names this canvas: width and height as little-endian u32, then
    /// the 16 bytes of each tile's digest.
    pub fn canonical(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 16 * self.tiles.len());
        bytes.extend(self.width.to_le_bytes());
        bytes.extend(self.height.to_le_bytes());
        for tile in &self.tiles {
            bytes.extend(tile.0);
        }
        bytes
    }
}

impl TryFrom<RawManifest> for Manifest {
    type Error = Problem;

    fn try_from(raw: RawManifest) -> Result<Self, Problem> {
        let digits = raw.tiles.as_bytes();
        let tiles = digits
            .chunks(32)
            .map(|digest| std::str::from_utf8(digest).unwrap_or_default().parse())
            .collect::<Result<_, _>>()
            .map_err(|error| Problem::invalid("tiles", error))?;
        Self::new(raw.width, raw.height, tiles)
    }
}

impl From<Manifest> for RawManifest {
    fn from(manifest: Manifest) -> Self {
        let tiles = manifest.tiles.iter().map(Digest::to_string).collect();
        Self { width: manifest.width, height: manifest.height, tiles }
    }
}
