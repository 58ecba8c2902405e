//! Pictures of previews for viewers that cannot colour latents: one decode and one encode, beside
//! the sampler's thread, for all of them. When it is slower than the steps, steps are skipped.

use super::coded::preview_jpeg;
use super::engine::Shown;
use super::latch::Latch;
use crate::hub::{Hub, Offered};
use sampler::QuantisedLatent;
use std::sync::{Arc, PoisonError};
use wire::FrameFormat;

struct Waiting {
    shown: Arc<Shown>,
    /// 8 bits a value.
    latent: Offered,
}

/// A handle on the encoder's thread, which ends when this is dropped.
pub struct Peek(Latch<Waiting>);

impl Peek {
    /// # Panics
    /// If the system gives no thread.
    pub fn start(hub: Arc<Hub>) -> Self {
        Self(Latch::start("previews", move |waiting| encode(&hub, waiting)))
    }

    /// Latents that some want as a picture. They replace those of this picture that nobody has begun to encode.
    pub fn offer(&self, shown: &Arc<Shown>, latent: Offered) {
        let (job, picture) = (latent.job, latent.picture);
        // What is left of another job is of no use to anyone.
        let of_no_use = move |other: &Waiting| other.latent.job != job || other.latent.picture == picture;
        self.0.put(Waiting { shown: shown.clone(), latent }, of_no_use);
    }
}

fn encode(hub: &Hub, waiting: Waiting) {
    let Waiting { shown, mut latent } = waiting;
    let values = std::mem::take(&mut latent.content);
    match decoded(&shown, &latent, values) {
        Ok((width, height, content)) => {
            hub.stats.preview_decodes.one();
            hub.stats.jpeg_encodes.one();
            hub.show(Offered { format: FrameFormat::Jpeg, channels: 0, width, height, content, ..latent });
        }
        Err(why) => tracing::error!(why, "a preview could not be encoded"),
    }
}

fn decoded(shown: &Shown, latent: &Offered, data: Vec<u8>) -> Result<(u16, u16, Vec<u8>), String> {
    let latent = QuantisedLatent {
        channels: latent.channels.into(),
        width: latent.width.into(),
        height: latent.height.into(),
        data,
    };
    let decode = shown.decode.lock().unwrap_or_else(PoisonError::into_inner);
    let picture = decode.decode(&latent).map_err(|error| error.to_string())?;
    Ok((picture.width as u16, picture.height as u16, preview_jpeg(&picture)?))
}
