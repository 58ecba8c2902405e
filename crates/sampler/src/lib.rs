//! A checkpoint and a request become steps, and steps become a picture.
//!
//! The library knows tensors and nothing else: no network, no clock, no policy. Its caller pulls one
//! step at a time and decides about previews, progress and cancelling.

mod archive;
pub mod autoencoder;
pub mod autoencoder_kl;
pub mod autoencoder_tiny;
pub mod card;
mod checkpoint;
pub mod config;
mod description;
mod error;
mod family;
mod kernel;
pub mod layers;
mod layout;
mod lora;
pub mod memory;
mod model;
pub mod noise;
mod picture;
mod preview;
pub mod process;
pub mod prompt;
mod reading;
pub mod scheduler;
pub mod text;
pub mod tokenizer;
pub mod unet;
pub mod weights;

pub use archive::has_name_of_pickle;
pub use card::{Defaults, Distilled, ModelCard, Sidecar};
pub use description::{ControlDescription, Description, Found};
pub use error::{Interrupted, LoadError, SampleError};
pub use family::Family;
pub use lora::Lora;
pub use model::{Control, Decoder, Guidance, Mask, Model, Pixels, Request, Run, Stepped, suited_kind};
pub use picture::Picture;
pub use preview::{LatentRgb, QuantisedLatent};
pub use reading::Reading;
pub use scheduler::{SchedulerKind, SigmaSpacing};
