//! What libtorch wants of its process: threads that sleep while they wait, and memory that is kept.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// OpenMP's threads spin while they wait for each other, so one busy neighbour on few cores makes a step of 9 ms
/// take a second. Told to sleep instead, they take 13.
///
/// What is free is kept for a minute: a click after a second of rest would wait 50 ms for it to fault in again.
const SETTINGS: [(&str, &str); 2] = [("OMP_WAIT_POLICY", "PASSIVE"), ("MIMALLOC_PURGE_DELAY", "60000")];

/// Every operation allocates its result anew, libtorch's too. What glibc gives back to the system at once faults in page
/// by page again, up to all of the time where pictures are decoded; told to keep it, it leaves holes between what stays.
/// This one keeps what is free for as long as it is told.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Starts the program again with the settings that are missing: `main` is too late for them. What is set stays.
///
/// A GPU's convolutions are tried in several ways when they first come in a size, and the fastest is kept.
pub fn suit() {
    tch::Cuda::cudnn_set_benchmark(true);
    let missing = || SETTINGS.into_iter().filter(|(name, _)| std::env::var_os(name).is_none());
    if missing().next().is_none() {
        return;
    }
    let Ok(program) = std::env::current_exe() else { return };
    let mut arguments = std::env::args_os();
    let called = arguments.next().unwrap_or_else(|| program.clone().into());
    let error = Command::new(program).arg0(called).args(arguments).envs(missing()).exec();
    eprintln!("cannot start again with {SETTINGS:?} ({error}); sampling may be slow");
}
