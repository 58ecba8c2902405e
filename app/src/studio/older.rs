//! Pictures from before those that the server tells of by itself: it is asked for them.

use super::{Effect, Studio};
use wire::{Code, JobState, JobView, Problem, limits::SNAPSHOT_JOBS};

/// Whether there are older ones, and until when they were asked for, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) enum Older {
    #[default]
    None,
    Until(u64),
    /// The server was asked.
    Asked(u64),
}

/// The oldest of the ended jobs that the server tells of, if there may be older ones.
pub(super) fn oldest_told(jobs: &[JobView]) -> Option<&JobView> {
    jobs.iter().filter(|view| view.state.has_ended()).nth(SNAPSHOT_JOBS - 1)
}

impl Studio {
    /// Whether there may be older pictures than those of the strip.
    pub fn has_older(&self) -> bool {
        self.older != Older::None
    }

    pub fn awaits_older(&self) -> bool {
        matches!(self.older, Older::Asked(_))
    }

    /// The server tells of its newest jobs. If none of them is known, what is older than they goes on from there.
    pub(super) fn begin_older(&mut self, jobs: &[JobView]) {
        let is_known = |view: &JobView| !self.kept.of(view.job.id).is_empty();
        let oldest = oldest_told(jobs).filter(|_| !jobs.iter().any(is_known));
        if let Some(oldest) = oldest {
            self.older = Older::Until(oldest.job.created_ms);
        }
    }

    pub(super) fn ask_older(&mut self, out: &mut Vec<Effect>) {
        if let Older::Until(until_ms) = self.older {
            self.older = Older::Asked(until_ms);
            out.push(Effect::AskOlder { until_ms });
        }
    }

    /// What the server answered; nothing if it did not.
    pub(super) fn older_came(&mut self, until_ms: u64, older: Option<wire::Older>) {
        if self.older != Older::Asked(until_ms) {
            return;
        }
        let Some(older) = older else {
            self.older = Older::Until(until_ms);
            let message = "Older pictures could not be fetched. Press again once the link is back.";
            self.refused = Some(Problem::new(Code::Internal, message));
            return;
        };
        self.older = older.until.map_or(Older::None, Older::Until);
        for view in older.jobs {
            if let JobState::Finished { mut pictures, took_ms } = view.state {
                pictures.retain(|picture| !self.removals.has(picture.digest));
                self.kept.add_older(&view.job, pictures, took_ms);
            }
        }
    }
}
