//! Removing pictures: they leave the page at once, and the disk a few seconds later.

use super::{Effect, Kept, Looked, Phase, Run, Studio, gallery::Taken, older::oldest_told};
use link::Time;
use wire::{ClientMessage, Digest, JobState, JobView};

/// For so long after the last removal what was removed can be brought back.
const BACK_MS: Time = 8_000;
/// Who presses twice within this time does so out of habit, or holds the key down: the neighbour lies under the hand by then.
const TWICE_MS: Time = 500;

/// What can be brought back, the last one last.
#[derive(Default)]
pub(super) struct Removals {
    waiting: Vec<Removal>,
    /// When somebody wanted to remove something last, or it could no longer be brought back.
    last: Option<Time>,
}

struct Removal {
    taken: Taken,
    /// The job that was over with this picture.
    shown: Option<Run>,
    /// Steps of drawing or marking after it that were not taken back.
    steps_since: i32,
}

impl Removals {
    pub fn has(&self, picture: Digest) -> bool {
        self.pictures().any(|removed| removed == picture)
    }

    fn pictures(&self) -> impl Iterator<Item = Digest> {
        self.waiting.iter().map(|removal| removal.taken.kept.picture.digest)
    }
}

impl Studio {
    /// Removes the picture that is shown; its neighbour in the strip is looked at then.
    pub(super) fn remove(&mut self, now: Time, out: &mut Vec<Effect>) {
        let Some(picture) = self.wanted().filter(|picture| self.kept.find(*picture).is_some()) else {
            return;
        };
        if self.removals.last.replace(now).is_some_and(|last| now < last + TWICE_MS) {
            return;
        }
        let Some(removal) = self.take_off(picture) else { return };
        let next = self.kept.near(removal.taken.at).map(Looked::One);
        self.removals.waiting.push(removal);
        out.push(Effect::RemovalTimer(now + BACK_MS));
        self.look(next, out);
    }

    /// The same, however soon after another.
    pub(super) fn cull(&mut self, now: Time, out: &mut Vec<Effect>) {
        self.removals.last = None;
        self.remove(now, out);
    }

    /// Nobody wanted them back: the server is told.
    pub(super) fn remove_for_good(&mut self, now: Time, out: &mut Vec<Effect>) {
        if self.can_bring_back() {
            // The way back vanishes from under the hand.
            self.removals.last = Some(now);
        }
        for removal in std::mem::take(&mut self.removals.waiting) {
            self.say(ClientMessage::Remove { picture: removal.taken.kept.picture.digest }, now, out);
        }
    }

    /// Brings back what was removed last.
    pub(super) fn bring_back(&mut self, out: &mut Vec<Effect>) {
        let Some(Removal { taken, shown, .. }) = self.removals.waiting.pop() else { return };
        self.removals.last = None;
        let (picture, job) = (taken.kept.picture.digest, taken.kept.job.id);
        self.kept.put_back(taken);
        if self.job.phase == Phase::Idle
            && let Some(shown) = shown
        {
            self.job = shown;
            return self.look(None, out);
        }
        let together = self.kept.pictures(job);
        if let Phase::Finished { pictures, .. } = &mut self.job.phase
            && self.job.id == Some(job)
        {
            *pictures = together;
        }
        self.look(Some(Looked::One(picture)), out);
    }

    /// The server has it no more; this page, another, or another device wanted so.
    pub(super) fn removed(&mut self, picture: Digest, out: &mut Vec<Effect>) {
        self.removals.waiting.retain(|removal| removal.taken.kept.picture.digest != picture);
        self.take_down(picture, out);
    }

    /// What is not to be seen here, when the server tells of the newest jobs, newest first: pictures that it had and does not
    /// tell of, and those that were removed here and that it has yet.
    pub(super) fn removed_meanwhile(&self, jobs: &[JobView]) -> Vec<Digest> {
        // It tells of so many; of older ones it may know, too.
        let oldest = oldest_told(jobs).map_or(0, |view| view.job.created_ms);
        let is_told = |kept: &&Kept| {
            jobs.iter().any(|view| match &view.state {
                JobState::Finished { pictures, .. } => pictures.contains(&kept.picture),
                _ => false,
            })
        };
        let is_older =
            |kept: &&Kept| kept.job.created_ms < oldest && jobs.iter().all(|view| view.job.id != kept.job.id);
        let gone = self.kept.iter().filter(|kept| !is_told(kept) && !is_older(kept));
        gone.map(|kept| kept.picture.digest).chain(self.removals.pictures()).collect()
    }

    /// Takes a picture off the page, wherever it hangs.
    pub(super) fn take_down(&mut self, picture: Digest, out: &mut Vec<Effect>) {
        let is_shown = self.hanging().contains(&picture);
        self.take_off(picture);
        if is_shown {
            self.look(self.looking_at, out);
        }
    }

    /// Whether a picture was removed a moment ago.
    pub fn can_bring_back(&self) -> bool {
        !self.removals.waiting.is_empty()
    }

    /// Whether that was what was done last.
    pub(super) fn is_removal_last(&self) -> bool {
        self.removals.waiting.last().is_some_and(|removal| removal.steps_since <= 0)
    }

    /// So many steps were drawn or marked, or are about to be taken back.
    pub(super) fn stepped_since_removal(&mut self, steps: i32) {
        self.removals.waiting.iter_mut().for_each(|removal| removal.steps_since += steps);
    }

    /// Takes a picture out of the strip, and out of the current job, which is over with its last one.
    fn take_off(&mut self, picture: Digest) -> Option<Removal> {
        let is_last = matches!(self.job.pictures(), [last] if last.digest == picture);
        let shown = is_last.then(|| std::mem::take(&mut self.job));
        if let Phase::Finished { pictures, .. } = &mut self.job.phase {
            pictures.retain(|made| made.digest != picture);
        }
        // Nor does one come back to it.
        let is_of_it = |before: &Run| before.pictures().iter().any(|made| made.digest == picture);
        self.job.after_live = self.job.after_live.take().filter(|before| !is_of_it(before));
        Some(Removal { taken: self.kept.take(picture)?, shown, steps_since: 0 })
    }
}
