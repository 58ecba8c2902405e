//! A canvas by the digests of its tiles.

use crate::{
    Digest, Problem,
    limits::{CANVAS_SIDE_MAX, TILE},
    read::{Object, refuse},
};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;

/// A canvas: its size and the digest of every tile, row by row from the top left.
///
/// The canvas itself is named by [`Manifest::canonical`]'s digest, so a click needs 32 digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(into = "RawManifest")]
pub struct Manifest {
    width: u32,
    height: u32,
    tiles: Vec<Digest>,
}

/// Tiles as one string of hexadecimal, 32 digits each.
#[derive(Serialize)]
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
                let message = format!(
                    "{side} is not allowed; give a multiple of {TILE} from {TILE} to {CANVAS_SIDE_MAX}"
                );
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

impl Manifest {
    pub(crate) fn read(value: Value) -> Result<Self, Problem> {
        let mut object = Object::new("manifest", value)?;
        let width = side("width", object.raw("width", SIDE)?)?;
        let height = side("height", object.raw("height", SIDE)?)?;
        let digits: String = object.take("tiles", "the digests of all tiles in one text")?;
        object.end()?;
        let tiles = digits
            .as_bytes()
            .chunks(32)
            .map(|digest| std::str::from_utf8(digest).unwrap_or_default().parse())
            .collect::<Result<_, _>>()
            .map_err(|error| Problem::invalid("tiles", error))?;
        Self::new(width, height, tiles)
    }
}

const SIDE: &str = "a multiple of 64 from 64 to 2048";

fn side(field: &str, value: Value) -> Result<u32, Problem> {
    let side = value.as_u64().and_then(|side| u32::try_from(side).ok());
    side.ok_or_else(|| refuse(field, &value, SIDE))
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl From<Manifest> for RawManifest {
    fn from(manifest: Manifest) -> Self {
        let tiles = manifest.tiles.iter().map(Digest::to_string).collect();
        Self { width: manifest.width, height: manifest.height, tiles }
    }
}
