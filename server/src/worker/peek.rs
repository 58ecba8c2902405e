//! Pictures of previews for viewers that cannot colour latents: one decode and one encode, beside
//! the sampler's thread, for all of them. When it is slower than the steps, steps are skipped.

use super::coded::preview_jpeg;
use super::engine::Decode;
use crate::hub::{Hub, Preview};
use sampler::QuantisedLatent;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use wire::{FrameFormat, JobId};

/// The newest preview of each picture that is still to be encoded; oldest first.
type Latch = Vec<Waiting>;

#[derive(Debug)]
struct Waiting {
    job: JobId,
    picture: u16,
    step: u16,
    total: u16,
    latent: QuantisedLatent,
}

/// A handle on the encoder's thread, which ends when this is dropped.
#[derive(Debug)]
pub struct Peek(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    latch: Mutex<Latch>,
    changed: Condvar,
}

impl Peek {
    /// # Panics
    /// If the system gives no thread.
    pub fn start(decode: Box<dyn Decode>, hub: Arc<Hub>) -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::downgrade(&shared);
        let work = move || {
            while let Some(waiting) = next(&theirs) {
                encode(decode.as_ref(), &hub, &waiting);
            }
        };
        std::thread::Builder::new()
            .name("previews".to_owned())
            .spawn(work)
            .expect("the system gives threads");
        Self(shared)
    }

    /// Replaces the preview of this picture that nobody has begun to encode.
    pub fn offer(&self, job: JobId, picture: u16, (step, total): (u16, u16), latent: QuantisedLatent) {
        let mut latch = self.0.latch.lock().unwrap_or_else(PoisonError::into_inner);
        // What is left of another job is of no use to anyone.
        latch.retain(|waiting| waiting.job == job && waiting.picture != picture);
        latch.push(Waiting { job, picture, step, total, latent });
        self.0.changed.notify_one();
    }
}

impl Drop for Peek {
    fn drop(&mut self) {
        self.0.changed.notify_all();
    }
}

/// The next preview to encode; nothing when the worker has gone.
fn next(shared: &Weak<Shared>) -> Option<Waiting> {
    loop {
        let shared = shared.upgrade()?;
        let latch = shared.latch.lock().unwrap_or_else(PoisonError::into_inner);
        // Wakes now and then to see whether the worker is still there.
        let (mut latch, _) = shared
            .changed
            .wait_timeout_while(latch, std::time::Duration::from_secs(1), |latch| latch.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        if !latch.is_empty() {
            return Some(latch.remove(0));
        }
    }
}

fn encode(decode: &dyn Decode, hub: &Hub, waiting: &Waiting) {
    let made = catch_unwind(AssertUnwindSafe(|| decoded(decode, &waiting.latent)));
    match made {
        Ok(Ok((width, height, jpeg))) => {
            hub.stats.jpeg_encodes.one();
            hub.show(&Preview {
                job: waiting.job,
                picture: waiting.picture,
                step: waiting.step,
                total: waiting.total,
                format: FrameFormat::Jpeg,
                channels: 0,
                width,
                height,
                payload: &jpeg,
            });
        }
        Ok(Err(why)) => tracing::error!(why, "a preview could not be encoded"),
        Err(_) => tracing::error!("the decoder of previews panicked"),
    }
}

fn decoded(decode: &dyn Decode, latent: &QuantisedLatent) -> Result<(u16, u16, Vec<u8>), String> {
    let picture = decode.decode(latent).map_err(|error| error.to_string())?;
    Ok((picture.width as u16, picture.height as u16, preview_jpeg(&picture)?))
}
