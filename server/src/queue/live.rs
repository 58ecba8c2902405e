//! Live pictures: made between the jobs, shown to the one page that asked, kept nowhere.
//!
//! A wish is prepared (its canvas encoded) while the one before it is made and the one before that is
//! decoded. At each of these places the newest of a viewer takes the place of the one before.

use super::Queue;
use crate::clock;
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

/// What a viewer wants to see.
pub(super) struct Wish {
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

impl Making {
    /// Something more important has come.
    pub(super) fn give_way(&self) {
        self.cancel.store(true, Relaxed);
    }
}

impl Queue {
    /// Makes a live picture of this canvas as soon as nothing more important is to be made.
    ///
    /// # Errors
    /// If the model has none, the canvas is not known, or too many people draw along.
    pub fn live(&self, viewer: ViewerId, canvas: Digest, spec: Spec) -> Result<(), Problem> {
        if self.worker.live.is_none() {
            let message = "live: this studio has no live pictures; press Generate instead";
            return Err(Problem::new(Code::Invalid, message));
        }
        let pin = self.tiles.pin(self.manifest(&canvas)?);
        let mut state = self.state();
        if let Some(making) = state.making.as_ref().filter(|making| making.viewer == viewer) {
            making.outdated.store(true, Relaxed);
        }
        state.wishes.put(viewer, Wish { spec, pin, since: clock::now() })?;
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
        if state.closing || state.running.is_some() || state.prepared.len() >= AHEAD {
            return None;
        }
        let now = clock::now();
        state.wishes.retain(|wish| now < wish.since + WAIT);
        let complete = |wish: &Wish| self.tiles.missing(wish.pin.manifest(), now).is_empty();
        state.wishes.next(|viewer, wish| self.hub.is_looking(viewer) && complete(wish))
    }

    async fn prepare(&self, live: &Live, viewer: ViewerId, wish: Wish) {
        let spec = Spec { pictures: 1, ..wish.spec };
        let (size, pin) = ((spec.width, spec.height), wish.pin);
        let canvas = move || {
            let manifest = pin.manifest();
            fit((manifest.width(), manifest.height()), &pin.pixels()?, size)
        };
        // A tile that went meanwhile comes again with the next stroke.
        if let Some(latents) = live.encode(canvas).await {
            // There is room for as many as there are wishes.
            let _ = self.state().prepared.put(viewer, Prepared { spec, latents });
            self.ready.notify_one();
        }
    }

    /// What is to be made now that no job is ready.
    pub(super) fn take_prepared(&self) -> Option<(Prepared, Making)> {
        let mut state = self.state();
        if state.closing {
            return None;
        }
        let (viewer, prepared) = state.prepared.next(|viewer, _| self.hub.is_looking(viewer))?;
        let making = Making { viewer, cancel: Arc::default(), outdated: Arc::default() };
        state.making = Some(making.clone());
        drop(state);
        self.wished.notify_one();
        Some((prepared, making))
    }

    pub(super) async fn fulfil(&self, prepared: Prepared, making: Making) {
        let Making { viewer, cancel, outdated } = making;
        let (done, outcome) = oneshot::channel();
        let canvas = Canvas::Encoded { latents: prepared.latents, outdated };
        self.worker.give(Assignment { job: JobId(viewer.0), spec: prepared.spec, canvas, cancel, done });
        let outcome = outcome.await.unwrap_or_else(|_| {
            Outcome::Failed(Problem::new(Code::Internal, "the sampler's thread ended; restart the server"))
        });
        self.state().making = None;
        match outcome {
            Outcome::Drawn(latents) => {
                if let Some((live, info)) = self.worker.live.as_ref().zip(self.about.info.live) {
                    live.show(viewer, info.steps, latents);
                }
            }
            Outcome::Failed(problem) => self.hub.tell(viewer, &Fact::Refused { request: None, problem }),
            Outcome::Cancelled { .. } | Outcome::Finished { .. } => {}
        }
    }
}
