//! The tasks that run the queue: one hands jobs to the worker, one after the other, and one gives
//! up on those whose tiles do not come.

use super::{Queue, State, Ticket};
use crate::clock;
use crate::gallery::Finished;
use crate::gallery::png::{Settings, encode_picture};
use crate::worker::{Assignment, For, Outcome};
use sampler::Picture;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use tokio::sync::oneshot;
use wire::{Code, Digest, Job, JobState, Problem, Seed};

impl Queue {
    /// Makes job after job, and live pictures while there is none.
    pub async fn run(self: Arc<Self>) {
        loop {
            let ready = self.ready.notified();
            match self.take() {
                Some((ticket, cancel)) => self.make(ticket, cancel).await,
                None => match self.take_wish() {
                    Some((wish, making)) => self.fulfil(wish, making).await,
                    None => match self.take_ahead() {
                        Some(ahead) => self.make_ahead(ahead).await,
                        None => ready.await,
                    },
                },
            }
        }
    }

    /// The job whose turn it is.
    fn take(&self) -> Option<(Ticket, Arc<AtomicBool>)> {
        let mut state = self.state();
        if state.closing {
            return None;
        }
        let job = state.line.next()?;
        let ticket = state.tickets.remove(&job)?;
        let cancel = Arc::new(AtomicBool::new(false));
        state.running = Some((job, cancel.clone()));
        self.announce(&state);
        Some((ticket, cancel))
    }

    async fn make(self: &Arc<Self>, ticket: Ticket, cancel: Arc<AtomicBool>) {
        // Waits while too many others are still being written; fails only if closed, which it is not.
        let permit = self.finishing.clone().acquire_owned().await;
        let job = ticket.order.job.clone();
        let outcome = match self.canvas(ticket).await {
            Ok(canvas) => self.sample(&job, canvas, cancel).await,
            Err(problem) => Outcome::Failed(problem),
        };
        let mut state = self.state();
        state.running = None;
        let left_open = state.closing && !matches!(outcome, Outcome::Finished { .. });
        self.announce(&state);
        drop(state);
        if left_open {
            return;
        }
        let queue = self.clone();
        tokio::spawn(async move {
            queue.finish(job, outcome).await;
            drop(permit);
        });
    }

    /// The canvas of a job as the sampler takes it.
    async fn canvas(&self, ticket: Ticket) -> Result<Picture, Problem> {
        let spec = &ticket.order.job.spec;
        self.fitted.fit_elsewhere(ticket.pin, spec).await.ok_or_else(|| {
            Problem::new(Code::NotFound, "the drawing is not here any more; press Generate again")
        })
    }

    async fn sample(&self, job: &Job, canvas: Picture, cancel: Arc<AtomicBool>) -> Outcome {
        let (done, outcome) = oneshot::channel();
        let spec = job.spec.clone();
        self.worker.give(Assignment { job: job.id, spec, canvas, purpose: For::Job, cancel, done });
        outcome.await.unwrap_or_else(|_| Outcome::lost())
    }

    async fn finish(&self, job: Job, outcome: Outcome) {
        let state = match outcome {
            Outcome::Finished { pictures, took_ms } => match self.write(job.clone(), pictures, took_ms).await
            {
                Ok(pictures) => {
                    self.hub.ended(job.id, JobState::Finished { pictures, took_ms });
                    return;
                }
                Err(problem) => JobState::Failed { problem },
            },
            Outcome::Cancelled { step } => JobState::Cancelled { step },
            Outcome::Drawn { .. } | Outcome::Ready => unreachable!("jobs are made in earnest"),
            Outcome::Failed(problem) => JobState::Failed { problem },
        };
        self.end(job, state).await;
    }

    async fn write(
        &self,
        job: Job,
        pictures: Vec<Picture>,
        took_ms: f32,
    ) -> Result<Vec<wire::Picture>, Problem> {
        // One that is gone meanwhile is still what made the picture.
        let model = match self.models.find(&job.spec.model) {
            Some(other) => other.info.name,
            None if job.spec.model.is_empty() => self.about.info.name.clone(),
            None => job.spec.model.clone(),
        };
        let made = job.clone();
        let (awaiting, stats) = (self.state().heralds.take(job.id), self.hub.stats.clone());
        let encode = move || {
            stats.jpeg_encodes.add(awaiting.send(&pictures));
            let numbered = (0_u64..).zip(&pictures);
            let encoded = numbered.map(|(number, picture)| encode(&made, &model, number, picture));
            encoded.collect::<Result<Vec<_>, _>>()
        };
        // Not as a question to the gallery: others would wait for this one.
        let encoded = tokio::task::spawn_blocking(encode).await.map_err(|error| {
            tracing::error!(%error, "a picture could not be encoded");
            Problem::new(Code::Internal, "the picture could not be kept; the server's log says why")
        })?;
        self.ask(move |gallery| {
            let finished: Vec<Finished> = encoded?;
            gallery.finish(&job, &finished, took_ms)?;
            Ok(finished.into_iter().map(|finished| finished.picture).collect())
        })
        .await
    }

    /// Fails the jobs whose tiles do not come in time.
    pub async fn watch_deadlines(self: Arc<Self>) {
        loop {
            let incomplete = self.incomplete.notified();
            let (late, deadline) = self.give_up();
            for (job, tiles) in late {
                let message = format!(
                    "{tiles} pieces of the drawing did not arrive within an hour; press Generate again"
                );
                self.end(job, JobState::Failed { problem: Problem::new(Code::NotFound, message) }).await;
            }
            match deadline {
                Some(deadline) => {
                    let _ = tokio::time::timeout_at(deadline.into(), incomplete).await;
                }
                None => incomplete.await,
            }
        }
    }

    fn give_up(&self) -> (Vec<(Job, usize)>, Option<std::time::Instant>) {
        let mut state = self.state();
        let State { line, tickets, .. } = &mut *state;
        let late = line.give_up(clock::now());
        let jobs = late.into_iter().filter_map(|(job, tiles)| Some((tickets.remove(&job)?.order.job, tiles)));
        let jobs = jobs.collect();
        (jobs, line.deadline())
    }

    /// Stops the job that runs, which starts again with the next process, and waits until what
    /// was finished is written down.
    pub async fn close(&self) {
        let running = {
            let mut state = self.state();
            state.closing = true;
            state.along.give_way();
            state.running.clone()
        };
        if let Some((_, cancel)) = running {
            cancel.store(true, Relaxed);
        }
        // The job that runs has one of these too.
        let _ = self.finishing.acquire_many(super::FINISHING as u32).await;
    }
}

fn encode(
    job: &Job,
    model: &str,
    number: u64,
    picture: &Picture,
) -> Result<Finished, crate::gallery::png::PngError> {
    let seed = Seed(job.spec.seed.0.wrapping_add(number));
    let settings = Settings { job: job.id, model, seed, spec: &job.spec };
    let png = encode_picture(picture.width, picture.height, &picture.rgb, &settings)?;
    let digest = Digest(canvas::digest(&png));
    let picture = wire::Picture { digest, width: picture.width, height: picture.height, seed };
    Ok(Finished { picture, png })
}
