//! The only place that names web APIs. It carries out what the studio decides and reports what
//! happens; it decides nothing itself.

mod dom;
mod dropper;
mod early;
mod files;
mod hand;
mod http;
mod mask;
mod page;
mod paint;
mod picture;
mod pointer;
mod runtime;
mod socket;
mod stage;
mod store;
mod strip;
mod time;
mod worker;
mod zoom;

pub use page::{set_along, set_shape, set_title};
pub use runtime::{chance, send, start};
pub use worker::code_tiles;
