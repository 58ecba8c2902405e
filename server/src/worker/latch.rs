//! What waits for another thread: of each kind the newest, the longest waiting first. A thread that is slow
//! loses what is old, never what is new.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::time::Duration;

/// How often an idle thread looks whether anybody could still give it something.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A handle on the thread, which ends when the last one is dropped.
#[derive(Debug)]
pub struct Latch<T>(Arc<Shared<T>>);

#[derive(Debug)]
struct Shared<T> {
    waiting: Mutex<Vec<T>>,
    changed: Condvar,
}

impl<T> Clone for Latch<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + 'static> Latch<T> {
    /// Starts the thread, which works on one thing after the other. A panic costs that one thing.
    ///
    /// # Panics
    /// If the system gives no thread.
    pub fn start(name: &'static str, work: impl Fn(T) + Send + 'static) -> Self {
        let shared = Arc::new(Shared { waiting: Mutex::default(), changed: Condvar::new() });
        let theirs = Arc::downgrade(&shared);
        let all = move || {
            while let Some(next) = next(&theirs) {
                if catch_unwind(AssertUnwindSafe(|| work(next))).is_err() {
                    tracing::error!("the thread of {name} panicked");
                }
            }
        };
        std::thread::Builder::new().name(name.to_owned()).spawn(all).expect("the system gives threads");
        Self(shared)
    }

    /// Leaves something for the thread in the place of what is `outdated` by it.
    pub fn put(&self, thing: T, outdated: impl Fn(&T) -> bool) {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // None before this place is outdated.
        let place = waiting.iter().position(&outdated).unwrap_or(waiting.len());
        waiting.retain(|other| !outdated(other));
        waiting.insert(place, thing);
        self.0.changed.notify_one();
    }
}

/// What has waited longest; nothing when nobody holds the handle any more.
fn next<T>(shared: &Weak<Shared<T>>) -> Option<T> {
    loop {
        let shared = shared.upgrade()?;
        let waiting = shared.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut waiting, _) = shared
            .changed
            .wait_timeout_while(waiting, LOOK_EVERY, |waiting| waiting.is_empty())
            .unwrap_or_else(PoisonError::into_inner);
        if !waiting.is_empty() {
            return Some(waiting.remove(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn what_is_newer_waits_in_the_place_of_what_was_there_so_that_everyone_has_a_turn() {
        let (begun, begins) = channel();
        let (go, gone) = channel::<()>();
        let latch = Latch::start("a test", move |thing: (char, u32)| {
            begun.send(thing).unwrap();
            gone.recv().unwrap();
        });
        let mut turns = Vec::new();
        for round in 0..4 {
            // Twice as many as it can do.
            for who in ['a', 'b', 'c', 'd'] {
                latch.put((who, round), move |(other, _)| *other == who);
            }
            for _ in 0..2 {
                turns.push(begins.recv().unwrap().0);
                go.send(()).unwrap();
            }
        }
        drop(latch);
        drop(go);
        assert!(['a', 'b', 'c', 'd'].iter().all(|who| turns.contains(who)), "{turns:?}");
    }

    #[test]
    fn a_slow_thread_loses_what_is_old_and_never_the_newest() {
        let (begun, begins) = channel();
        let (go, gone) = channel::<()>();
        let (done, results) = channel();
        let latch = Latch::start("a test", move |(who, what): (char, u32)| {
            begun.send(()).unwrap();
            gone.recv().unwrap();
            assert_ne!(what, 13, "a thing that makes it panic");
            done.send((who, what)).unwrap();
        });
        let put = |who, what| latch.put((who, what), |(other, _)| *other == who);
        put('a', 1);
        begins.recv().unwrap();
        for what in 2..=4 {
            put('a', what);
        }
        put('b', 13);
        put('c', 5);
        (0..4).for_each(|_| go.send(()).unwrap());
        let got: Vec<_> = (0..3).map(|_| results.recv().unwrap()).collect();
        assert_eq!(got, [('a', 1), ('a', 4), ('c', 5)]);
        drop(latch);
        assert!(results.recv().is_err(), "the thread has ended");
    }
}
