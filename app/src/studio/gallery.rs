//! The pictures that were kept.

use wire::{Digest, Job, JobId, Picture};

/// A finished picture and what it was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    pub picture: Picture,
    pub job: Job,
    pub took_ms: f32,
}

/// What is looked at in place of the current job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looked {
    One(Digest),
    /// All pictures that this job made together.
    All(JobId),
}

/// A kept picture that was taken off the wall, its place there, and what hung behind it.
pub(super) struct Taken {
    pub at: usize,
    pub kept: Kept,
    behind: Option<Digest>,
}

/// Finished pictures, newest first, each once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gallery(Vec<Kept>);

impl Gallery {
    /// Hangs the pictures of a finished job first.
    pub fn add(&mut self, job: &Job, pictures: &[Picture], took_ms: f32) {
        for picture in pictures.iter().rev() {
            self.0.retain(|kept| kept.picture.digest != picture.digest);
            self.0.insert(0, Kept { picture: picture.clone(), job: job.clone(), took_ms });
        }
    }

    /// Hangs those of an earlier job that do not hang yet before what is older than they.
    pub fn add_older(&mut self, job: &Job, pictures: Vec<Picture>, took_ms: f32) {
        for picture in pictures {
            if self.find(picture.digest).is_none() {
                let is_older = |kept: &Kept| kept.job.created_ms < job.created_ms;
                let at = self.0.iter().position(is_older).unwrap_or(self.0.len());
                self.0.insert(at, Kept { picture, job: job.clone(), took_ms });
            }
        }
    }

    /// What a job made, as far as it is here.
    pub fn of(&self, job: JobId) -> Vec<Digest> {
        self.0.iter().filter(|kept| kept.job.id == job).map(|kept| kept.picture.digest).collect()
    }

    /// The same, as the job told of them.
    pub(super) fn pictures(&self, job: JobId) -> Vec<Picture> {
        self.0.iter().filter(|kept| kept.job.id == job).map(|kept| kept.picture.clone()).collect()
    }

    /// Takes a picture off the wall.
    pub(super) fn take(&mut self, digest: Digest) -> Option<Taken> {
        let at = self.0.iter().position(|kept| kept.picture.digest == digest)?;
        let kept = self.0.remove(at);
        Some(Taken { at, kept, behind: self.0.get(at).map(|behind| behind.picture.digest) })
    }

    /// Before what it hung before; others may have come meanwhile.
    pub(super) fn put_back(&mut self, taken: Taken) {
        let behind = |kept: &Kept| Some(kept.picture.digest) == taken.behind;
        let at = self.0.iter().position(behind).unwrap_or(self.0.len());
        self.0.insert(at, taken.kept);
    }

    /// What hangs in this place, or is the last before it.
    pub(super) fn near(&self, at: usize) -> Option<Digest> {
        self.0.get(at).or(self.0.last()).map(|kept| kept.picture.digest)
    }

    pub fn find(&self, digest: Digest) -> Option<&Kept> {
        self.0.iter().find(|kept| kept.picture.digest == digest)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Kept> {
        self.0.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
