//! Training: rendered pairs on disk become an autoencoder, then latents, then a denoiser.

pub mod autoencoder;
pub mod cases;
mod critic;
pub mod device;
pub mod diffusion;
mod discriminator;
pub mod distil;
mod hinge;
pub mod latents;
pub mod loss;
pub mod mixed;
pub mod noise;
pub mod optimizer;
pub mod pairs;
pub mod progress;
pub mod state;
pub mod words;
