//! Client and viewers as a pair on virtual time, over a link that is slow, cut, refused or dead.

mod chaos;
mod cuts;
mod fallback;
mod orders;
mod server;
mod world;
