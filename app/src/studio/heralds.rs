//! Finished pictures ahead of their telling: a page that is far away asks for them while they are made, since what is asked for
//! once it is told of has a round trip more to go, and several times as many bytes.

use super::{Effect, Studio};
use link::Time;
use wire::JobId;

/// There and back this is far, in milliseconds.
const FAR_MS: Time = 40;
/// How often a page asks for those of one job: what waits on the way may close a connection that is silent for long.
const TRIES: u8 = 3;

/// How it stands with those of the job that is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heralds {
    /// When the job was asked for, if this page did.
    pub(super) said: Option<Time>,
    is_far: bool,
    tries: u8,
    awaited: bool,
    /// Those that are on the screen: no preview is better.
    came: Vec<u16>,
}

impl Heralds {
    /// The job was admitted.
    pub(super) fn admitted(&mut self, now: Time) {
        self.is_far = self.said.is_some_and(|said| now.saturating_sub(said) >= FAR_MS);
    }

    pub(super) fn has(&self, picture: u16) -> bool {
        self.came.contains(&picture)
    }
}

impl Studio {
    /// Asks for the pictures of the job that is shown, if that helps and none is on its way.
    pub(super) fn ask_ahead(&mut self, out: &mut Vec<Effect>) {
        let heralds = &mut self.job.heralds;
        let of_use = heralds.is_far && !heralds.awaited && heralds.tries < TRIES;
        let seen = self.visible && self.looking_at.is_none() && self.job.phase.is_active();
        if let Some(job) = self.job.id.filter(|_| of_use && seen) {
            (heralds.awaited, heralds.tries) = (true, heralds.tries + 1);
            out.push(Effect::AskAhead { job, pictures: self.job.spec.pictures });
        }
    }

    /// A picture is on the screen before it was told of, or does not come so.
    pub(super) fn herald(&mut self, job: JobId, picture: u16, came: bool) {
        if self.job.id == Some(job) {
            let heralds = &mut self.job.heralds;
            heralds.awaited = came;
            heralds.came.extend(came.then_some(picture));
        }
    }
}
