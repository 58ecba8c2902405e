//! Jobs on their way to the worker: admitted at once, waiting for their tiles and their turn,
//! made, and written down. One job is made at a time.

mod ahead;
mod fitted;
mod heralds;
pub mod line;
mod live;
mod make;
mod wishes;

use crate::chance;
use crate::clock;
use crate::gallery::{Admitted, Gallery, GalleryError, Order};
use crate::hub::Hub;
use crate::models::Models;
use crate::people::Person;
use crate::tiles::{Pin, Tiles};
use crate::worker::{About, Worker};
use ahead::Ahead;
use fitted::Fitted;
use heralds::Heralds;
use line::{Limits, Line};
use live::Along;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, Semaphore};
use wire::{Code, Digest, Fact, Job, JobId, JobState, Manifest, Problem, Spec, ViewerId};

/// Jobs that run or whose files are being written, which bounds the pictures in memory.
const FINISHING: usize = 4;

pub struct Queue {
    state: Mutex<State>,
    /// A job or a live picture may be ready.
    ready: Notify,
    /// A job may wait for tiles.
    incomplete: Notify,
    finishing: Arc<Semaphore>,
    fitted: Arc<Fitted>,
    hub: Arc<Hub>,
    tiles: Arc<Tiles>,
    gallery: Arc<Gallery>,
    worker: Worker,
    about: About,
    models: Arc<Models>,
}

struct State {
    line: Line,
    tickets: HashMap<JobId, Ticket>,
    running: Option<(JobId, Arc<AtomicBool>)>,
    along: Along,
    ahead: Option<Ahead>,
    heralds: Heralds,
    /// The server is about to end: nothing starts, and what is open stays so.
    closing: bool,
}

/// A waiting job, with its hold on the tiles that it needs.
struct Ticket {
    order: Order,
    pin: Arc<Pin>,
}

/// Who asks, from which page, under which number.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    pub person: Person,
    pub viewer: ViewerId,
    pub request: u32,
}

impl Queue {
    pub fn new(
        limits: Limits,
        hub: Arc<Hub>,
        tiles: Arc<Tiles>,
        gallery: Arc<Gallery>,
        worker: Worker,
        about: About,
        models: Arc<Models>,
    ) -> Self {
        let state = State {
            line: Line::new(limits),
            tickets: HashMap::new(),
            running: None,
            along: Along::default(),
            ahead: None,
            heralds: Heralds::default(),
            closing: false,
        };
        Self {
            state: Mutex::new(state),
            ready: Notify::new(),
            incomplete: Notify::new(),
            finishing: Arc::new(Semaphore::new(FINISHING)),
            fitted: Arc::default(),
            hub,
            tiles,
            gallery,
            worker,
            about,
            models,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Admits a job. The answer to the page is a fact: `accepted`, and what is missing.
    ///
    /// # Errors
    /// If the canvas is not known or too much waits already.
    pub async fn generate(&self, asked: Asked, canvas: Digest, spec: Spec) -> Result<(), Problem> {
        let Asked { person, viewer, request } = asked;
        if let Some(job) = self.ask(move |gallery| gallery.requested(viewer, request)).await? {
            return self.again(viewer, job, Some(request)).await;
        }
        self.models.check(&spec)?;
        let spec = if spec.quick { self.quick(spec)? } else { spec };
        let manifest = self.manifest(&canvas)?;
        let job = Job { id: JobId(chance::random()), canvas, spec, created_ms: clock::unix_ms() };
        let id = job.id;
        let order = Order { job, person, viewer, request, manifest: Manifest::clone(&manifest) };
        self.join(order.clone(), &manifest)?;
        let written = self.ask(move |gallery| gallery.admit(&order).map(|admitted| (admitted, order))).await;
        match written {
            Ok((Admitted::New, order)) => self.admit(&order, asked),
            Ok((Admitted::Already(same), _)) => {
                self.forget(id);
                return self.again(viewer, same, Some(request)).await;
            }
            Err(problem) => {
                self.forget(id);
                return Err(problem);
            }
        }
        Ok(())
    }

    fn manifest(&self, canvas: &Digest) -> Result<Arc<Manifest>, Problem> {
        self.tiles.canvas(canvas, clock::now()).ok_or_else(|| {
            let message = "canvas: this drawing is not known here (any more); say `canvas` first";
            Problem { field: Some("canvas".to_owned()), ..Problem::new(Code::NotFound, message) }
        })
    }

    /// Takes a place in the line, which holds the tiles too.
    fn join(&self, order: Order, manifest: &Arc<Manifest>) -> Result<(), Problem> {
        let (job, person) = (order.job.id, order.person);
        let pin = Arc::new(self.tiles.pin(manifest.clone()));
        let mut state = self.state();
        if state.closing {
            return Err(Problem::new(Code::Busy, "the studio is closing; try again in a minute"));
        }
        // Tiles land under this lock, so that none is missed in between.
        state.line.join(job, person, self.lacking(manifest), clock::now())?;
        state.tickets.insert(job, Ticket { order, pin });
        Ok(())
    }

    /// The tiles of a canvas that have not come.
    fn lacking(&self, manifest: &Manifest) -> HashSet<Digest> {
        let missing = self.tiles.missing(manifest, clock::now());
        missing.iter().map(|index| manifest.tiles()[*index as usize]).collect()
    }

    fn admit(&self, order: &Order, asked: Asked) {
        self.hub.accepted(order.person, order.job.clone(), Some((asked.viewer, asked.request)));
        // Some may have come while it was written down.
        let missing = self.tiles.missing(&order.manifest, clock::now());
        if missing.is_empty() {
            self.keep_canvas(order.job.canvas, &order.manifest);
        } else {
            self.hub.tell(asked.viewer, &Fact::Canvas { canvas: order.job.canvas, missing });
        }
        let mut state = self.state();
        state.line.admit(order.job.id);
        if state.line.is_ready() {
            state.along.give_way();
        }
        state.along.forget(asked.viewer);
        self.announce(&state);
        drop(state);
        self.ready.notify_one();
        self.incomplete.notify_one();
    }

    /// A page is there, for the first time or again: it is asked for what its waiting jobs lack, which it may take for
    /// sent if the server was started again since.
    pub fn greet(&self, viewer: ViewerId) {
        let state = self.state();
        for Ticket { order, .. } in state.tickets.values().filter(|ticket| ticket.order.viewer == viewer) {
            let missing = self.tiles.missing(&order.manifest, clock::now());
            if !missing.is_empty() {
                self.hub.tell(viewer, &Fact::Canvas { canvas: order.job.canvas, missing });
            }
        }
        drop(state);
        self.look_again();
    }

    fn forget(&self, job: JobId) {
        let mut state = self.state();
        state.line.leave(job);
        state.tickets.remove(&job);
    }

    /// Tells one page of a job that exists.
    async fn again(&self, viewer: ViewerId, job: JobId, request: Option<u32>) -> Result<(), Problem> {
        if self.hub.retell(viewer, job, request) {
            return Ok(());
        }
        match self.ask(move |gallery| gallery.ended(job)).await? {
            Some(view) => self.hub.recount(viewer, &view, request),
            // Between being written down and being announced; `accepted` is about to come.
            None if request.is_some() => {}
            None => return Err(Problem::new(Code::NotFound, "job: no such job; check its address")),
        }
        Ok(())
    }

    /// A page follows a job, also one that ended long ago.
    ///
    /// # Errors
    /// If there is no such job.
    pub async fn watch(&self, viewer: ViewerId, job: JobId) -> Result<(), Problem> {
        if self.hub.watch(viewer, job) { Ok(()) } else { self.again(viewer, job, None).await }
    }

    /// Tiles have come.
    pub fn landed(&self, tiles: &[Digest]) {
        if tiles.is_empty() {
            return;
        }
        let mut state = self.state();
        let complete = state.line.landed(tiles, clock::now());
        let canvases = complete.iter().filter_map(|job| state.tickets.get(job));
        for ticket in canvases {
            self.keep_canvas(ticket.order.job.canvas, ticket.pin.manifest());
        }
        if !complete.is_empty() {
            state.along.give_way();
        }
        self.announce(&state);
        drop(state);
        self.ready.notify_one();
    }

    /// Stops a job: at once if it waits, within a step if it runs.
    ///
    /// # Errors
    /// If it is somebody else's or there is no such job. One that has just ended is no error.
    pub async fn cancel(&self, person: Person, job: JobId) -> Result<(), Problem> {
        let Some(owner) = self.hub.owner(job) else {
            let ended =
                self.hub.has_ended(job) || self.ask(move |gallery| gallery.ended(job)).await?.is_some();
            let unknown = || Problem::new(Code::NotFound, "job: no such job, so there is nothing to cancel");
            return if ended { Ok(()) } else { Err(unknown()) };
        };
        person.may_cancel(owner)?;
        let ticket = self.withdraw(job);
        if let Some(ticket) = ticket {
            self.end(ticket.order.job, JobState::Cancelled { step: 0 }).await;
        }
        Ok(())
    }

    fn withdraw(&self, job: JobId) -> Option<Ticket> {
        let mut state = self.state();
        if let Some((_, cancel)) = state.running.as_ref().filter(|(running, _)| *running == job) {
            cancel.store(true, Relaxed);
        }
        state.line.leave(job);
        let ticket = state.tickets.remove(&job);
        self.announce(&state);
        ticket
    }

    /// Writes down how a job ended, then tells.
    async fn end(&self, job: Job, state: JobState) {
        let id = job.id;
        drop(self.state().heralds.take(id));
        let written = match state.clone() {
            JobState::Cancelled { step } => self.ask(move |gallery| gallery.cancel(&job, step)).await,
            JobState::Failed { problem } => self.ask(move |gallery| gallery.fail(&job, &problem)).await,
            _ => Ok(()),
        };
        if let Err(problem) = written {
            tracing::error!(%problem, "the end of a job could not be written down; it will run again");
        }
        self.hub.ended(id, state);
    }

    /// Takes up the jobs that an earlier process accepted and did not end.
    ///
    /// # Errors
    /// If the gallery cannot be read.
    pub fn restore(&self) -> Result<usize, GalleryError> {
        let orders = self.gallery.unfinished()?;
        let count = orders.len();
        for order in orders {
            let (canvas, _) = self.tiles.learn(order.manifest.clone(), clock::now());
            let pin = Arc::new(self.tiles.pin(Arc::new(order.manifest.clone())));
            match self.gallery.canvas(&canvas) {
                Ok(Some(kept)) => self.tiles.take_back(kept, clock::now()),
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(%error, "a kept drawing is lost");
                    // Who drew it may still be there to send it again; then it is kept anew.
                    self.gallery.drop_canvas(&canvas);
                }
            }
            self.hub.accepted(order.person, order.job.clone(), None);
            let lacking = self.lacking(&order.manifest);
            let mut state = self.state();
            state.line.rejoin(order.job.id, order.person, lacking, clock::now());
            state.tickets.insert(order.job.id, Ticket { order, pin });
            self.announce(&state);
        }
        self.ready.notify_one();
        self.incomplete.notify_one();
        Ok(count)
    }

    /// Tells everybody in the line where they stand. Under the lock, so that no older place is
    /// told after a newer one.
    fn announce(&self, state: &State) {
        let running = u32::from(state.running.is_some());
        for place in state.line.places() {
            self.hub.waiting(place.job, place.ahead + running, place.tiles);
        }
    }

    /// Asks the gallery on a thread that may wait for the disk.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Gallery) -> Result<T, GalleryError> + Send + 'static,
    ) -> Result<T, Problem> {
        self.gallery.ask(question).await
    }

    /// Keeps the canvas on the disk, so that a job with all its tiles survives this process. As they came: the
    /// sampler is about to need the processor.
    fn keep_canvas(&self, canvas: Digest, manifest: &Manifest) {
        let Some(tiles) = self.tiles.coded(manifest, clock::now()) else { return };
        let gallery = self.gallery.clone();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = gallery.keep_canvas(&canvas, &tiles) {
                tracing::error!(%error, "a drawing could not be kept; its job does not survive a restart");
            }
        });
    }
}
