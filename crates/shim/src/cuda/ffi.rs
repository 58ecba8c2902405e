//! The C functions of `cuda.cpp`.

use super::Memory;
use crate::{Error, checked};
use std::ffi::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use tch::Tensor;

unsafe extern "C" {
    fn pentimento_graph_new(made: *mut *mut c_void, why: *mut c_char, room: usize) -> c_int;
    fn pentimento_graph_free(graph: *mut c_void);
    fn pentimento_graph_enter(graph: *mut c_void, why: *mut c_char, room: usize) -> c_int;
    fn pentimento_graph_begin(graph: *mut c_void, why: *mut c_char, room: usize) -> c_int;
    fn pentimento_graph_end(graph: *mut c_void, why: *mut c_char, room: usize) -> c_int;
    fn pentimento_graph_leave(graph: *mut c_void, why: *mut c_char, room: usize) -> c_int;
    fn pentimento_graph_replay(graph: *mut c_void, why: *mut c_char, room: usize) -> c_int;
    fn pentimento_memory(free: *mut u64, total: *mut u64, why: *mut c_char, room: usize) -> c_int;
    fn pentimento_empty_cache(why: *mut c_char, room: usize) -> c_int;
}

pub(crate) fn memory() -> Result<Memory, Error> {
    let (mut free, mut total) = (0, 0);
    // SAFETY: both numbers outlive the call.
    checked(|why, room| unsafe { pentimento_memory(&mut free, &mut total, why, room) })?;
    Ok(Memory { free, total })
}

pub(crate) fn empty_cache() -> Result<(), Error> {
    // SAFETY: takes nothing but the room for a message.
    checked(|why, room| unsafe { pentimento_empty_cache(why, room) })
}

pub(crate) struct Graph(*mut c_void);

impl Graph {
    pub(crate) fn record(work: impl Fn() -> Tensor) -> Result<(Self, Tensor), Error> {
        let mut graph = Self(ptr::null_mut());
        // SAFETY: the pointer is written by the call, and freed when `graph` is dropped. All calls below are given
        // it on the thread that made it.
        unsafe {
            checked(|why, room| pentimento_graph_new(&mut graph.0, why, room))?;
            checked(|why, room| pentimento_graph_enter(graph.0, why, room))?;
            let made = graph.recorded(&work);
            // Whatever happened, the stream from before is current again.
            checked(|why, room| pentimento_graph_leave(graph.0, why, room))?;
            Ok((graph, made?))
        }
    }

    unsafe fn recorded(&self, work: &impl Fn() -> Tensor) -> Result<Tensor, Error> {
        let tried = || {
            let work = catch_unwind(AssertUnwindSafe(work));
            work.map_err(|panic| {
                let said = panic.downcast_ref::<String>().map_or("it did not say why", String::as_str);
                Error(format!("an operation failed while it was recorded: {said}"))
            })
        };
        for _ in 0..2 {
            drop(tried()?);
        }
        // SAFETY: as in `record`.
        unsafe {
            checked(|why, room| pentimento_graph_begin(self.0, why, room))?;
            let made = tried();
            let ended = checked(|why, room| pentimento_graph_end(self.0, why, room));
            let made = made?;
            ended.map(|()| made)
        }
    }

    pub(crate) fn replay(&self) -> Result<(), Error> {
        // SAFETY: the graph was recorded.
        checked(|why, room| unsafe { pentimento_graph_replay(self.0, why, room) })
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: made by `pentimento_graph_new`, and freed once.
            unsafe { pentimento_graph_free(self.0) };
        }
    }
}
