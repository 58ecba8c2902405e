//! When it may be said: the pacing of each viewer at the server, and the browser's connection and
//! uploads, as pure state machines. No clock, no I/O, no async: whoever drives a machine hands in
//! what happened and the time, and carries out the effects that come back, in their order.

pub mod backoff;
mod beat;
pub mod client;
mod pace;
pub mod preview;
pub mod upload;
pub mod viewer;

pub use backoff::{Backoff, Random};
pub use client::{Client, LinkState, Transport};
pub use preview::{Latents, Preview, Telling};
pub use upload::{Progress, Uploads};
pub use viewer::{Attached, Outgoing, Viewer};

/// Milliseconds on any clock that does not go back; only differences matter.
pub type Time = u64;
