//! Whether a viewer's link has room for what is sent, by how long frames wait in it.

use crate::Time;
use wire::latents::{COARSE, FINE};

/// Frames that wait this long on their way are too large for it, in milliseconds: at a quarter of a second it is no
/// preview any more.
const STARVED_MS: Time = 100;
/// Coarse frames that wait no longer than this leave room for fine ones, in milliseconds.
const WELL_MS: Time = 30;
/// The way is as long as the quickest of so many frames took, or of as many before: it may get longer.
const REMEMBERED: u32 = 32;
/// So many coarse frames have to go well before fine ones are tried, twice as many each time that those fail, and at most.
const WELL_LEAST: u32 = 8;
const WELL_MOST: u32 = 512;
/// After so many fine frames it is another link.
const FORGIVEN: u32 = 64;

/// How long frames were on their way, there and back.
#[derive(Debug)]
pub struct Pace {
    /// How far it is, by the newest frames and by those before.
    least: [Time; 2],
    seen: u32,
    /// A moving average of what others took longer, in quarters of a millisecond: one late frame is no slow link.
    waited: Time,
    starved: bool,
    /// Frames since that changed; coarse ones only if they went well.
    since: u32,
    needed: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { least: [Time::MAX; 2], seen: 0, waited: 0, starved: false, since: 0, needed: WELL_LEAST / 2 }
    }
}

impl Pace {
    /// A frame was acknowledged `took` milliseconds after it was sent.
    pub fn acknowledged(&mut self, took: Time) {
        if self.seen.is_multiple_of(REMEMBERED) {
            self.least = [took, self.least[0]];
        }
        self.seen = self.seen.wrapping_add(1);
        self.least[0] = self.least[0].min(took);
        // A page that stood still says nothing of the link.
        let late = (took - self.least[0].min(self.least[1])).min(2 * STARVED_MS);
        self.waited = self.waited - self.waited / 4 + late;
        self.since = self.since.saturating_add(1);
        match (self.starved, self.waited / 4) {
            (false, waited) if waited > STARVED_MS => {
                self.needed = (2 * self.needed).min(WELL_MOST);
                (self.starved, self.since) = (true, 0);
            }
            (false, _) if self.since >= FORGIVEN => self.needed = WELL_LEAST / 2,
            (true, waited) if waited > WELL_MS => self.since = 0,
            (true, _) if self.since >= self.needed => (self.starved, self.since) = (false, 0),
            _ => {}
        }
    }

    /// Bits of a latent's value that there is room for.
    pub fn bits(&self) -> u8 {
        if self.starved { COARSE } else { FINE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames of a link on which fine ones take `fine` milliseconds and coarse ones `coarse`: how many are fine.
    fn fine(pace: &mut Pace, frames: u32, fine: Time, coarse: Time) -> u32 {
        let mut count = 0;
        for _ in 0..frames {
            let is_fine = pace.bits() == FINE;
            count += u32::from(is_fine);
            pace.acknowledged(if is_fine { fine } else { coarse });
        }
        count
    }

    #[test]
    fn far_is_not_narrow_and_neither_is_a_page_that_stood_still() {
        let mut pace = Pace::default();
        assert_eq!(fine(&mut pace, 50, 300, 300), 50);
        pace.acknowledged(10_000);
        assert_eq!(fine(&mut pace, 50, 300, 300), 50);
    }

    #[test]
    fn a_way_that_gets_longer_is_no_narrow_one_for_good() {
        let mut pace = Pace::default();
        fine(&mut pace, 10, 4, 4);
        fine(&mut pace, 200, 150, 150);
        assert_eq!(fine(&mut pace, 100, 150, 150), 100);
    }

    #[test]
    fn where_only_coarse_frames_go_well_fine_ones_are_tried_ever_more_rarely() {
        let mut pace = Pace::default();
        fine(&mut pace, 3, 20, 20);
        let first = fine(&mut pace, 300, 250, 20);
        let later = fine(&mut pace, 300, 250, 20);
        assert!(first < 40 && later < first / 2, "{first}, {later}");
        // Once the link is better they come back.
        fine(&mut pace, 600, 20, 20);
        assert_eq!(fine(&mut pace, 50, 20, 20), 50);
    }
}
