//! The client's model in plain Rust: [`Studio::update`] takes what happened and the time, and
//! says what to do. No browser, no clock, no signals; the native tests drive it as a page would.

mod ahead;
mod asking;
mod choose;
mod coding;
mod colour;
mod easel;
mod event;
mod facts;
mod held;
mod heralds;
mod job;
mod keys;
mod live;
mod mask;
mod meter;
mod model;
mod models;
mod news;
mod older;
pub mod palette;
mod paper;
mod place;
mod removal;
mod settings;
mod shape;
mod sheet;
mod show;
mod sketch;
mod strokes;
mod style;
#[cfg(test)]
mod tests;
mod tiles;
mod tuning;
pub mod words;
mod zoom;

pub use coding::{code_tiles, decode_tile};
pub use colour::{ink_of, latent_to_rgba};
pub use easel::{Command, Done, Easel, Pointer};
pub use event::{Effect, Event, Laid, thumb};
pub use held::Hand;
pub use heralds::Heralds;
use job::Underway;
pub use job::{Gallery, Kept, Looked, Phase, Preview, Shown};
pub use keys::{Key, shortcut};
pub use live::follows;
pub use mask::{MARK, cut_mask, mask_of, sheet_of};
pub use meter::Measured;
pub use model::{Studio, Sync};
pub use paper::Paper;
pub use place::Place;
pub use settings::{BRUSH_MAX, BRUSH_MIN, SIDES, Settings, Theme, Tool};
pub use shape::Shape;
pub use sheet::{CODED_AT_ONCE, Sheet};
pub use zoom::{Pixels, Zoom};
