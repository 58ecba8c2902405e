//! A checkpoint and a request become steps, and steps become a picture.
//!
//! The library knows tensors and nothing else: no network, no clock, no policy. Its caller pulls one
//! step at a time and decides about previews, progress and cancelling.

pub mod autoencoder_tiny;
mod checkpoint;
pub mod config;
mod error;
pub mod layers;
pub mod text;
pub mod unet;
pub mod weights;

pub use error::LoadError;
