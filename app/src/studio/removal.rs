//! Removing a picture: it leaves the page at once, and the disk a few seconds later.

use super::{Effect, Looked, Phase, Shown, Studio, job::Taken};
use link::Time;
use wire::{ClientMessage, Digest, JobState, JobView};

/// For so long a removed picture can be brought back.
const BACK_MS: Time = 8_000;

impl Studio {
    /// Removes the picture that is shown. Where it was looked at in the strip, its neighbour is looked at then.
    pub(super) fn remove(&mut self, now: Time, out: &mut Vec<Effect>) {
        let Some(picture) = self.wanted() else { return };
        self.remove_for_good(now, out);
        let Some(taken) = self.take_off(picture) else { return };
        let next = self.looking_at.and_then(|_| self.kept.near(taken.at)).map(Looked::One);
        self.removing = Some(taken);
        out.push(Effect::RemovalTimer(now + BACK_MS));
        self.look(next, out);
    }

    /// Nobody wanted it back: the server is told.
    pub(super) fn remove_for_good(&mut self, now: Time, out: &mut Vec<Effect>) {
        if let Some(taken) = self.removing.take() {
            self.say(ClientMessage::Remove { picture: taken.kept.picture.digest }, now, out);
        }
    }

    pub(super) fn bring_back(&mut self, out: &mut Vec<Effect>) {
        let Some(taken) = self.removing.take() else { return };
        let (picture, job) = (taken.kept.picture.digest, taken.kept.job.id);
        self.kept.put_back(taken);
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
        self.removing.take_if(|taken| taken.kept.picture.digest == picture);
        self.take_down(picture, out);
    }

    /// What is not to be seen here, when the server tells of all its newest jobs, newest first: pictures that it had and does not
    /// tell of, and the one that was removed here and that it has yet.
    pub(super) fn removed_meanwhile(&self, jobs: &[JobView]) -> Vec<Digest> {
        let Some(oldest) = jobs.last().map(|view| view.job.created_ms) else { return Vec::new() };
        let made = |view: &JobView| match &view.state {
            JobState::Finished { pictures, .. } => pictures.iter().map(|picture| picture.digest).collect(),
            _ => Vec::new(),
        };
        let told: Vec<Digest> = jobs.iter().flat_map(made).collect();
        let newer =
            self.kept.iter().filter(|kept| kept.job.created_ms > oldest).map(|kept| kept.picture.digest);
        let here = self.removing.iter().map(|taken| taken.kept.picture.digest);
        newer.filter(|picture| !told.contains(picture)).chain(here).collect()
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
        self.removing.is_some()
    }

    /// Takes a picture out of the strip, and out of the current job, which is over with its last one.
    fn take_off(&mut self, picture: Digest) -> Option<Taken> {
        if let Phase::Finished { pictures, .. } = &mut self.job.phase {
            pictures.retain(|made| made.digest != picture);
            if pictures.is_empty() {
                self.job = Shown::default();
            }
        }
        self.kept.take(picture)
    }
}
