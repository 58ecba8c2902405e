//! The drawing: strokes, undo, tiles and pixels. Pure Rust without DOM, network or clock, the
//! same bits on a phone's wasm and on the server.
//!
//! The raster path uses only `+ - * /` and `sqrt`, which IEEE 754 rounds exactly, so that a
//! stroke replayed elsewhere gives the same tiles and therefore the same digests.

pub mod brush;
mod canvas;
pub mod codec;
mod curve;
mod digest;
mod fill;
mod history;
mod mark;
mod path;
mod place;
mod rect;
mod simplify;
pub mod stream;
mod stroke;
mod surface;
mod tile;

pub use brush::{Brush, Sample};
pub use canvas::{Canvas, SIDE_MAX};
pub use digest::digest;
pub use fill::Fill;
pub use history::UNDO_BYTES;
pub use mark::{Deed, Knot, Mark};
pub use place::{FACTOR_MAX, Fidelity};
pub use rect::Rect;
pub use tile::{TILE, TILE_BYTES, Tile};
