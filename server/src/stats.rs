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
    ($($(#[doc = $doc:literal])* $kind:ident $name:ident,)*) => {
        /// What this server has done since it started.
        #[derive(Debug, Default)]
        pub struct Stats { $($(#[doc = $doc])* pub $name: Counter,)* }

        /// The counters at one moment.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
        pub struct Counted { $($(#[doc = $doc])* pub $name: u64,)* }

        impl Stats {
            pub fn counted(&self) -> Counted {
                Counted { $($name: self.$name.get(),)* }
            }

            /// The counters in Prometheus' text format, version 0.0.4.
            pub fn metrics(&self) -> String {
                let mut text = String::new();
                $(
                    let (name, help) = (stringify!($name), concat!($($doc),*).trim());
                    let kind = stringify!($kind);
                    let value = self.$name.get();
                    let name = if kind == "counter" { format!("{name}_total") } else { name.to_owned() };
                    text += &format!(
                        "# HELP pentimento_{name} {help}\n# TYPE pentimento_{name} {kind}\npentimento_{name} {value}\n"
                    );
                )*
                text
            }
        }
    };
}

stats!(
    /// Pages that are connected or poll.
    gauge viewers,
    /// Jobs that began to run.
    counter jobs_started,
    /// Steps taken for jobs.
    counter steps,
    /// Microseconds that those steps took.
    counter step_us,
    /// Steps after which at least one viewer wanted a preview.
    counter wanted,
    /// Previews quantised: one for each picture of a wanted step.
    counter made,
    /// Previews encoded as JPEG.
    counter jpeg_encodes,
    /// Latents decoded into pictures for previews.
    counter preview_decodes,
    /// Live pictures shown.
    counter live_pictures,
    /// Drawings and words read before anybody asked for a picture of them.
    counter made_ahead,
    /// Frames sent to viewers.
    counter frames_sent,
    /// Bytes of those frames.
    counter frame_bytes,
    /// Frames that gave way to newer ones before they were sent to a viewer that looked.
    counter frames_conflated,
    /// Acknowledgements of frames on sockets.
    counter frames_acknowledged,
    /// Milliseconds from the sending of a frame to its acknowledgement, of all those together.
    counter acknowledged_ms,
    /// Messages of strokes received.
    counter strokes_received,
    /// Bytes of those messages.
    counter stroke_bytes,
    /// Tiles received.
    counter tiles_received,
    /// Coded bytes of those tiles.
    counter tile_bytes,
    /// Tiles held now.
    gauge tiles_known,
    /// Facts sent to viewers.
    counter facts_sent,
    /// Polls asked.
    counter polls,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_named_and_explained() {
        let stats = Stats::default();
        stats.frames_sent.add(7);
        stats.viewers.set(2);
        let text = stats.metrics();
        assert!(
            text.contains("# TYPE pentimento_frames_sent_total counter\npentimento_frames_sent_total 7\n")
        );
        assert!(text.contains(
            "# HELP pentimento_viewers Pages that are connected or poll.\n# TYPE pentimento_viewers gauge\n"
        ));
        assert!(text.ends_with('\n') && text.lines().all(|line| line.starts_with(['#', 'p'])));
    }
}
