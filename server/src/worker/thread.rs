//! The worker's thread, and what it is given to do.

use super::about::kind;
use super::engine::{Picturing, Sample, Sampling, Shown};
use super::yielding::yield_to_others;
use super::{About, Engine, Live, Peek, Told};
use crate::clock;
use crate::hub::{Hub, Offered, Wanted};
use crate::models::Models;
use sampler::{Mask, Picture, Request, SampleError, SigmaSpacing, Stepped};
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tch::Tensor;
use tokio::sync::oneshot;
use wire::{Code, FrameFormat, JobId, Problem, Sigmas, Spec};

/// How often viewers are told how far the reading of a model is.
const TELL_EVERY: Duration = Duration::from_millis(200);

/// What is made ahead may take as long as this.
const AHEAD_MOST: Duration = Duration::from_millis(500);
/// What took longer is tried again after this: the machine may have been busy.
const SLOW_FOR: Duration = Duration::from_secs(60);

/// A job to do now.
#[derive(Debug)]
pub struct Assignment {
    pub job: JobId,
    pub spec: Spec,
    /// Of the picture's size.
    pub canvas: Picture,
    pub purpose: For,
    /// Set to stop within a block of the network that runs.
    pub cancel: Arc<AtomicBool>,
    pub done: oneshot::Sender<Outcome>,
}

/// What it is made for.
#[derive(Debug, Clone)]
pub enum For {
    /// Somebody waits for it, and is told of each step.
    Job,
    /// A live picture: few steps, of which nobody is told. `outdated` is set when there is newer to draw: then it
    /// stops at the end of a step, unless most of it is done; else pictures would never come while one draws.
    Live { outdated: Arc<AtomicBool> },
    /// A job that may come: only what it needs of the drawing and the words.
    Later,
}

/// How it went.
#[derive(Debug)]
pub enum Outcome {
    Finished {
        pictures: Vec<Picture>,
        took_ms: f32,
    },
    /// The latents of a live picture, and when they were done.
    Drawn {
        latents: Tensor,
        made_us: u64,
    },
    /// What may come is prepared, or cannot be.
    Ready,
    Cancelled {
        step: u16,
    },
    Failed(Problem),
}

impl Outcome {
    /// Nobody is left to say how it went.
    pub fn lost() -> Self {
        Self::Failed(Problem::new(Code::Internal, "the sampler's thread ended; restart the server"))
    }
}

/// A handle on the thread. The thread ends when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Worker {
    assignments: SyncSender<Assignment>,
    /// If there are live pictures.
    pub live: Option<Live>,
}

/// A thread that has loaded its model and knows nobody yet to tell of its steps.
pub struct Loaded {
    pub about: About,
    pub models: Arc<Models>,
    picturing: Option<Box<dyn Picturing>>,
    hub: SyncSender<Arc<Hub>>,
    assignments: SyncSender<Assignment>,
}

struct Desk {
    sampling: RefCell<Box<dyn Sampling>>,
    hub: Arc<Hub>,
    peek: Peek,
    /// How previews of the own model are shown.
    own: Arc<Shown>,
    /// Models and sizes whose drawings take too long to be read ahead, for now.
    slow: RefCell<Vec<((String, u32, u32), Instant)>>,
}

impl Loaded {
    /// Starts a thread and loads the model on it, since a model stays where it was loaded.
    ///
    /// # Errors
    /// If the model cannot be loaded.
    ///
    /// # Panics
    /// If the system gives no thread.
    pub fn load<E: Send + 'static>(
        load: impl FnOnce() -> Result<Engine, E> + Send + 'static,
    ) -> Result<Self, E> {
        let (assignments, inbox) = sync_channel(1);
        let (hub, hubs) = sync_channel::<Arc<Hub>>(1);
        let (loaded, result) = sync_channel(1);
        let work = move || {
            yield_to_others();
            let engine = match load() {
                Ok(engine) => engine,
                Err(error) => return drop(loaded.send(Err(error))),
            };
            let _ = loaded.send(Ok((engine.about.clone(), engine.models, engine.picturing)));
            let Ok(hub) = hubs.recv() else { return };
            let peek = Peek::start(hub.clone());
            let own = Arc::new(Shown { about: engine.about, decode: Mutex::new(engine.decode) });
            Desk { sampling: engine.sampling.into(), hub, peek, own, slow: RefCell::default() }.work(&inbox);
        };
        std::thread::Builder::new().name("sampler".to_owned()).spawn(work).expect("the system gives threads");
        let (about, models, picturing) = result.recv().expect("the thread says how loading went")?;
        Ok(Self { about, models, picturing, hub, assignments })
    }

    /// From now on the worker takes jobs and tells this hub of their steps.
    pub fn start(self, hub: Arc<Hub>) -> Worker {
        // Fails only if the thread has ended, which its first job reports.
        let _ = self.hub.send(hub.clone());
        let live = self.picturing.map(|picturing| Live::start(picturing, hub));
        Worker { assignments: self.assignments, live }
    }
}

impl Worker {
    /// Hands over a job. Give the next one when this is done: the queue belongs to the queue.
    pub fn give(&self, assignment: Assignment) {
        if let Err(lost) = self.assignments.try_send(assignment) {
            let (std::sync::mpsc::TrySendError::Full(assignment)
            | std::sync::mpsc::TrySendError::Disconnected(assignment)) = lost;
            let _ = assignment.done.send(Outcome::Failed(broken("the sampler's thread does not answer")));
        }
    }
}

impl Desk {
    fn work(self, inbox: &Receiver<Assignment>) {
        for assignment in inbox {
            let begun = Instant::now();
            // One job's panic is that job's failure: a model is changed only as a whole.
            let made = catch_unwind(AssertUnwindSafe(|| self.make(&assignment, begun)));
            let outcome = match made {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(SampleError::Interrupted)) => Outcome::Cancelled { step: 0 },
                Ok(Err(error)) => Outcome::Failed(problem(error)),
                Err(_) => Outcome::Failed(broken("the sampler stopped unexpectedly")),
            };
            // Nobody listens when the server is about to end.
            let _ = assignment.done.send(outcome);
        }
    }

    /// Brings the model of a job, and says to its viewers that it has started. Live pictures are the own model's.
    fn prepare(&self, assignment: &Assignment) -> Result<Arc<Shown>, SampleError> {
        let mut sampling = self.sampling.borrow_mut();
        if let For::Live { .. } = assignment.purpose {
            sampling.own();
            return Ok(self.own.clone());
        }
        let (hub, job, spec) = (self.hub.clone(), assignment.job, &assignment.spec);
        let last = Cell::new(None::<Instant>);
        let cancel = assignment.cancel.clone();
        let told: Told = Rc::new(move |read, bytes| {
            if read >= bytes || last.get().is_none_or(|last| last.elapsed() > TELL_EVERY) {
                last.set(Some(Instant::now()));
                hub.loading(job, read, bytes);
            }
            !cancel.load(Relaxed)
        });
        let shown = sampling.prepare(spec, &told)?.unwrap_or_else(|| self.own.clone());
        self.hub.started(job, shown.about.preview(spec));
        Ok(shown)
    }

    fn make(&self, assignment: &Assignment, begun: Instant) -> Result<Outcome, SampleError> {
        let still_wanted = || !assignment.cancel.load(Relaxed);
        if let For::Later = assignment.purpose {
            return self.make_ahead(assignment);
        }
        let shown = self.prepare(assignment)?;
        let sampling = self.sampling.borrow();
        let mut run = sampling.start(&request(assignment), &still_wanted)?;
        let mut last = 0;
        loop {
            let step_begun = Instant::now();
            if !still_wanted() {
                return Ok(Outcome::Cancelled { step: last });
            }
            let Stepped::Done { step, total } = run.step(&still_wanted)? else {
                return Ok(Outcome::Cancelled { step: last });
            };
            let (step, total) = (step as u16, total as u16);
            last = step;
            let made_us = clock::unix_us();
            if let For::Live { outdated } = &assignment.purpose {
                if step >= total {
                    return Ok(Outcome::Drawn { latents: run.latents(), made_us });
                }
                if outdated.load(Relaxed) && 2 * step < total {
                    return Ok(Outcome::Cancelled { step });
                }
                continue;
            }
            let wanted = self.hub.stepped(assignment.job, step, total, milliseconds(step_begun));
            if wanted.any() {
                self.show(assignment, &shown, run.as_ref(), (step, total, made_us), wanted)?;
            }
            if step >= total {
                break;
            }
        }
        match run.finish(&still_wanted) {
            Err(SampleError::Interrupted) => Ok(Outcome::Cancelled { step: last }),
            pictures => {
                let pictures = with_the_rest(assignment, pictures?);
                Ok(Outcome::Finished { pictures, took_ms: milliseconds(begun) })
            }
        }
    }

    /// Starts what a click may ask for: the model remembers the drawing and the words that it was started with.
    /// No model is read for it, and none that takes long, since a click could not stop it.
    fn make_ahead(&self, assignment: &Assignment) -> Result<Outcome, SampleError> {
        let spec = &assignment.spec;
        let kind = (spec.model.clone(), spec.width, spec.height);
        let mut slow = self.slow.borrow_mut();
        slow.retain(|(_, until)| Instant::now() < *until);
        let is_slow = slow.iter().any(|(other, _)| *other == kind);
        if is_slow || !self.sampling.borrow().is_ready(spec) {
            return Ok(Outcome::Ready);
        }
        let begun = Instant::now();
        self.sampling.borrow_mut().prepare(spec, &(Rc::new(|_, _| true) as Told))?;
        drop(self.sampling.borrow().start(&request(assignment), &|| true)?);
        if begun.elapsed() > AHEAD_MOST {
            slow.push((kind, Instant::now() + SLOW_FOR));
        }
        self.hub.stats.made_ahead.one();
        Ok(Outcome::Ready)
    }

    fn show(
        &self,
        assignment: &Assignment,
        shown: &Arc<Shown>,
        run: &dyn Sample,
        (step, total, made_us): (u16, u16, u64),
        wanted: Wanted,
    ) -> Result<(), SampleError> {
        for picture in 0..assignment.spec.pictures {
            let latent = run.preview(usize::from(picture))?;
            self.hub.stats.made.one();
            let offered = Offered {
                job: assignment.job,
                picture,
                step,
                total,
                format: FrameFormat::Latent,
                channels: latent.channels as u8,
                width: latent.width as u16,
                height: latent.height as u16,
                made_us,
                content: latent.data,
            };
            if wanted.jpeg {
                self.peek.offer(shown, offered.clone());
            }
            if wanted.latent {
                self.hub.show(offered);
            }
        }
        Ok(())
    }
}

fn request(assignment: &Assignment) -> Request {
    let spec = &assignment.spec;
    Request {
        prompt: spec.prompt.clone(),
        negative: spec.negative.clone(),
        steps: spec.steps.into(),
        guidance: spec.guidance,
        image_guidance: Some(spec.image_guidance),
        clip_skip: spec.clip_skip.into(),
        distilled: spec.quick,
        strength: spec.strength,
        seeds: (0..spec.pictures).map(|picture| spec.seed.0.wrapping_add(picture.into())).collect(),
        scheduler: kind(spec.scheduler),
        sigmas: match spec.sigmas {
            Sigmas::Model => None,
            Sigmas::Karras => Some(SigmaSpacing::Karras),
            Sigmas::Exponential => Some(SigmaSpacing::Exponential),
        },
        width: spec.width,
        height: spec.height,
        canvas: Some(assignment.canvas.clone()),
        mask: spec.mask.as_ref().map(|mask| mask_of(mask, spec)),
        control_scale: spec.control_scale,
        ..Request::default()
    }
}

/// What a mask leaves is as it is on the canvas, be it drawn or a picture that it is painted into.
fn with_the_rest(assignment: &Assignment, pictures: Vec<Picture>) -> Vec<Picture> {
    let Assignment { spec, canvas, .. } = assignment;
    let Some(mask) = spec.mask.as_ref().map(|mask| mask_of(mask, spec)) else { return pictures };
    mask.lay(&pictures, canvas)
}

fn mask_of(mask: &wire::Mask, spec: &Spec) -> Mask {
    Mask { coverage: mask.coverage(spec.width as usize, spec.height as usize), blur: spec.blur }
}

fn problem(error: SampleError) -> Problem {
    match error {
        SampleError::Setting { field, why } => Problem::invalid(field, why),
        SampleError::NotFinite { .. } | SampleError::Weights { .. } | SampleError::Interrupted => {
            Problem::new(Code::Internal, error.to_string())
        }
        SampleError::Memory => Problem::invalid("width", error),
        SampleError::Torch(_) => {
            tracing::error!(%error, "a job failed");
            Problem::new(Code::Internal, error.to_string())
        }
    }
}

fn broken(what: &str) -> Problem {
    tracing::error!("{what}");
    Problem::new(Code::Internal, format!("{what}; try again, and look at the server's log if it stays"))
}

fn milliseconds(since: Instant) -> f32 {
    since.elapsed().as_secs_f32() * 1_000.0
}
