//! How much one upload carries: what the link takes up in one round trip.

use crate::Time;
use wire::limits::BATCH_BYTES_MAX;

/// Before anything is known of the link: a quarter of a second at 2 Mbit/s.
const FIRST: usize = 64 * 1024;
/// A quarter of a second at 0.5 Mbit/s.
const LEAST: usize = 16 * 1024;
/// A round trip that is not known, and the bounds of one that is, in milliseconds: near by, handling a request takes
/// longer than the way, and one that is longer was measured behind something else.
const USUAL_MS: Time = 100;
const NEAR_MS: Time = 50;
const FAR_MS: Time = 400;
/// What is there so soon, in milliseconds, holds up no stroke, whatever took the time.
const SOON_MS: Time = 200;
/// What failed sooner, in milliseconds, failed for another reason than its size.
const LATE_MS: Time = 10_000;

/// Bytes of one upload, by what the last ones took.
#[derive(Debug)]
pub(super) struct Size {
    bytes: usize,
    round_trip: Time,
}

impl Default for Size {
    fn default() -> Self {
        Self { bytes: FIRST, round_trip: USUAL_MS }
    }
}

impl Size {
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How long the way to the server and back is, in milliseconds, with nothing to carry.
    pub fn round_trip(&mut self, milliseconds: Time) {
        self.round_trip = milliseconds.min(FAR_MS);
    }

    /// An upload was answered `took` milliseconds after it was posted, when `under_way` bytes were, its own included.
    pub fn answered(&mut self, under_way: u64, took: Time) {
        // Little says how far it is, and not how wide.
        if under_way < LEAST as u64 / 2 {
            return;
        }
        let carried = took.saturating_sub(self.round_trip).max(1);
        let fits = under_way.saturating_mul(self.round_trip.max(NEAR_MS)) / carried;
        let fits = usize::try_from(fits).unwrap_or(BATCH_BYTES_MAX).clamp(LEAST, BATCH_BYTES_MAX);
        if fits > self.bytes || took > SOON_MS {
            self.bytes = (self.bytes + fits) / 2;
        }
    }

    /// An upload of so many bytes did not arrive for so many milliseconds: a smaller one may, before it is given up.
    pub fn failed(&mut self, bytes: u64, after: Time) {
        if after >= LATE_MS {
            self.bytes = self.bytes.min((bytes / 2) as usize).max(LEAST);
        }
    }
}
