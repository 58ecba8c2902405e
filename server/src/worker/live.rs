//! The other half of live pictures: a thread that decodes the last one while the sampler makes the next.

use super::coded::jpeg;
use super::engine::Picturing;
use crate::hub::{Hub, Preview};
use sampler::{Picture, SampleError};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tch::Tensor;
use wire::{FrameFormat, JobId, ViewerId};

/// Pictures that wait to be decoded.
const UNDER_WAY: usize = 4;

struct Order {
    viewer: ViewerId,
    steps: u16,
    latents: Tensor,
}

/// A handle on the thread, which ends when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Live(SyncSender<Order>);

impl Live {
    /// # Panics
    /// If the system gives no thread.
    pub fn start(picturing: Box<dyn Picturing>, hub: Arc<Hub>) -> Self {
        let (orders, inbox) = sync_channel(UNDER_WAY);
        let work = move || {
            // The other cores are the sampler's.
            tch::set_num_threads(1);
            serve(picturing.as_ref(), &hub, &inbox);
        };
        std::thread::Builder::new().name("live".to_owned()).spawn(work).expect("the system gives threads");
        Self(orders)
    }

    /// Decodes a picture and shows it to the page that asked for it.
    pub fn show(&self, viewer: ViewerId, steps: u16, latents: Tensor) {
        // One that finds no room is replaced by the next one anyway.
        let _ = self.0.try_send(Order { viewer, steps, latents });
    }
}

fn serve(picturing: &dyn Picturing, hub: &Hub, inbox: &Receiver<Order>) {
    for order in inbox {
        let done = catch_unwind(AssertUnwindSafe(|| carry_out(picturing, hub, order)));
        match done {
            Ok(Ok(())) => {}
            Ok(Err(why)) => tracing::error!(why, "a live picture could not be made"),
            Err(_) => tracing::error!("the thread of live pictures panicked"),
        }
    }
}

fn carry_out(picturing: &dyn Picturing, hub: &Hub, order: Order) -> Result<(), String> {
    let picture = picturing.decode(&order.latents).map_err(|error: SampleError| error.to_string())?;
    hub.show_to(order.viewer, &shown(order.viewer, order.steps, &picture, &jpeg(&picture)?));
    Ok(())
}

fn shown<'a>(viewer: ViewerId, steps: u16, picture: &Picture, payload: &'a [u8]) -> Preview<'a> {
    Preview {
        job: JobId(viewer.0),
        picture: 0,
        step: steps,
        total: steps,
        format: FrameFormat::Jpeg,
        channels: 0,
        width: picture.width as u16,
        height: picture.height as u16,
        payload,
    }
}
