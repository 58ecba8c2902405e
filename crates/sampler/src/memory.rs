//! How much memory there is, and what failed for want of it.

use std::sync::OnceLock;
use tch::Device;

/// The share of a processor's memory that one operation may take.
const SHARE: f64 = 0.5;

/// Bytes of memory that no program has taken; very many where nothing says.
pub fn free(device: Device) -> u64 {
    match device {
        Device::Cuda(_) => shim::cuda::memory().map_or(u64::MAX, |memory| memory.free),
        _ => {
            let left =
                limit().map(|limit| limit.saturating_sub(control_group("memory.current").unwrap_or(0)));
            meminfo("MemAvailable:").into_iter().chain(left).min().unwrap_or(u64::MAX)
        }
    }
}

/// Bytes of memory that there are.
pub fn total(device: Device) -> u64 {
    match device {
        Device::Cuda(_) => shim::cuda::memory().map_or(u64::MAX, |memory| memory.total),
        _ => {
            static TOTAL: OnceLock<u64> = OnceLock::new();
            let total = || meminfo("MemTotal:").into_iter().chain(limit()).min().unwrap_or(u64::MAX);
            *TOTAL.get_or_init(total)
        }
    }
}

/// Bytes that one operation may take. What a GPU has is found out by asking it for more.
pub(crate) fn at_once(device: Device) -> u64 {
    if device.is_cuda() { u64::MAX } else { (total(device) as f64 * SHARE) as u64 }
}

/// What a container may take, if there is a limit (version 2 of Linux's control groups).
fn limit() -> Option<u64> {
    control_group("memory.max")
}

fn control_group(file: &str) -> Option<u64> {
    std::fs::read_to_string(format!("/sys/fs/cgroup/{file}")).ok()?.trim().parse().ok()
}

fn meminfo(field: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Whether libtorch says that memory was what it lacked, by the words of its two allocators.
pub(crate) fn was_lacking(why: &str) -> bool {
    why.contains("out of memory") || why.contains("can't allocate memory")
}

/// What is kept of a device's memory for later is given back: before an operation is tried with less, or a model is to
/// have it.
pub fn give_back(device: Device) {
    if device.is_cuda() {
        let _ = shim::cuda::empty_cache();
        return;
    }
    #[cfg(target_os = "linux")]
    {
        unsafe extern "C" {
            fn mi_collect(force: bool);
        }
        // SAFETY: mimalloc's own function; it gives back what nobody has.
        unsafe { mi_collect(true) };
    }
}
