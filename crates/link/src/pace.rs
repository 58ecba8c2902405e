//! Whether a viewer's link has room for what is sent, by how long frames wait in it.

use crate::Time;
use wire::latents::{COARSE, FINE};

/// Frames that wait this long on their way are too large for it, in milliseconds: at a quarter of a second it is no
/// preview any more.
const STARVED_MS: Time = 100;
/// With coarse frames on their way for less than this longer than the way is, there is room for fine ones, in milliseconds.
const WELL_MS: Time = 30;

/// How long frames were on their way, there and back.
#[derive(Debug, Default)]
pub struct Pace {
    /// How far it is: the shortest seen.
    least: Option<Time>,
    /// A moving average of what others took longer, in quarters of a millisecond: one late frame is no slow link.
    waited: Time,
    starved: bool,
}

impl Pace {
    /// A frame was acknowledged `took` milliseconds after it was sent.
    pub fn acknowledged(&mut self, took: Time) {
        let least = self.least.map_or(took, |least| least.min(took));
        self.least = Some(least);
        self.waited = self.waited - self.waited / 4 + (took - least);
        let most = if self.starved { WELL_MS } else { STARVED_MS };
        self.starved = self.waited / 4 > most;
    }

    /// Bits of a latent's value that there is room for.
    pub fn bits(&self) -> u8 {
        if self.starved { COARSE } else { FINE }
    }
}
