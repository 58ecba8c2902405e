//! Live pictures: made between the jobs, shown to the one page that asked, kept nowhere.
//!
//! A wish is prepared (its canvas encoded) while the one before it is made and the one before that is
//! decoded. At each of these places the newest of a viewer takes the place of the one before.

use super::Queue;
use super::wishes::Wishes;
use crate::clock;
use crate::people::Person;
use crate::tiles::Pin;
use crate::worker::{Assignment, Canvas, Live, Outcome, fit};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tch::Tensor;
use tokio::sync::oneshot;
use wire::{Code, Digest, Fact, JobId, Problem, Spec, ViewerId};

/// How long a wish waits for the tiles of its canvas.
const WAIT: Duration = Duration::from_secs(60);
/// Wishes prepared ahead: one for each of two viewers that take turns.
const AHEAD: usize = 2;
/// Pages of one person that may wait for a live picture at once.
const PER_PERSON: usize = 4;

/// Where live pictures stand.
#[derive(Default)]
pub(super) struct Along {
    wishes: Wishes<Wish>,
    /// Wishes whose canvas is encoded, each the newest of its viewer.
    prepared: Wishes<Prepared>,
    /// Whose canvas is being encoded.
    encoding: Option<ViewerId>,
    /// What is being made; never beside a job.
    making: Option<Making>,
    /// Whose last picture was given up for a newer one: the next is not.
    spared: Option<ViewerId>,
}

/// What a viewer wants to see.
struct Wish {
    person: Person,
    spec: Spec,
    pin: Pin,
    since: Instant,
}

/// The same with its canvas as the sampler takes it.
pub(super) struct Prepared {
    spec: Spec,
    latents: Tensor,
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
        self.prepared.forget(viewer);
        self.encoding.take_if(|theirs| *theirs == viewer);
        self.making.take_if(|making| making.viewer == viewer);
    }
}

impl Queue {
    /// Makes a live picture of this canvas as soon as nothing more important is to be made.
    ///
    /// # Errors
    /// If the model has none, it would be too large, the canvas is not known, or too many people draw along.
    pub fn live(&self, person: Person, viewer: ViewerId, canvas: Digest, spec: Spec) -> Result<(), Problem> {
        if self.worker.live.is_none() {
            let message = "live: this studio has no live pictures; press Generate instead";
            return Err(Problem::new(Code::Invalid, message));
        }
        let own = &self.about.info.defaults;
        if spec.width > own.width || spec.height > own.height {
            let message = format!("live pictures are at most {}x{} here", own.width, own.height);
            return Err(Problem::invalid("width", message));
        }
        let pin = self.tiles.pin(self.manifest(&canvas)?);
        let mut state = self.state();
        let along = &mut state.along;
        if along.wishes.count(|theirs, wish| wish.person == person && theirs != viewer) >= PER_PERSON {
            let message = format!("{PER_PERSON} of your pages draw along already; close one");
            return Err(Problem::new(Code::Busy, message));
        }
        if let Some(making) = along.making.as_ref().filter(|making| making.viewer == viewer) {
            making.outdated.store(true, Relaxed);
        }
        along.wishes.put(viewer, Wish { person, spec, pin, since: clock::now() })?;
        drop(state);
        self.wished.notify_one();
        Ok(())
    }

    /// A page is looked at again: its wish may be fulfilled now.
    pub fn look_again(&self) {
        self.wished.notify_one();
        self.ready.notify_one();
    }

    /// Encodes the canvases of wishes, one after the other.
    pub async fn prepare_wishes(self: Arc<Self>) {
        let Some(live) = self.worker.live.clone() else { return };
        loop {
            let wished = self.wished.notified();
            match self.take_wish() {
                Some((viewer, wish)) => self.prepare(&live, viewer, wish).await,
                None => wished.await,
            }
        }
    }

    /// The wish whose turn it is. None while a job runs, which needs the machine for itself.
    fn take_wish(&self) -> Option<(ViewerId, Wish)> {
        let mut state = self.state();
        let now = clock::now();
        let complete = |wish: &Wish| self.tiles.missing(wish.pin.manifest(), now).is_empty();
        let idle = !state.closing && state.running.is_none();
        let along = &mut state.along;
        along
            .wishes
            .retain(|viewer, wish| self.hub.knows(viewer) && (now < wish.since + WAIT || complete(wish)));
        along.prepared.retain(|viewer, _| self.hub.knows(viewer));
        if !idle || along.prepared.count(|viewer, _| self.hub.is_looking(viewer)) >= AHEAD {
            return None;
        }
        let taken = along.wishes.next(|viewer, wish| self.hub.is_looking(viewer) && complete(wish))?;
        along.encoding = Some(taken.0);
        Some(taken)
    }

    async fn prepare(&self, live: &Live, viewer: ViewerId, wish: Wish) {
        let spec = Spec { pictures: 1, ..wish.spec };
        let (size, pin) = ((spec.width, spec.height), wish.pin);
        let canvas = move || {
            let manifest = pin.manifest();
            fit((manifest.width(), manifest.height()), &pin.pixels()?, size)
        };
        let encoded = live.encode(canvas).await;
        let mut state = self.state();
        let still_wanted = state.along.encoding.take() == Some(viewer);
        // A tile that went meanwhile comes again with the next stroke.
        if let Some(latents) = encoded.filter(|_| still_wanted) {
            // There is room for as many as there are wishes.
            let _ = state.along.prepared.put(viewer, Prepared { spec, latents });
            drop(state);
            self.ready.notify_one();
        }
    }

    /// What is to be made now, if no job is ready.
    pub(super) fn take_prepared(&self) -> Option<(Prepared, Making)> {
        let mut state = self.state();
        if state.closing || state.line.is_ready() {
            return None;
        }
        let along = &mut state.along;
        let (viewer, prepared) = along.prepared.next(|viewer, _| self.hub.is_looking(viewer))?;
        let making = Making { viewer, cancel: Arc::default(), outdated: Arc::default() };
        along.making = Some(making.clone());
        drop(state);
        self.wished.notify_one();
        Some((prepared, making))
    }

    pub(super) async fn fulfil(&self, prepared: Prepared, making: Making) {
        let Making { viewer, cancel, outdated } = making;
        let (done, outcome) = oneshot::channel();
        let spared = self.state().along.spared == Some(viewer);
        let canvas = Canvas::Encoded {
            latents: prepared.latents.shallow_clone(),
            outdated: if spared { Arc::default() } else { outdated.clone() },
        };
        let (job, spec) = (JobId(viewer.0), prepared.spec.clone());
        self.worker.give(Assignment { job, spec, canvas, cancel, done });
        let outcome = outcome.await.unwrap_or_else(|_| {
            Outcome::Failed(Problem::new(Code::Internal, "the sampler's thread ended; restart the server"))
        });
        let mut state = self.state();
        let along = &mut state.along;
        let still_wanted = along.making.take().is_some_and(|making| making.viewer == viewer);
        match outcome {
            _ if !still_wanted => {}
            Outcome::Drawn(latents) => {
                along.spared = None;
                drop(state);
                if let Some((live, info)) = self.worker.live.as_ref().zip(self.about.info.live) {
                    live.show(viewer, info.steps, latents);
                }
            }
            Outcome::Cancelled { .. } if outdated.load(Relaxed) => along.spared = Some(viewer),
            // It gave way to a job, and is made once that is done.
            Outcome::Cancelled { .. } => along.prepared.put_back(viewer, prepared),
            Outcome::Failed(problem) => self.hub.tell(viewer, &Fact::Refused { request: None, problem }),
            Outcome::Finished { .. } => {}
        }
    }
}
