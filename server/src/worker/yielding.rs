//! Who goes first where cores are few.

/// So much less urgent than usual: beside a usual thread that wants the same core it gets about a quarter.
const NICENESS: i32 = 5;

/// Makes this thread, and those that it starts (OpenMP's too), let threads go first that answer and draw: a preview
/// is sent, and painted by a browser on the same machine, while the next step is under way.
pub fn yield_to_others() {
    // Of this thread alone, on Linux. Where it is refused, computing is as urgent as everything else.
    if let Ok(niceness) = rustix::process::nice(NICENESS) {
        ask_for_long_slices(niceness);
    }
}

/// Asks to compute several times as long at a stretch as usual. Linux lets who asks for less go first the moment that
/// it wakes (from 6.12 on; EEVDF, Stoica and Abdel-Wahab 1995), where it would else wait for the next tick. This
/// thread's `niceness` is told again, since both are set at once.
#[cfg(target_os = "linux")]
fn ask_for_long_slices(niceness: i32) {
    const NANOSECONDS: u64 = 10_000_000;
    let attributes = libc::sched_attr {
        size: size_of::<libc::sched_attr>() as u32,
        sched_policy: libc::SCHED_OTHER as u32,
        sched_flags: 0,
        sched_nice: niceness,
        sched_priority: 0,
        sched_runtime: NANOSECONDS,
        sched_deadline: 0,
        sched_period: 0,
    };
    // SAFETY: the kernel reads as many bytes as `size` says, and keeps none of them.
    let _ = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
}

#[cfg(not(target_os = "linux"))]
fn ask_for_long_slices(_niceness: i32) {}
