//! The job that the page shows, and the pictures that were kept.

use super::{Effect, Heralds};
use link::Latents;
use wire::{Digest, Frame, FrameHeader, Job, JobId, JobState, LatentPreview, Picture, Problem, Spec};

/// Where the shown job stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Phase {
    /// Nothing was asked for.
    #[default]
    Idle,
    /// Quick pictures follow the drawing.
    Live,
    /// Asked for, and not yet answered.
    Asked,
    Waiting {
        ahead: u32,
        tiles: u32,
    },
    /// Its model is read: so many of so many bytes.
    Loading {
        read: u64,
        bytes: u64,
    },
    Running {
        step: u16,
        total: u16,
        step_ms: f32,
    },
    Finished {
        pictures: Vec<Picture>,
        took_ms: f32,
    },
    Cancelled {
        step: u16,
    },
    /// It failed, or was refused.
    Failed(Problem),
}

impl Phase {
    /// As the page's `data-state` says it.
    pub fn name(&self) -> &'static str {
        match self {
            Phase::Idle => "idle",
            Phase::Live => "live",
            Phase::Asked | Phase::Waiting { .. } => "waiting",
            Phase::Loading { .. } => "loading",
            Phase::Running { .. } => "running",
            Phase::Finished { .. } => "finished",
            Phase::Cancelled { .. } => "cancelled",
            Phase::Failed(_) => "failed",
        }
    }

    /// Whether it ended without a picture.
    pub fn came_to_nothing(&self) -> bool {
        matches!(self, Phase::Cancelled { .. } | Phase::Failed(_))
    }

    pub fn is_active(&self) -> bool {
        matches!(self, Phase::Asked | Phase::Waiting { .. } | Phase::Loading { .. } | Phase::Running { .. })
    }
}

impl From<JobState> for Phase {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Waiting { ahead, tiles } => Phase::Waiting { ahead, tiles },
            JobState::Loading { read, bytes } => Phase::Loading { read, bytes },
            JobState::Running { step, total, step_ms, .. } => Phase::Running { step, total, step_ms },
            JobState::Finished { pictures, took_ms } => Phase::Finished { pictures, took_ms },
            JobState::Cancelled { step } => Phase::Cancelled { step },
            JobState::Failed { problem } => Phase::Failed(problem),
        }
    }
}

/// What a picture would become, as it was seen after a step.
#[derive(Debug, Clone, PartialEq)]
pub enum Preview {
    Latents(Latents),
    /// Decoded at the server.
    Picture(Frame),
}

impl Preview {
    pub fn header(&self) -> &FrameHeader {
        match self {
            Self::Latents(latents) => &latents.header,
            Self::Picture(frame) => &frame.header,
        }
    }

    /// Brings it onto the screen; latents become colour by this map, and without one do not.
    pub fn shown_by(self, map: Option<LatentPreview>) -> Option<Effect> {
        match self {
            Self::Latents(latents) => map.map(|map| Effect::Paint(latents, map)),
            Self::Picture(frame) => Some(Effect::Picture(frame)),
        }
    }
}

/// The job whose picture forms on the page.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shown {
    /// Set once it was admitted.
    pub id: Option<JobId>,
    /// This page's own number for it.
    pub request: Option<u32>,
    pub canvas: Option<Digest>,
    pub spec: Spec,
    pub phase: Phase,
    pub preview: Option<LatentPreview>,
    /// The newest preview of each picture that came, for coming back to them.
    pub newest: Vec<Preview>,
    pub painted_step: u16,
    /// Previews painted.
    pub frames: u32,
    /// The person wants it stopped.
    pub stopping: bool,
    /// A quick picture of the same drawing stays until previews are better than it, and is all there is if none come.
    pub after_live: Option<Box<Shown>>,
    pub heralds: Heralds,
}

impl Shown {
    pub fn asked(request: u32, spec: Spec) -> Self {
        Self { request: Some(request), spec, phase: Phase::Asked, ..Self::default() }
    }

    pub fn admitted(job: Job) -> Self {
        let phase = Phase::Waiting { ahead: 0, tiles: 0 };
        Self { id: Some(job.id), canvas: Some(job.canvas), spec: job.spec, phase, ..Self::default() }
    }

    /// Stands where the server says that it stands.
    pub fn take(&mut self, state: JobState) {
        if let JobState::Running { step, preview, .. } = &state {
            // A server that was started anew begins the job again.
            if self.newest.iter().any(|newest| newest.header().step > *step) {
                self.newest.clear();
                self.painted_step = 0;
                self.heralds.begin_again();
            }
            self.preview = Some(preview.clone());
        }
        self.phase = state.into();
    }

    /// A step is done. The time of a step is smoothed, so that the time left does not jump.
    pub fn advance(&mut self, step: u16, total: u16, step_ms: f32) {
        let smooth = match self.phase {
            Phase::Running { step_ms: before, .. } if before > 0.0 => 0.7 * before + 0.3 * step_ms,
            _ => step_ms,
        };
        self.phase = Phase::Running { step, total, step_ms: smooth };
    }

    /// Steps done and to do, as the progress bar shows them.
    pub fn steps(&self) -> (u16, u16) {
        match self.phase {
            Phase::Running { step, total, .. } => (step, total),
            Phase::Finished { .. } => (self.spec.steps, self.spec.steps),
            Phase::Cancelled { step } => (step, self.spec.steps),
            _ => (0, self.spec.steps),
        }
    }

    /// How much of what is under way is done, 0 to 1: steps, or before them bytes of the model.
    pub fn share(&self) -> f32 {
        match self.phase {
            Phase::Loading { read, bytes } => read as f32 / bytes.max(1) as f32,
            _ => {
                let (step, total) = self.steps();
                f32::from(step) / f32::from(total.max(1))
            }
        }
    }

    /// What was made, once it is finished.
    pub fn pictures(&self) -> &[Picture] {
        match &self.phase {
            Phase::Finished { pictures, .. } => pictures,
            _ => &[],
        }
    }
}

/// A job that this page asked for and that has not ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Underway {
    pub job: JobId,
    pub request: u32,
    pub state: JobState,
}

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
