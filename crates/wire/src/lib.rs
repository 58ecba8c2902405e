//! What may be said between a viewer and the server: identifiers, messages, the binary preview
//! frame and the limits of each. No I/O, clock, async or image code.
//!
//! `PROTOCOL.md` beside this crate says the same in prose, for authors of other clients.

pub mod batch;
pub mod frame;
pub mod id;
pub mod latents;
pub mod limits;
pub mod manifest;
pub mod mask;
pub mod message;
mod plain;
pub mod poll;
pub mod problem;
mod read;
mod said;
pub mod spec;
mod told;

pub use batch::TileBatch;
pub use frame::{Frame, FrameFormat, FrameHeader};
pub use id::{Digest, JobId, PersonToken, ViewerId};
pub use manifest::Manifest;
pub use mask::Mask;
pub use message::*;
pub use plain::plain;
pub use poll::{PollAnswer, Seen};
pub use problem::{Code, Problem};
pub use said::Understood;
pub use spec::*;

/// The version that a client names in `hello`; the server refuses any other.
pub const PROTOCOL: u8 = 7;
