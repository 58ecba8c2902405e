//! The one thread that owns the model: it pulls steps, and after each one asks the hub whether
//! anyone wants to see it. Turning pictures into files is other threads' work.

mod about;
mod coded;
mod engine;
mod fit;
mod latch;
mod live;
mod loras;
mod peek;
mod previews;
mod shelf;
mod thread;
mod yielding;

pub use about::{About, info_of};
pub use coded::jpeg;
pub use engine::{Decode, Engine, Picturing, Sample, Sampling, Shown, Wanted};
pub use fit::{Averaging, fit};
pub use live::{Live, Made};
pub use peek::Peek;
pub use shelf::Told;
pub use thread::{Assignment, For, Loaded, Outcome, Worker};
