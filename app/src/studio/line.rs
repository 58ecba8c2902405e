//! Jobs that have not ended, beside the one in the frame: that one stays there until it ends, and then the next of which there
//! is something to be seen takes its place.

use super::{Effect, Heralds, Looked, Phase, Run, Studio};
use link::Time;
use wire::{Job, JobId};

/// A finished picture is to be seen for so long at least, in milliseconds, unless another is finished.
const SEEN_MS: Time = 1_000;

impl Studio {
    /// The one in the frame first.
    pub(super) fn runs(&self) -> impl Iterator<Item = &Run> {
        std::iter::once(&self.job).chain(&self.line)
    }

    pub(super) fn runs_mut(&mut self) -> impl Iterator<Item = &mut Run> {
        std::iter::once(&mut self.job).chain(&mut self.line)
    }

    pub(super) fn run_of(&mut self, job: JobId) -> Option<&mut Run> {
        self.runs_mut().find(|run| run.id == Some(job))
    }

    /// The one of the strip that has this number.
    pub fn run(&self, number: u32) -> Option<&Run> {
        self.runs().find(|run| run.number == number)
    }

    /// What stands in the strip before the pictures, the latest first: whatever has not ended, and what is in the frame
    /// if that is none of the pictures.
    pub fn strip(&self) -> Vec<u32> {
        let is_live = self.job.phase == Phase::Live && self.looking_at.is_some();
        let mut numbers = self.numbers(self.is_no_picture() || is_live);
        numbers.reverse();
        numbers
    }

    /// Whether what is in the frame is none of the pictures, or several.
    fn is_no_picture(&self) -> bool {
        self.job.phase.is_active() || self.is_several()
    }

    /// Of those that have not ended, and of the one in the frame if it is to be among them, in their order.
    pub(super) fn numbers(&self, with_frame: bool) -> Vec<u32> {
        let mut numbers: Vec<_> = self.line.iter().map(|run| run.number).collect();
        if with_frame {
            numbers.insert(numbers.partition_point(|other| *other < self.job.number), self.job.number);
        }
        numbers
    }

    /// Which of them is in sight.
    pub fn watched(&self) -> Option<u32> {
        (self.is_no_picture() && self.looking_at.is_none()).then_some(self.job.number)
    }

    /// Whether anything has not ended.
    pub(super) fn is_busy(&self) -> bool {
        self.job.phase.is_active() || !self.line.is_empty()
    }

    /// How many wait beside the one in the frame.
    pub fn waiting(&self) -> usize {
        self.line.iter().filter(|run| run.phase.waits()).count()
    }

    /// A number for one that comes to be known now.
    pub(super) fn count(&mut self) -> u32 {
        self.requests += 1;
        self.requests
    }

    /// Brings this one into the frame.
    pub(super) fn watch(&mut self, number: u32, out: &mut Vec<Effect>) {
        if let Some(at) = self.line.iter().position(|run| run.number == number) {
            self.bring(at);
            self.job.chosen = true;
            self.turned = None;
        }
        self.look(None, out);
    }

    /// A job of another page of this person.
    pub(super) fn came(&mut self, job: Job, out: &mut Vec<Effect>) {
        let run = Run::admitted(self.count(), job);
        self.queue(run);
        if self.job.phase == Phase::Idle && self.looking_at.is_none() {
            self.show_next(out);
        }
    }

    /// It has not ended, and is not in the frame.
    pub(super) fn queue(&mut self, run: Run) {
        let at = self.line.partition_point(|other| other.number < run.number);
        self.line.insert(at, run);
    }

    /// There is something to be seen of this one: it takes the frame, unless there is of the one that is in it, or the person
    /// wants to see that one.
    pub(super) fn take_turn(&mut self, job: JobId, now: Time, out: &mut Vec<Effect>) {
        let at = self.line.iter().position(|run| run.id == Some(job));
        if let Some(at) = at.filter(|_| !self.stays(now)) {
            self.bring(at);
            self.turned = Some(now);
            out.push(Effect::RevealLooked);
            if self.looking_at.is_none() {
                self.look(None, out);
            }
        }
    }

    /// Whether what is in the frame is not to give way to another.
    fn stays(&self, now: Time) -> bool {
        match self.job.phase {
            Phase::Asked | Phase::Waiting { .. } => self.job.chosen,
            Phase::Finished { .. } => self.finished.is_some_and(|finished| now < finished + SEEN_MS),
            _ => self.job.phase.is_active(),
        }
    }

    /// In place of one that came to nothing: the next, or else what was to be seen before.
    pub(super) fn show_what_is_left(&mut self, now: Time, out: &mut Vec<Effect>) {
        if self.line.is_empty() {
            self.come_back(now, out);
        } else if self.looking_at.is_none() {
            self.turned = Some(now);
            self.show_next(out);
        }
    }

    /// The one that is being made, or else the first that waits, comes into the frame.
    pub(super) fn show_next(&mut self, out: &mut Vec<Effect>) {
        if self.bring_next() {
            self.look(None, out);
        }
    }

    pub(super) fn bring_next(&mut self) -> bool {
        let is_made = |run: &Run| matches!(run.phase, Phase::Loading { .. } | Phase::Running { .. });
        let at = self.line.iter().position(is_made).unwrap_or(0);
        let has_next = !self.line.is_empty();
        if has_next {
            self.bring(at);
        }
        has_next
    }

    fn bring(&mut self, at: usize) {
        self.seen_before = self.seen().or(self.seen_before);
        self.note_unseen();
        self.live.asked = false;
        let before = std::mem::replace(&mut self.job, self.line.remove(at));
        if let Phase::Failed(problem) = &before.phase {
            // Why there is none is still to be read.
            self.refused = Some(problem.clone());
        }
        if before.phase.is_active() {
            // What came ahead of it gives way to what comes ahead of another.
            self.queue(Run { after_live: None, chosen: false, heralds: Heralds::default(), ..before });
        }
    }

    /// The finished pictures that are to be seen now.
    pub(super) fn seen(&self) -> Option<Looked> {
        self.looking_at.or_else(|| match self.job.pictures() {
            [] => None,
            [one] => Some(Looked::One(one.digest)),
            _ => self.job.id.map(Looked::All),
        })
    }
}
