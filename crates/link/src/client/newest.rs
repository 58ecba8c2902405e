//! Which frames came last.

use wire::{FrameHeader, JobId, limits::PICTURES_MAX};

/// The newest frame of each picture of the job that was seen last: nothing older is taken behind it. Pictures of one job come in
/// any order.
#[derive(Debug, Default)]
pub(super) struct Newest {
    job: Option<JobId>,
    of_job: [u64; PICTURES_MAX as usize],
    of_all: u64,
}

impl Newest {
    /// Whether this frame is newer than what was taken, and takes it if so.
    pub fn takes(&mut self, header: &FrameHeader) -> bool {
        let is_other = self.job != Some(header.job);
        if is_other && header.sequence > self.of_all {
            (self.job, self.of_job) = (Some(header.job), Default::default());
        } else if is_other {
            return false;
        }
        let Some(newest) = self.of_job.get_mut(usize::from(header.picture)) else { return false };
        let is_newer = header.sequence > *newest;
        *newest = header.sequence.max(*newest);
        self.of_all = self.of_all.max(header.sequence);
        is_newer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::FrameFormat;

    fn frame(job: u8, picture: u16, sequence: u64) -> FrameHeader {
        FrameHeader {
            job: JobId([job; 8]),
            picture,
            sequence,
            step: 1,
            total: 9,
            format: FrameFormat::Jpeg,
            channels: 0,
            width: 1,
            height: 1,
            made_us: 0,
            base: 0,
        }
    }

    #[test]
    fn of_each_picture_the_newest_stays_and_nothing_of_an_older_job_comes_behind_it() {
        let mut newest = Newest::default();
        let come = [
            (frame(1, 0, 5), true),
            (frame(1, 0, 5), false),
            (frame(1, 1, 4), true),
            (frame(1, 1, 3), false),
            (frame(1, 4, 9), false),
            (frame(2, 0, 8), true),
            (frame(1, 0, 7), false),
            (frame(2, 1, 6), true),
        ];
        for (header, taken) in come {
            assert_eq!(newest.takes(&header), taken, "{header:?}");
        }
    }
}
