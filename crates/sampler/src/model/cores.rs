//! Two threads that compute side by side on a machine of two cores, each on one of its own.
//!
//! Left alone, Linux puts both onto one core, for whole steps, once another process is busy: three that want two cores
//! are in balance however they are paired. Whoever is done first gives its core to the other, or that one would go on
//! sharing while a core is idle.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// The cores of this process, and which thread is computing on each.
#[derive(Debug)]
pub(super) struct Cores {
    own: [usize; 2],
    companion: OnceLock<i32>,
    computing: Mutex<[Option<i32>; 2]>,
}

impl Cores {
    /// Those that this process may use, if they are two: where there are more, the system has places to choose from.
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

    /// This thread stays on its core, and the companion, which is at rest, goes to the other. Until what is returned
    /// is dropped this thread must start no others: they would stay there, too.
    pub fn part(&self) -> Apart<'_> {
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
        Apart(self)
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
        let allowed = affinity::allowed();
        let own = [allowed[0], allowed[allowed.len() - 1]];
        let cores = &Cores::of(own);
        let ((go, gone), (tell, told)) = (channel(), channel());
        std::thread::scope(|scope| {
            scope.spawn(move || {
                cores.join();
                for () in gone {
                    tell.send(affinity::allowed()).unwrap();
                }
            });
            let companion = || {
                go.send(()).unwrap();
                told.recv().unwrap()
            };
            companion();
            let apart = cores.part();
            let here = affinity::allowed();
            assert_eq!(here, [affinity::here()]);
            let mut both = [here.clone(), companion()].concat();
            both.sort_unstable();
            assert_eq!(both, own);
            cores.hand_over();
            assert_eq!(companion(), here);
            drop(apart);
            let mut own = own.to_vec();
            own.dedup();
            assert_eq!(affinity::allowed(), own);
            drop(go);
        });
    }
}
