//! Where training computes.

use crate::cores::cores;
use tch::Device;

/// The first GPU that libtorch finds, else the CPU.
pub fn device() -> Device {
    Device::cuda_if_available()
}

/// Shares of a batch that are worked on side by side: one for each core, or all of it on a GPU. Every share has a
/// case at least.
pub fn shares(batch: usize) -> usize {
    match device() {
        Device::Cpu => cores().min(batch).max(1),
        _ => 1,
    }
}
