//! The other half of live pictures: a thread that decodes the last one while the sampler makes the next.

use super::coded::jpeg;
use super::engine::Picturing;
use super::latch::Latch;
use crate::hub::{Hub, Offered};
use sampler::Picture;
use std::sync::Arc;
use tch::Tensor;
use wire::{FrameFormat, JobId, ViewerId};

/// The latents of a picture, as the sampler leaves them.
#[derive(Debug)]
pub struct Made {
    pub viewer: ViewerId,
    pub steps: u16,
    pub latents: Tensor,
    /// When its last step was done, in microseconds since 1970, UTC.
    pub made_us: u64,
    /// Nobody waits for another live picture.
    pub alone: bool,
}

/// A handle on the thread, which ends when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Live(Latch<Made>);

impl Live {
    /// # Panics
    /// If the system gives no thread.
    pub fn start(picturing: Box<dyn Picturing>, hub: Arc<Hub>) -> Self {
        let all = tch::get_num_threads();
        Self(Latch::start("live pictures", move |made: Made| {
            // Unless nothing more waits, the other cores are the sampler's.
            tch::set_num_threads(if made.alone { all } else { 1 });
            if let Err(why) = show(picturing.as_ref(), &hub, &made) {
                tracing::error!(why, "a live picture could not be made");
            }
        }))
    }

    /// Decodes a picture and shows it to the page that asked for it, in the place of one that waits.
    pub fn show(&self, made: Made) {
        let viewer = made.viewer;
        self.0.put(made, |other| other.viewer == viewer);
    }
}

fn show(picturing: &dyn Picturing, hub: &Hub, made: &Made) -> Result<(), String> {
    let picture = picturing.decode(&made.latents).map_err(|error| error.to_string())?;
    hub.show_to(made.viewer, offered(made, &picture, jpeg(&picture)?));
    Ok(())
}

fn offered(made: &Made, picture: &Picture, jpeg: Vec<u8>) -> Offered {
    Offered {
        job: JobId(made.viewer.0),
        picture: 0,
        step: made.steps,
        total: made.steps,
        format: FrameFormat::Jpeg,
        channels: 0,
        width: picture.width as u16,
        height: picture.height as u16,
        made_us: made.made_us,
        content: jpeg,
    }
}
