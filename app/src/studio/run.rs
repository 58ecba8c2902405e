//! A job as the page knows it, from the click to its end.

use super::{Effect, Heralds};
use link::Latents;
use wire::{Digest, Frame, FrameHeader, Job, JobId, JobState, LatentPreview, Picture, Problem, Spec};

/// Where a job stands.
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

    /// Whether nobody works on it yet.
    pub fn waits(&self) -> bool {
        matches!(self, Phase::Asked | Phase::Waiting { .. })
    }

    /// Whether it ended without a picture.
    pub fn came_to_nothing(&self) -> bool {
        matches!(self, Phase::Cancelled { .. } | Phase::Failed(_))
    }

    pub fn is_active(&self) -> bool {
        self.waits() || matches!(self, Phase::Loading { .. } | Phase::Running { .. })
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

/// A job that this page shows, or may show.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    /// The page's own count of those that it came to know: later ones have larger numbers.
    pub number: u32,
    /// Set once it was admitted.
    pub id: Option<JobId>,
    /// Under which this page asked for it.
    pub request: Option<u32>,
    /// What it is made from; not known while the drawing has no name yet.
    pub canvas: Option<Digest>,
    pub spec: Spec,
    pub phase: Phase,
    pub preview: Option<LatentPreview>,
    /// The newest preview of each picture that came, for coming back to them.
    pub newest: Vec<Preview>,
    pub painted_step: u16,
    /// Previews painted.
    pub frames: u32,
    /// The person wants to see it, though there is nothing to be seen of it yet.
    pub chosen: bool,
    /// The person wants it stopped.
    pub stopping: bool,
    /// A quick picture of the same drawing stays until previews are better than it, and is all there is if none come.
    pub after_live: Option<Box<Run>>,
    pub heralds: Heralds,
}

impl Run {
    pub fn asked(request: u32, spec: Spec) -> Self {
        Self { number: request, request: Some(request), spec, phase: Phase::Asked, ..Self::default() }
    }

    pub fn admitted(number: u32, job: Job) -> Self {
        let phase = Phase::Waiting { ahead: 0, tiles: 0 };
        Self { number, id: Some(job.id), canvas: Some(job.canvas), spec: job.spec, phase, ..Self::default() }
    }

    /// Whether it is asked for, and has no answer yet.
    pub fn is_unanswered(&self) -> bool {
        self.phase == Phase::Asked && self.id.is_none()
    }

    /// Whether it goes out as soon as the drawing has its name.
    pub fn is_due(&self) -> bool {
        self.is_unanswered() && self.canvas.is_none()
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

    /// Keeps a preview of it, if that is the newest of its picture and better than what is there. Gives the map that makes
    /// latents visible.
    pub(super) fn keep(&mut self, preview: &Preview) -> Option<LatentPreview> {
        let FrameHeader { picture, step, total, .. } = *preview.header();
        let better = self.after_live.is_none() || (2 * step >= total && !self.spec.quick);
        let of_this = |other: &Preview| other.header().picture == picture;
        let before = self.newest.iter().find(|other| of_this(other));
        let newer = before.is_none_or(|before| before.header().step < step);
        let known = picture < self.spec.pictures && !self.heralds.came.contains(&picture);
        let forms = matches!(self.phase, Phase::Running { .. });
        let map = self.preview.clone().filter(|_| forms && better && newer && known)?;
        self.newest.retain(|other| !of_this(other));
        self.newest.push(preview.clone());
        Some(map)
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
