//! How long to wait before trying again: full jitter, so that a thousand clients of a server that
//! came back do not all return in the same moment.

use crate::Time;

/// The longest wait before the first retry, in milliseconds.
pub const FIRST_MS: Time = 500;
/// The longest wait before any retry, in milliseconds.
pub const LONGEST_MS: Time = 30_000;

/// A small seeded generator (Steele et al., "Fast splittable pseudorandom number generators",
/// 2014: SplitMix64). Good enough to spread retries; no secret may come from it.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `most`, both included.
    pub fn up_to(&mut self, most: u64) -> u64 {
        match most.checked_add(1) {
            Some(count) => self.number() % count,
            None => self.number(),
        }
    }
}

/// Waits that grow from [`FIRST_MS`] to [`LONGEST_MS`] and never end.
#[derive(Debug, Clone)]
pub struct Backoff {
    random: Random,
    failures: u32,
}

impl Backoff {
    pub fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), failures: 0 }
    }

    /// Counts one more failure and says how many milliseconds to wait after it.
    pub fn next_wait(&mut self) -> Time {
        let longest = self.longest();
        self.failures = self.failures.saturating_add(1);
        self.random.up_to(longest)
    }

    /// The bound of the next wait.
    pub fn longest(&self) -> Time {
        // 500 ms doubled seven times passes 30 s; more doublings would overflow one day.
        (FIRST_MS << self.failures.min(7)).min(LONGEST_MS)
    }

    /// Whether something failed since it worked.
    pub fn has_failed(&self) -> bool {
        self.failures > 0
    }

    /// It worked, or there is a reason to believe that it will now.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_thirty_seconds_and_never_run_out() {
        let mut backoff = Backoff::new(7);
        for failure in 0..1_000u32 {
            let bound = LONGEST_MS.min(FIRST_MS.saturating_mul(1 << failure.min(20)));
            assert_eq!(backoff.longest(), bound);
            assert!(backoff.next_wait() <= bound);
        }
        backoff.reset();
        assert_eq!(backoff.longest(), FIRST_MS);
    }

    #[test]
    fn the_jitter_is_full() {
        let mut backoff = Backoff::new(1);
        let waits: Vec<_> = (0..2_000).map(|_| backoff.next_wait()).skip(10).collect();
        let below = |most: Time| waits.iter().filter(|&&wait| wait < most).count();
        assert!((400..600).contains(&below(LONGEST_MS / 4)), "a quarter of the waits is short");
        assert!((900..1_100).contains(&below(LONGEST_MS / 2)), "half of the waits is below the middle");
    }

    #[test]
    fn two_seeds_do_not_wait_alike() {
        let waits = |seed| {
            let mut backoff = Backoff::new(seed);
            (0..8).map(|_| backoff.next_wait()).collect::<Vec<_>>()
        };
        assert_eq!(waits(3), waits(3));
        assert_ne!(waits(3), waits(4));
    }
}
