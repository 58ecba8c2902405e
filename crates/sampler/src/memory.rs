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
            let taken = control_group("memory.current").unwrap_or(0).saturating_sub(files());
            let left = limit().map(|limit| limit.saturating_sub(taken));
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

/// What a container's memory holds of files as long as nobody needs it for more: what counts as taken, and is not.
fn files() -> u64 {
    let text = std::fs::read_to_string("/sys/fs/cgroup/memory.stat").unwrap_or_default();
    number(&text, "inactive_file").unwrap_or(0)
}

fn meminfo(field: &str) -> Option<u64> {
    Some(number(&std::fs::read_to_string("/proc/meminfo").ok()?, field)? * 1024)
}

/// The number that stands behind the name of a field, in a text of one field a line.
fn number(text: &str, field: &str) -> Option<u64> {
    let mut lines = text.lines().map(str::split_whitespace);
    lines.find_map(|mut words| (words.next()? == field).then(|| words.next()?.parse().ok())?)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_that_of_its_own_field() {
        let text =
            "MemTotal:       24602104 kB\nMemAvailable:    7 kB\nactive_file 5\ninactive_file 6\nbroken\n";
        assert_eq!(number(text, "MemAvailable:"), Some(7));
        assert_eq!(number(text, "inactive_file"), Some(6));
        assert_eq!((number(text, "broken"), number(text, "file")), (None, None));
    }

    #[test]
    fn there_is_memory_and_some_of_it_is_free() {
        let (free, total) = (free(Device::Cpu), total(Device::Cpu));
        assert!(free > 1 << 20 && free <= total && total < 1 << 50, "{free} of {total}");
    }
}
