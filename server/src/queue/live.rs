//! Live pictures: made between the jobs, shown to the one page that asked, kept nowhere.

use super::Queue;
use crate::clock;
use crate::hub::Preview;
use crate::tiles::Pin;
use crate::worker::{Assignment, Outcome, fit, jpeg};
use sampler::Picture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use wire::{Code, Digest, Fact, FrameFormat, JobId, Problem, Spec, ViewerId};

/// How long a wish waits for the tiles of its canvas.
const WAIT: Duration = Duration::from_secs(60);

/// What a viewer wants to see.
pub(super) struct Wish {
    spec: Spec,
    pin: Pin,
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
        if self.about.info.live.is_none() {
            return Err(Problem::new(
                Code::Invalid,
                "live: this studio has no live pictures; press Generate instead",
            ));
        }
        let pin = self.tiles.pin(self.manifest(&canvas)?);
        let mut state = self.state();
        if let Some(making) = state.making.as_ref().filter(|making| making.viewer == viewer) {
            making.outdated.store(true, Relaxed);
        }
        state.wishes.put(viewer, Wish { spec, pin, since: clock::now() })?;
        drop(state);
        self.ready.notify_one();
        Ok(())
    }

    /// A page is looked at again, or somebody's tiles came: a wish may be fulfilled now.
    pub fn look_again(&self) {
        self.ready.notify_one();
    }

    /// The wish whose turn it is, once no job is ready.
    pub(super) fn take_wish(&self) -> Option<(Wish, Making)> {
        let mut state = self.state();
        if state.closing {
            return None;
        }
        let now = clock::now();
        state.wishes.retain(|wish| now < wish.since + WAIT);
        let complete = |wish: &Wish| self.tiles.missing(wish.pin.manifest(), now).is_empty();
        let (viewer, wish) =
            state.wishes.next(|viewer, wish| self.hub.is_looking(viewer) && complete(wish))?;
        let making = Making { viewer, cancel: Arc::default(), outdated: Arc::default() };
        state.making = Some(making.clone());
        Some((wish, making))
    }

    pub(super) async fn fulfil(self: &Arc<Self>, wish: Wish, making: Making) {
        let viewer = making.viewer;
        let outcome = self.quick(wish, making).await;
        self.state().making = None;
        match outcome {
            Ok(Outcome::Finished { pictures, .. }) => {
                let queue = self.clone();
                // Beside the picture that comes next.
                tokio::task::spawn_blocking(move || queue.show(viewer, &pictures));
            }
            Ok(Outcome::Cancelled { .. }) => {}
            Ok(Outcome::Failed(problem)) | Err(problem) => {
                self.hub.tell(viewer, &Fact::Refused { request: None, problem });
            }
        }
    }

    async fn quick(&self, wish: Wish, making: Making) -> Result<Outcome, Problem> {
        let spec = Spec { pictures: 1, ..wish.spec };
        let (size, pin) = ((spec.width, spec.height), wish.pin);
        let canvas = tokio::task::spawn_blocking(move || {
            let manifest = pin.manifest().clone();
            fit((manifest.width(), manifest.height()), &pin.pixels()?, size)
        });
        // A tile that went meanwhile is asked for with the next stroke.
        let Ok(Some(canvas)) = canvas.await else { return Ok(Outcome::Cancelled { step: 0 }) };
        let (done, outcome) = oneshot::channel();
        let Making { viewer, cancel, outdated } = making;
        let live = Some(outdated);
        self.worker.give(Assignment { job: JobId(viewer.0), spec, canvas, cancel, live, done });
        outcome
            .await
            .map_err(|_| Problem::new(Code::Internal, "the sampler's thread ended; restart the server"))
    }

    fn show(&self, viewer: ViewerId, pictures: &[Picture]) {
        let Some((picture, steps)) = pictures.first().zip(self.about.info.live.map(|live| live.steps)) else {
            return;
        };
        let (width, height) = (picture.width as u16, picture.height as u16);
        match jpeg(picture) {
            Ok(payload) => {
                let preview = Preview {
                    job: JobId(viewer.0),
                    picture: 0,
                    step: steps,
                    total: steps,
                    format: FrameFormat::Jpeg,
                    channels: 0,
                    width,
                    height,
                    payload: &payload,
                };
                self.hub.show_to(viewer, &preview);
            }
            Err(why) => tracing::error!(why, "a live picture could not be encoded"),
        }
    }
}
