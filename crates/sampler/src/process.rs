//! What libtorch wants of its process, which both libraries concerned read when they are loaded.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// OpenMP's threads spin while they wait for each other, so one busy neighbour on few cores makes a step of 9 ms
/// take a second. Told to sleep instead, they take 13.
///
/// Every operation allocates its result anew. glibc maps what is large from the system and gives it back at once,
/// and then each page of it faults again: up to all of the time where pictures are decoded. Told to keep what it
/// has, it reuses it.
const SETTINGS: [(&str, &str); 4] = [
    ("OMP_WAIT_POLICY", "PASSIVE"),
    ("MALLOC_MMAP_THRESHOLD_", "4294967296"),
    ("MALLOC_TRIM_THRESHOLD_", "17179869184"),
    ("MALLOC_TOP_PAD_", "67108864"),
];

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
    let name = arguments.next().unwrap_or_else(|| program.clone().into());
    let error = Command::new(program).arg0(name).args(arguments).envs(missing()).exec();
    eprintln!("cannot start again with {SETTINGS:?} ({error}); sampling may be slow");
}
