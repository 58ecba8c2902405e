//! Finished pictures for pages that are far away: asked for while the job is under way, and sent as JPEG the moment that
//! they are made, before they are written down and told of. What is asked for afterwards has a round trip more to go.

use super::Queue;
use crate::worker::jpeg;
use sampler::Picture;
use std::collections::HashMap;
use tokio::sync::oneshot;
use wire::{JobId, limits::PICTURES_MAX};

/// Pages that may wait for one job.
const MOST: usize = 64;

/// Who waits for which picture of a job.
#[derive(Default)]
pub(super) struct Heralds(HashMap<JobId, Vec<(u16, oneshot::Sender<Vec<u8>>)>>);

/// Those of a job that has ended.
pub(super) struct Awaiting(Vec<(u16, oneshot::Sender<Vec<u8>>)>);

impl Heralds {
    fn add(&mut self, job: JobId, picture: u16) -> Option<oneshot::Receiver<Vec<u8>>> {
        let awaiting = self.0.entry(job).or_default();
        awaiting.retain(|(_, waits)| !waits.is_closed());
        let (sender, receiver) = oneshot::channel();
        (awaiting.len() < MOST).then(|| {
            awaiting.push((picture, sender));
            receiver
        })
    }

    /// A job has ended: nobody waits for it any more.
    pub fn take(&mut self, job: JobId) -> Awaiting {
        Awaiting(self.0.remove(&job).unwrap_or_default())
    }
}

impl Awaiting {
    /// Sends them; says how many JPEGs were made for it.
    pub fn send(self, pictures: &[Picture]) -> usize {
        let mut made: HashMap<u16, Vec<u8>> = HashMap::new();
        for (n, waits) in self.0.into_iter().filter(|(_, waits)| !waits.is_closed()) {
            let Some(picture) = pictures.get(usize::from(n)) else { continue };
            let coded = match made.get(&n) {
                Some(coded) => Ok(coded.clone()),
                None => jpeg(picture),
            };
            match coded {
                Ok(coded) => {
                    let _ = waits.send(coded.clone());
                    made.insert(n, coded);
                }
                Err(why) => tracing::error!(why, "a picture could not be encoded"),
            }
        }
        made.len()
    }
}

impl Queue {
    /// Picture `n` of a job that waits or runs, as JPEG, once it is made; nothing if it is no such job, or too many wait for it.
    pub fn herald(&self, job: JobId, n: u16) -> Option<oneshot::Receiver<Vec<u8>>> {
        let mut state = self.state();
        let runs = state.running.as_ref().is_some_and(|(running, _)| *running == job);
        if !runs && !state.tickets.contains_key(&job) {
            return None;
        }
        (n < PICTURES_MAX).then(|| state.heralds.add(job, n)).flatten()
    }
}
