//! A second thread with its own view of the UNet, for the half of a guided step without the prompt.
//!
//! On few cores two passes side by side, each with half the threads, beat one pass of batch two: there
//! are no barriers to wait at. Both views share one copy of the weights.

use super::cores::Cores;
use crate::error::{Interrupted, caught};
use crate::unet::{TextKeys, UNet};
use shim::inference::inferring;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;
use tch::{Device, Tensor};

/// How often a waiting step asks whether it is still wanted.
const ASK_EVERY: Duration = Duration::from_millis(2);

/// One pass that the companion is to make. A tensor is Send, not Sync, hence the lock.
pub(super) struct Pass {
    pub sample: Tensor,
    pub time: Tensor,
    pub text: Arc<Mutex<TextKeys>>,
}

/// A pass, whether it is still wanted, and where the answer goes.
type Order = (Pass, Arc<AtomicBool>, Sender<Answer>);
type Answer = Result<Result<Tensor, Interrupted>, String>;

pub(super) struct Companion {
    passes: Option<Sender<Order>>,
    thread: Option<JoinHandle<()>>,
    threads: i32,
    /// Only where there are two, and each pass has one thread.
    cores: Option<Arc<Cores>>,
}

/// How the passes with and without the prompt are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guidance {
    /// One pass of twice the batch.
    Batch,
    /// Two passes at the same time, with this many threads each.
    SideBySide { threads: i32 },
}

/// Side by side where there are cores for both, else in one batch.
pub(super) fn suited(device: Device) -> Guidance {
    match tch::get_num_threads() {
        threads @ 2.. if device == Device::Cpu => Guidance::SideBySide { threads: threads / 2 },
        _ => Guidance::Batch,
    }
}

impl Companion {
    pub(super) fn start(unet: UNet, threads: i32) -> Self {
        let (passes, inbox) = channel::<Order>();
        let cores = if threads == 1 { Cores::find().map(Arc::new) } else { None };
        let theirs = cores.clone();
        let work = move || {
            theirs.iter().for_each(|cores| cores.join());
            for (pass, wanted, answer) in inbox {
                // libtorch keeps this number per thread, and a global one for threads to come.
                tch::set_num_threads(threads);
                let answered = caught(|| inferring(|| forward(&unet, &pass, &wanted)));
                theirs.iter().for_each(|cores| cores.hand_over());
                // A run that was dropped hears nothing; that is no error.
                let _ = answer.send(answered);
            }
        };
        let thread = std::thread::Builder::new().name("sampler-companion".into()).spawn(work).ok();
        Self { passes: Some(passes), thread, threads, cores }
    }

    /// Makes `pass` here and `mine` on this thread, at the same time. `None`: no longer wanted.
    pub(super) fn beside(
        &self,
        pass: Pass,
        still_wanted: &dyn Fn() -> bool,
        mine: impl FnOnce() -> Result<Tensor, Interrupted>,
    ) -> Result<Result<(Tensor, Tensor), Interrupted>, String> {
        let wanted = Arc::new(AtomicBool::new(true));
        let (answer, theirs) = channel();
        let gone = || "the companion thread ended".to_owned();
        let passes = self.passes.as_ref().ok_or_else(gone)?;
        // Apart within the limit: a change of it may start threads.
        let _limit = Limit::to(self.threads);
        let _apart = self.cores.as_ref().and_then(|cores| cores.part());
        passes.send((pass, wanted.clone(), answer)).map_err(|_| gone())?;
        // Whatever happens to this half, the other one must not outlive the step.
        let mine = caught(mine);
        if !matches!(mine, Ok(Ok(_))) {
            wanted.store(false, Ordering::Relaxed);
        }
        self.cores.iter().for_each(|cores| cores.hand_over());
        let theirs = wait(&theirs, &wanted, still_wanted).ok_or_else(gone)?;
        Ok(match (mine?, theirs?) {
            (Ok(mine), Ok(theirs)) => Ok((mine, theirs)),
            _ => Err(Interrupted),
        })
    }
}

fn forward(unet: &UNet, pass: &Pass, wanted: &AtomicBool) -> Result<Tensor, Interrupted> {
    let text = pass.text.lock().unwrap_or_else(PoisonError::into_inner);
    unet.forward_while(&pass.sample, &pass.time, &text, &|| wanted.load(Ordering::Relaxed))
}

fn wait(theirs: &Receiver<Answer>, wanted: &AtomicBool, still_wanted: &dyn Fn() -> bool) -> Option<Answer> {
    while wanted.load(Ordering::Relaxed) {
        match theirs.recv_timeout(ASK_EVERY) {
            Ok(answer) => return Some(answer),
            Err(RecvTimeoutError::Disconnected) => return None,
            Err(RecvTimeoutError::Timeout) => wanted.store(still_wanted(), Ordering::Relaxed),
        }
    }
    theirs.recv().ok()
}

impl Drop for Companion {
    fn drop(&mut self) {
        drop(self.passes.take());
        if let Some(thread) = self.thread.take() {
            // It catches its panics, so there is nothing to hear from it.
            let _ = thread.join();
        }
    }
}

/// Fewer threads for this thread's operations until it is dropped.
pub(super) struct Limit(i32);

impl Limit {
    pub(super) fn to(threads: i32) -> Self {
        let before = tch::get_num_threads();
        tch::set_num_threads(threads);
        Self(before)
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        tch::set_num_threads(self.0);
    }
}
