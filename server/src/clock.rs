//! The time of day, and the time that limits are counted in.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Now, by the runtime's clock, so that tests may move it.
pub fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Milliseconds since 1970, UTC.
pub fn unix_ms() -> u64 {
    unix_us() / 1_000
}

/// Microseconds since 1970, UTC.
pub fn unix_us() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
}
