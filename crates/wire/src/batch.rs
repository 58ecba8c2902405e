//! The body of a tile upload: several coded tiles, each behind its digest.

use crate::{
    Code, Digest, Problem,
    limits::{BATCH_BYTES_MAX, BATCH_TILES_MAX, CODED_TILE_MAX},
};
use bytes::{BufMut, Bytes, BytesMut};

const HEAD: usize = 20;

/// Tiles of one upload. On the wire each is its digest (16 bytes), its length (u32,
/// little-endian) and its coded bytes, one after the other to the end of the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TileBatch(pub Vec<(Digest, Bytes)>);

impl TileBatch {
    pub fn encode(&self) -> Bytes {
        let size = self.0.iter().map(|(_, tile)| HEAD + tile.len()).sum();
        let mut out = BytesMut::with_capacity(size);
        for (digest, tile) in &self.0 {
            out.put_slice(&digest.0);
            out.put_u32_le(tile.len() as u32);
            out.put_slice(tile);
        }
        out.freeze()
    }

    /// # Errors
    /// If a length does not fit the body or a limit of [`crate::limits`].
    pub fn parse(body: Bytes) -> Result<Self, Problem> {
        if body.len() > BATCH_BYTES_MAX + HEAD * BATCH_TILES_MAX {
            let message = format!(
                "{} bytes are too many for one upload; at most {BATCH_BYTES_MAX} of tiles",
                body.len()
            );
            return Err(Problem::new(Code::TooLarge, message));
        }
        Self::read(body, BATCH_TILES_MAX)
    }

    /// As [`TileBatch::parse`], for up to so many tiles, however large they are together: of a whole canvas.
    ///
    /// # Errors
    /// If a length does not fit the body or a limit of [`crate::limits`].
    pub fn read(mut body: Bytes, tiles_max: usize) -> Result<Self, Problem> {
        let mut tiles = Vec::new();
        while !body.is_empty() {
            if tiles.len() == tiles_max {
                let message = format!("too many tiles in one upload; at most {tiles_max}");
                return Err(Problem::new(Code::TooLarge, message));
            }
            if body.len() < HEAD {
                return Err(Problem::invalid("tiles", "the upload ends in the middle of a tile"));
            }
            let head = body.split_to(HEAD);
            let length = u32::from_le_bytes([head[16], head[17], head[18], head[19]]) as usize;
            if length > CODED_TILE_MAX {
                let message = format!("a tile of {length} bytes is too large; at most {CODED_TILE_MAX}");
                return Err(Problem::new(Code::TooLarge, message));
            }
            if length > body.len() {
                return Err(Problem::invalid("tiles", "the upload ends in the middle of a tile"));
            }
            let digest = Digest(std::array::from_fn(|i| head[i]));
            tiles.push((digest, body.split_to(length)));
        }
        Ok(Self(tiles))
    }
}
