//! Live pictures: made between the jobs, shown to the one page that asked, kept nowhere.
//!
//! One is begun from the newest canvas at the moment when the sampler is free for it, while another thread
//! decodes the one before: what is drawn meanwhile costs nothing until its turn comes.

use super::Queue;
use super::wishes::Wishes;
use crate::clock;
use crate::people::Person;
use crate::tiles::Pin;
use crate::worker::{Assignment, For, Made, Outcome};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use wire::{Code, Digest, Fact, JobId, LiveInfo, Problem, Spec, ViewerId};

/// How long a wish waits for the tiles of its canvas, and for a page that is hidden to be looked at again.
const WAIT: Duration = Duration::from_secs(60);
/// Pictures that are spared after one was given up for a newer one: while people draw every picture is
/// outdated when it has hardly begun, and what is given up is time lost.
const SPARED: u32 = 8;
/// Pages of one person that may wait for a live picture at once.
const PER_PERSON: usize = 4;

/// Where live pictures stand.
#[derive(Default)]
pub(super) struct Along {
    wishes: Wishes<Wish>,
    /// What is being made; never beside a job.
    making: Option<Making>,
    /// Pictures, of whomever, until one may be given up for a newer one again.
    spared: u32,
}

/// What a viewer wants to see.
pub(super) struct Wish {
    person: Person,
    spec: Spec,
    pin: Arc<Pin>,
    since: Instant,
}

/// The live picture that is being made.
#[derive(Clone)]
pub(super) struct Making {
    viewer: ViewerId,
    /// Set to stop within the step that runs.
    cancel: Arc<AtomicBool>,
    /// Set when its viewer has drawn on.
    outdated: Arc<AtomicBool>,
}

impl Along {
    /// Something more important has come.
    pub(super) fn give_way(&self) {
        self.making.iter().for_each(|making| making.cancel.store(true, Relaxed));
    }

    /// This viewer asked for a real picture, which is better than the quick ones before it.
    pub(super) fn forget(&mut self, viewer: ViewerId) {
        self.wishes.forget(viewer);
        if let Some(making) = self.making.take_if(|making| making.viewer == viewer) {
            making.cancel.store(true, Relaxed);
        }
    }
}

impl Queue {
    /// Makes a live picture of this canvas as soon as nothing more important is to be made.
    ///
    /// # Errors
    /// If the model has none, it would be too large, the canvas is not known, or too many people draw along.
    pub fn live(&self, person: Person, viewer: ViewerId, canvas: Digest, spec: Spec) -> Result<(), Problem> {
        let spec = Spec { pictures: 1, ..self.quick(spec)? };
        let pin = self.tiles.pin(self.manifest(&canvas)?);
        let mut state = self.state();
        let along = &mut state.along;
        self.forget_idle(along);
        if along.wishes.count(|theirs, wish| wish.person == person && theirs != viewer) >= PER_PERSON {
            let message = format!("{PER_PERSON} of your pages draw along already; close one");
            return Err(Problem::new(Code::Busy, message));
        }
        along.wishes.put(viewer, Wish { person, spec, pin: Arc::new(pin), since: clock::now() })?;
        if let Some(making) = along.making.as_ref().filter(|making| making.viewer == viewer) {
            making.outdated.store(true, Relaxed);
        }
        drop(state);
        self.look_again();
        Ok(())
    }

    /// The same made as live pictures are.
    ///
    /// # Errors
    /// If the studio has none, or it would be another model's or too large.
    pub(super) fn quick(&self, spec: Spec) -> Result<Spec, Problem> {
        let Some(LiveInfo { steps, .. }) = self.live_info() else {
            let message = "live: this studio has no live pictures; press Generate instead";
            return Err(Problem::new(Code::Invalid, message));
        };
        if !spec.model.is_empty() {
            return Err(Problem::invalid(
                "model",
                "live pictures are made by the studio's own; leave it out",
            ));
        }
        let own = &self.about.info.defaults;
        if spec.is_much_larger(own) {
            let most = own.width * own.height * 3 / 2;
            let message =
                format!("live pictures have at most {most} pixels here; give a smaller width or height");
            return Err(Problem::invalid("width", message));
        }
        let Spec { image_guidance, clip_skip, scheduler, sigmas, control, control_scale, .. } =
            Spec::default();
        Ok(Spec {
            quick: true,
            steps,
            guidance: 1.0,
            image_guidance,
            clip_skip,
            scheduler,
            sigmas,
            control,
            control_scale,
            ..spec
        })
    }

    /// Whether the studio can draw along, and how fast.
    pub fn live_info(&self) -> Option<LiveInfo> {
        self.about.info.live
    }

    /// A wish may be fulfilled now.
    pub fn look_again(&self) {
        self.ready.notify_one();
    }

    /// The wish whose turn it is, if no job is ready.
    pub(super) fn take_wish(&self) -> Option<(Wish, Making)> {
        let mut state = self.state();
        if state.closing || state.line.is_ready() {
            return None;
        }
        let along = &mut state.along;
        self.forget_idle(along);
        let (viewer, wish) =
            along.wishes.next(|viewer, wish| self.hub.is_looking(viewer) && self.is_complete(wish))?;
        let making = Making { viewer, cancel: Arc::default(), outdated: Arc::default() };
        along.making = Some(making.clone());
        Some((wish, making))
    }

    /// Lets go of wishes that hold canvases for nobody.
    fn forget_idle(&self, along: &mut Along) {
        let now = clock::now();
        along.wishes.retain(|viewer, wish| {
            let ready = || self.hub.is_looking(viewer) && self.is_complete(wish);
            self.hub.knows(viewer) && is_kept(now.saturating_duration_since(wish.since), ready)
        });
    }

    fn is_complete(&self, wish: &Wish) -> bool {
        self.tiles.missing(wish.pin.manifest(), clock::now()).is_empty()
    }

    pub(super) async fn fulfil(&self, wish: Wish, making: Making) {
        let (viewer, steps) = (making.viewer, wish.spec.steps);
        let outcome = self.drawn(&wish, &making).await;
        let mut state = self.state();
        let along = &mut state.along;
        let still_wanted = along.making.take().is_some_and(|making| making.viewer == viewer);
        match outcome {
            _ if !still_wanted => {}
            Outcome::Drawn { latents, made_us } => {
                // Where nothing newer waits, the pen has rested.
                let alone = along.wishes.is_empty();
                along.spared = if alone { 0 } else { along.spared.saturating_sub(1) };
                drop(state);
                if let Some(live) = &self.worker.live {
                    live.show(Made { viewer, steps, latents, made_us, alone });
                }
            }
            Outcome::Cancelled { .. } if making.outdated.load(Relaxed) => along.spared = SPARED,
            // It gave way to a job, and is made once that is done.
            Outcome::Cancelled { .. } => along.wishes.put_back(viewer, wish),
            Outcome::Failed(problem) => self.hub.tell(viewer, &Fact::Refused { request: None, problem }),
            Outcome::Finished { .. } | Outcome::Ready => {}
        }
    }

    async fn drawn(&self, wish: &Wish, making: &Making) -> Outcome {
        let Some(canvas) = self.fitted.fit_elsewhere(wish.pin.clone(), &wish.spec).await else {
            tracing::error!("the canvas of a live picture could not be put together");
            return Outcome::Failed(Problem::new(Code::Internal, "the drawing could not be read; draw on"));
        };
        let spared = self.state().along.spared > 0;
        let outdated = if spared { Arc::default() } else { making.outdated.clone() };
        if making.cancel.load(Relaxed) || outdated.load(Relaxed) {
            return Outcome::Cancelled { step: 0 };
        }
        let (done, outcome) = oneshot::channel();
        self.worker.give(Assignment {
            job: JobId(making.viewer.0),
            spec: wish.spec.clone(),
            canvas,
            purpose: For::Live { outdated },
            cancel: making.cancel.clone(),
            done,
        });
        outcome.await.unwrap_or_else(|_| Outcome::lost())
    }
}

/// Whether a wish that is so old stays: one that is not `ready` to be fulfilled holds a canvas for nobody.
fn is_kept(age: Duration, ready: impl FnOnce() -> bool) -> bool {
    age < WAIT || ready()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_that_cannot_be_fulfilled_is_kept_for_a_minute() {
        let [soon, late] = [Duration::from_secs(59), WAIT];
        assert!(
            is_kept(soon, || false) && !is_kept(late, || false),
            "its page is hidden, or tiles are missing"
        );
        assert!(is_kept(late, || true), "a job takes longer");
    }
}
