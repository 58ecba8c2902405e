//! What tch lacks on a GPU: graphs of operations, and how much memory is free.
//!
//! A build against a libtorch without CUDA has the same functions, and every one of them says that there is no GPU.

#[cfg(cuda)]
mod ffi;

use crate::Error;
use tch::Tensor;

/// Bytes of memory of the first GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Not taken by any program. What libtorch keeps for later is taken.
    pub free: u64,
    pub total: u64,
}

/// How much memory the first GPU has.
///
/// # Errors
/// If there is none.
pub fn memory() -> Result<Memory, Error> {
    #[cfg(cuda)]
    return ffi::memory();
    #[cfg(not(cuda))]
    Err(none())
}

/// Gives back the memory that libtorch keeps for later.
///
/// # Errors
/// If there is no GPU.
pub fn empty_cache() -> Result<(), Error> {
    #[cfg(cuda)]
    return ffi::empty_cache();
    #[cfg(not(cuda))]
    Err(none())
}

/// Operations on the first GPU, recorded once and started again as one. They read and write the same memory each
/// time: what they read is changed in place, and what they write is overwritten.
pub struct Graph {
    #[cfg(cuda)]
    graph: ffi::Graph,
    made: Tensor,
}

impl Graph {
    /// Records what `work` does, which is done twice before to warm up. `work` must do the same each time, and
    /// must not wait for the GPU.
    ///
    /// # Errors
    /// If there is no GPU, or `work` does what cannot be recorded.
    pub fn record(work: impl Fn() -> Tensor) -> Result<Self, Error> {
        #[cfg(cuda)]
        return ffi::Graph::record(work).map(|(graph, made)| Self { graph, made });
        #[cfg(not(cuda))]
        {
            drop(work);
            Err(none())
        }
    }

    /// Starts the operations; gives what they make, which the next call overwrites.
    ///
    /// # Errors
    /// If the GPU fails.
    pub fn replay(&self) -> Result<&Tensor, Error> {
        #[cfg(cuda)]
        self.graph.replay()?;
        Ok(&self.made)
    }
}

#[cfg(not(cuda))]
fn none() -> Error {
    Error("this program was built with a libtorch that has no CUDA".into())
}
