//! A job that runs tells of each step. Where none is told of for long, the line may be dead, though nothing says so.

use super::{Effect, Phase, Studio};
use link::{Time, client};

/// So long, in milliseconds, and three steps more, no step is nothing to wonder about.
const PATIENCE_MS: Time = 3_000;

/// How long nothing was heard of the job that is shown.
#[derive(Debug, Default)]
pub(super) struct Silence {
    /// When its last step was told of.
    heard: Time,
    /// Whether [`Effect::SilenceTimer`] is under way.
    listens: bool,
    /// It is longer than it should be.
    is_long: bool,
}

impl Studio {
    /// Whether a step of the job that is shown is overdue.
    pub(super) fn is_silent(&self) -> bool {
        self.silence.is_long && self.next_step_by().is_some()
    }

    /// A step of the job that is shown was told of.
    pub(super) fn heard_step(&mut self, now: Time, out: &mut Vec<Effect>) {
        (self.silence.heard, self.silence.is_long) = (now, false);
        self.listen(out);
    }

    /// The timer has come.
    pub(super) fn silence_due(&mut self, now: Time, out: &mut Vec<Effect>) {
        self.silence.listens = false;
        if self.next_step_by().is_some_and(|by| now >= by) {
            self.silence.is_long = true;
            self.tell(client::Event::Doubt, now, out);
        } else {
            self.listen(out);
        }
    }

    fn listen(&mut self, out: &mut Vec<Effect>) {
        if let Some(by) = self.next_step_by().filter(|_| !self.silence.listens) {
            self.silence.listens = true;
            out.push(Effect::SilenceTimer(by));
        }
    }

    /// When the next step should have been told of.
    fn next_step_by(&self) -> Option<Time> {
        match self.job.phase {
            Phase::Running { step, total, step_ms } if (1..total).contains(&step) => {
                Some(self.silence.heard + PATIENCE_MS + (3.0 * step_ms) as Time)
            }
            _ => None,
        }
    }
}
