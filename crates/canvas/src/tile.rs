//! The unit that is hashed, sent, stored and undone.

/// Side of a tile in pixels.
pub const TILE: u32 = 64;
/// Bytes of a tile: RGBA, 8 bits a channel, row by row.
pub const TILE_BYTES: usize = (TILE * TILE * 4) as usize;

/// Pixels of one tile, RGBA, row by row from the top left.
pub type Tile = [u8; TILE_BYTES];
