//! Counters, for tests, benches and whoever runs the studio.

use serde::Serialize;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// A number that grows, or for a gauge is set.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub fn add(&self, more: usize) {
        self.0.fetch_add(more as u64, Relaxed);
    }

    pub fn one(&self) {
        self.add(1);
    }

    pub fn set(&self, value: usize) {
        self.0.store(value as u64, Relaxed);
    }

    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

macro_rules! stats {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// What this server has done since it started.
        #[derive(Debug, Default)]
        pub struct Stats { $($(#[$doc])* pub $name: Counter,)* }

        /// The counters at one moment.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
        pub struct Counted { $($(#[$doc])* pub $name: u64,)* }

        impl Stats {
            pub fn counted(&self) -> Counted {
                Counted { $($name: self.$name.get(),)* }
            }
        }
    };
}

stats!(
    /// Pages that are connected or poll.
    viewers,
    jobs_started,
    steps,
    /// Steps after which at least one viewer wanted a preview.
    wanted,
    /// Previews quantised: one for each picture of a wanted step.
    made,
    jpeg_encodes,
    /// Live pictures shown.
    live_pictures,
    frames_sent,
    frame_bytes,
    /// Messages of strokes, and bytes of them.
    strokes_received,
    stroke_bytes,
    tiles_received,
    /// Coded bytes of the tiles received.
    tile_bytes,
    /// Tiles held now.
    tiles_known,
    facts_sent,
    polls,
);
