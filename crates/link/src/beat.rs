//! When previews come, and with it whether a newer one is about to.

use crate::Time;
use wire::{FrameHeader, JobId};

/// The time between the previews of a job that a viewer is offered.
#[derive(Debug, Default)]
pub struct Beat {
    last: Option<(JobId, u16, Time)>,
    every: Option<Time>,
}

impl Beat {
    /// A preview was offered; those of all pictures of one step come together.
    pub fn offered(&mut self, header: &FrameHeader, now: Time) {
        self.every = match self.last {
            Some((job, step, _)) if (job, step) == (header.job, header.step) => return,
            Some((job, _, at)) if job == header.job => Some(now.saturating_sub(at)),
            _ => None,
        };
        self.last = Some((header.job, header.step, now));
    }

    /// Whether the next preview is nearer than the last.
    pub fn is_next_near(&self, now: Time) -> bool {
        let (Some((_, _, at)), Some(every)) = (self.last, self.every) else { return false };
        let age = now.saturating_sub(at);
        // What is long overdue may not come at all.
        2 * age > every && age < 2 * every
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::FrameFormat;

    fn header(job: u8, picture: u16, step: u16) -> FrameHeader {
        FrameHeader {
            format: FrameFormat::Latent,
            channels: 1,
            picture,
            step,
            total: 99,
            width: 1,
            height: 1,
            base: 0,
            sequence: 1,
            job: JobId([job; 8]),
            made_us: 0,
        }
    }

    #[test]
    fn the_next_is_near_in_the_second_half_of_the_time_between_two_until_it_is_overdue() {
        let mut beat = Beat::default();
        for step in 1..=3 {
            beat.offered(&header(1, 0, step), 100 * u64::from(step));
            beat.offered(&header(1, 1, step), 100 * u64::from(step) + 7);
        }
        let near = |now| beat.is_next_near(now);
        assert!(!near(300) && !near(350) && near(351) && near(499) && !near(500));
    }

    #[test]
    fn nobody_knows_when_the_second_preview_of_a_job_comes() {
        let mut beat = Beat::default();
        (1..=3).for_each(|step| beat.offered(&header(1, 0, step), 100 * u64::from(step)));
        beat.offered(&header(2, 0, 1), 400);
        assert!(!beat.is_next_near(480));
        beat.offered(&header(2, 0, 2), 450);
        assert!(beat.is_next_near(490));
    }
}
