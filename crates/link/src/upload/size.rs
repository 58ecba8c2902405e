//! How much one upload carries: what the link takes up in one round trip.

use crate::Time;
use wire::limits::BATCH_BYTES_MAX;

/// Before anything is known of the link: a quarter of a second at 2 Mbit/s.
const FIRST: usize = 64 * 1024;
/// A request's headers are a tenth of it.
const LEAST: usize = 8 * 1024;
/// On a link that is nearer than this, in milliseconds, handling requests takes longer than the way.
const NEAR_MS: Time = 50;

/// Bytes of one upload, by what the last ones took.
#[derive(Debug)]
pub(super) struct Size {
    bytes: usize,
    round_trip: Option<Time>,
}

impl Default for Size {
    fn default() -> Self {
        Self { bytes: FIRST, round_trip: None }
    }
}

impl Size {
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How long the way to the server and back is, in milliseconds, with nothing to carry.
    pub fn round_trip(&mut self, milliseconds: Time) {
        self.round_trip = Some(milliseconds);
    }

    /// An upload was answered `took` milliseconds after it was posted, when `under_way` bytes were, its own included.
    pub fn answered(&mut self, under_way: u64, took: Time) {
        let Some(round_trip) = self.round_trip else { return };
        // Little says how far it is, and not how wide.
        if under_way < LEAST as u64 {
            return;
        }
        let carried = took.saturating_sub(round_trip).max(1);
        let fits = under_way.saturating_mul(round_trip.max(NEAR_MS)) / carried;
        let fits = usize::try_from(fits).unwrap_or(BATCH_BYTES_MAX).min(BATCH_BYTES_MAX);
        self.bytes = ((self.bytes + fits) / 2).max(LEAST);
    }

    /// An upload did not arrive: a smaller one may, before it is given up.
    pub fn failed(&mut self) {
        self.bytes = (self.bytes / 2).max(LEAST);
    }
}
