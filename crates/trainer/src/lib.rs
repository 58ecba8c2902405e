//! The workshop of the shipped model: scenes, captions and sketches, training, evaluation.

pub mod board;
pub mod caption;
pub mod card;
pub mod colour;
pub mod contact;
pub mod cores;
pub mod curve;
pub mod evaluate;
pub mod folder;
pub mod letters;
pub mod paint;
pub mod picture;
pub mod record;
pub mod rng;
pub mod runs;
pub mod scene;
pub mod sheet;
pub mod sketch;
pub mod styles;
mod things;
pub mod train;
pub mod vocabulary;
