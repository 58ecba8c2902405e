//! What can happen to uploads, and what they ask their driver to do.

use crate::Time;
use bytes::Bytes;
use wire::{Digest, TileBatch, TilesAnswer};

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Coded tiles of the canvas as it is now.
    Changed(Vec<(Digest, Bytes)>),
    /// The server asked for these.
    Missing(Vec<Digest>),
    /// Coded tiles that the server should have, for the case that it has not.
    Held(Vec<(Digest, Bytes)>),
    /// The server had these a moment ago: they came from there.
    Here(Vec<Digest>),
    /// Of the tiles that wait only these need go still.
    Wanted(Vec<Digest>),
    Answered {
        batch: u32,
        answer: TilesAnswer,
    },
    /// The upload did not arrive or was refused as a whole.
    Failed {
        batch: u32,
    },
    Online,
    /// How long the way to the server and back is, in milliseconds, with nothing to carry.
    RoundTrip(Time),
    /// The time asked for by the newest [`Effect::Timer`] has come. Too early does no harm.
    Timer,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// `POST api/tiles`; then hand in [`Event::Answered`] or [`Event::Failed`] with this number.
    Post {
        batch: u32,
        tiles: TileBatch,
    },
    /// Hand in [`Event::Timer`] at this time; replaces the timer before it.
    Timer {
        at: Time,
    },
    /// Code these tiles again if the page still has them, and hand them in as changed.
    Recode(Vec<Digest>),
    Progress(Progress),
}

/// How far the tiles are on their way; counts are tiles. Bytes count from when all was last sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub queued: usize,
    pub in_flight: usize,
    /// Tiles that wait for another try.
    pub failed: usize,
    /// Tiles that the server does not take.
    pub refused: usize,
    pub sent_bytes: u64,
    pub total_bytes: u64,
}

impl Progress {
    /// Whether the server has everything.
    pub fn is_synced(&self) -> bool {
        self.queued + self.in_flight + self.failed + self.refused == 0
    }
}
