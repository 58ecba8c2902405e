//! What suits a machine is found by trying.

use std::time::{Duration, Instant};
use tch::no_grad;

/// The shortest of three times, after one to warm up.
pub(super) fn quickest(work: impl Fn()) -> Duration {
    let time = || {
        let begun = Instant::now();
        no_grad(&work);
        begun.elapsed()
    };
    time();
    [time(), time(), time()].into_iter().min().unwrap_or_default()
}
