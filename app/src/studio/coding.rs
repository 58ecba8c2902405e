//! The worker's own work: pixels to coded bytes and digests.

use bytes::Bytes;
use canvas::{TILE_BYTES, Tile, codec};
use wire::{Digest, TileBatch};

/// Codes whole tiles that lie one after the other in `pixels`; the answer is a
/// [`TileBatch`] as it travels, in the same order. What is less than a tile is left out.
pub fn code_tiles(pixels: &[u8]) -> Bytes {
    let tiles = pixels.chunks_exact(TILE_BYTES).map(|pixels| {
        let tile: &Tile = pixels.try_into().expect("chunks are as long as a tile");
        (Digest(canvas::digest(tile)), Bytes::from(codec::encode(tile)))
    });
    TileBatch(tiles.collect()).encode()
}

/// The pixels of a coded tile, if they are what `digest` names.
pub fn decode_tile(digest: Digest, coded: &[u8]) -> Option<Tile> {
    let tile = codec::decode(coded).ok()?;
    (canvas::digest(&tile) == digest.0).then_some(tile)
}
