//! Pictures of previews for viewers that cannot colour latents: one decode and one encode, beside
//! the sampler's thread, for all of them. When it is slower than the steps, steps are skipped.

use super::coded::preview_jpeg;
use super::engine::Shown;
use super::latch::Latch;
use crate::hub::{Hub, Preview};
use sampler::QuantisedLatent;
use std::sync::{Arc, PoisonError};
use wire::{FrameFormat, JobId};

struct Waiting {
    shown: Arc<Shown>,
    job: JobId,
    picture: u16,
    step: u16,
    total: u16,
    made_us: u64,
    latent: QuantisedLatent,
}

/// A handle on the encoder's thread, which ends when this is dropped.
pub struct Peek(Latch<Waiting>);

impl Peek {
    /// # Panics
    /// If the system gives no thread.
    pub fn start(hub: Arc<Hub>) -> Self {
        Self(Latch::start("previews", move |waiting| encode(&hub, &waiting)))
    }

    /// A preview that some want as a picture. Replaces the preview of this picture that nobody has begun to encode.
    pub fn offer(&self, shown: &Arc<Shown>, like: &Preview<'_>, latent: QuantisedLatent) {
        let Preview { job, picture, step, total, made_us, .. } = *like;
        let shown = shown.clone();
        let waiting = Waiting { shown, job, picture, step, total, made_us, latent };
        // What is left of another job is of no use to anyone.
        self.0.put(waiting, |other| other.job != job || other.picture == picture);
    }
}

fn encode(hub: &Hub, waiting: &Waiting) {
    match decoded(&waiting.shown, &waiting.latent) {
        Ok((width, height, jpeg)) => {
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
                made_us: waiting.made_us,
                payload: &jpeg,
            });
        }
        Err(why) => tracing::error!(why, "a preview could not be encoded"),
    }
}

fn decoded(shown: &Shown, latent: &QuantisedLatent) -> Result<(u16, u16, Vec<u8>), String> {
    let decode = shown.decode.lock().unwrap_or_else(PoisonError::into_inner);
    let picture = decode.decode(latent).map_err(|error| error.to_string())?;
    Ok((picture.width as u16, picture.height as u16, preview_jpeg(&picture)?))
}
