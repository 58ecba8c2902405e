//! Two threads that compute side by side on a machine of two cores, each on one of its own.
//!
//! Left alone, Linux puts both onto one core, for whole steps, once another process is busy: three that want two cores
//! are in balance however they are paired. Whoever is done first gives its core to the other, or that one would go on
//! sharing while a core is idle. That is for one pair in a process: two would not know of each other.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Two cores, and which thread is computing on each.
#[derive(Debug)]
pub(super) struct Cores {
    own: [usize; 2],
    companion: OnceLock<i32>,
    computing: Mutex<[Option<i32>; 2]>,
}

impl Cores {
    /// Those that this thread may use, if they are two: where there are more, the system has places to choose from.
    pub fn find() -> Option<Self> {
        <[usize; 2]>::try_from(affinity::allowed()).ok().map(Self::of)
    }

    fn of(own: [usize; 2]) -> Self {
        Self { own, companion: OnceLock::new(), computing: Mutex::default() }
    }

    /// This thread is the companion.
    pub fn join(&self) {
        let _ = self.companion.set(affinity::this_thread());
    }

    /// This thread stays on its core, and the companion, which is at rest, goes to the other; nothing, if somebody has
    /// told this thread to keep to other cores since. Until what is returned is dropped it must start no threads: they
    /// would stay there, too.
    pub fn part(&self) -> Option<Apart<'_>> {
        if affinity::allowed() != self.own {
            return None;
        }
        let here = usize::from(affinity::here() == self.own[1]);
        let me = affinity::this_thread();
        let mut computing = self.computing();
        computing[here] = Some(me);
        computing[1 - here] = self.companion.get().copied();
        for (thread, core) in computing.iter().zip(&self.own) {
            if let Some(thread) = thread {
                affinity::set(*thread, &[*core]);
            }
        }
        Some(Apart(self))
    }

    /// This thread has computed its part, and waits: its core goes to the other one, if that has not.
    pub fn hand_over(&self) {
        let me = Some(affinity::this_thread());
        let mut computing = self.computing();
        let Some(core) = computing.iter().position(|thread| *thread == me) else { return };
        computing[core] = None;
        if let Some(other) = computing[1 - core] {
            affinity::set(other, &[self.own[core]]);
        }
    }

    fn computing(&self) -> MutexGuard<'_, [Option<i32>; 2]> {
        self.computing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While each has a core.
#[derive(Debug)]
pub(super) struct Apart<'a>(&'a Cores);

impl Drop for Apart<'_> {
    fn drop(&mut self) {
        *self.0.computing() = [None; 2];
        affinity::set(affinity::this_thread(), &self.0.own);
    }
}

/// Which cores a thread may run on. Where that cannot be said, nothing is, and threads run as before.
#[cfg(target_os = "linux")]
mod affinity {
    use rustix::thread::{CpuSet, Pid, gettid, sched_getaffinity, sched_getcpu, sched_setaffinity};

    /// Of this thread.
    pub fn allowed() -> Vec<usize> {
        let set = sched_getaffinity(None).unwrap_or_default();
        (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core)).collect()
    }

    pub fn here() -> usize {
        sched_getcpu()
    }

    pub fn this_thread() -> i32 {
        gettid().as_raw_pid()
    }

    pub fn set(thread: i32, cores: &[usize]) {
        let mut set = CpuSet::new();
        cores.iter().for_each(|core| set.set(*core));
        let _ = sched_setaffinity(Pid::from_raw(thread), &set);
    }
}

#[cfg(not(target_os = "linux"))]
mod affinity {
    pub fn allowed() -> Vec<usize> {
        Vec::new()
    }

    pub fn here() -> usize {
        0
    }

    pub fn this_thread() -> i32 {
        0
    }

    pub fn set(_thread: i32, _cores: &[usize]) {}
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn each_has_a_core_and_leaves_it_to_the_other() {
        let own: [usize; 2] = affinity::allowed()[..2].try_into().expect("a machine of two cores or more");
        affinity::set(affinity::this_thread(), &own);
        let cores = &Cores::find().expect("they are two");
        let ((go, gone), (tell, told)) = (channel(), channel());
        std::thread::scope(|scope| {
            scope.spawn(move || {
                cores.join();
                for is_done in gone {
                    if is_done {
                        cores.hand_over();
                    }
                    tell.send(affinity::allowed()).unwrap();
                }
            });
            let companion = |is_done: bool| {
                go.send(is_done).unwrap();
                told.recv().unwrap()
            };
            companion(false);
            for companion_first in [false, true] {
                let apart = cores.part().expect("nobody else has moved this thread");
                let (mine, theirs) = (affinity::allowed(), companion(false));
                let mut both = [mine.clone(), theirs.clone()].concat();
                both.sort_unstable();
                assert_eq!(both, own);
                if companion_first {
                    companion(true);
                    assert_eq!(affinity::allowed(), theirs);
                } else {
                    cores.hand_over();
                    assert_eq!(companion(false), mine);
                }
                drop(apart);
                assert_eq!(affinity::allowed(), own);
            }
            affinity::set(affinity::this_thread(), &own[..1]);
            assert!(cores.part().is_none());
            assert_eq!(affinity::allowed(), own[..1]);
            drop(go);
        });
    }
}
