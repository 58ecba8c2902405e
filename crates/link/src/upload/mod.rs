//! The browser's uploads: the tiles that the server is not known to have, in the background.

mod event;

pub use event::{Effect, Event, Progress};

use crate::Time;

/// What the server has, what it is being sent and what it may ask for again.
#[derive(Debug)]
pub struct Uploads {
    progress: Progress,
}

impl Uploads {
    /// `seed` spreads the retries of many clients.
    pub fn new(_seed: u64) -> Self {
        Self { progress: Progress::default() }
    }

    /// Takes in what happened and says what to do about it.
    pub fn handle(&mut self, _event: Event, _now: Time) -> Vec<Effect> {
        Vec::new()
    }

    pub fn progress(&self) -> Progress {
        self.progress
    }
}
