//! Who goes first where cores are few.

#[cfg(target_os = "linux")]
use std::time::Duration;

/// So much less urgent than usual: beside a usual thread that wants the same core it gets about a quarter.
const NICENESS: i32 = 5;

/// How long it would compute at a stretch, several times as long as usual. Linux lets who asks for less go first the
/// moment that it wakes (from 6.12 on; EEVDF, Stoica and Abdel-Wahab 1995), where it would else wait for the next tick.
#[cfg(target_os = "linux")]
const SLICE: Duration = Duration::from_millis(10);

/// Makes this thread, and those that it starts (OpenMP's too), let threads go first that answer and draw: a preview
/// is sent, and painted by a browser on the same machine, while the next step is under way.
pub fn yield_to_others() {
    // Of this thread alone, on Linux. Where it is refused, computing is as urgent as everything else.
    let niceness = rustix::process::nice(NICENESS);
    #[cfg(target_os = "linux")]
    if let Ok(niceness) = niceness {
        ask_for(SLICE, niceness);
    }
    #[cfg(not(target_os = "linux"))]
    drop(niceness);
}

/// This thread's niceness is told again, since both are set at once.
#[cfg(target_os = "linux")]
fn ask_for(slice: Duration, niceness: i32) {
    let attributes = libc::sched_attr {
        size: size_of::<libc::sched_attr>() as u32,
        sched_policy: libc::SCHED_OTHER as u32,
        sched_flags: 0,
        sched_nice: niceness,
        sched_priority: 0,
        sched_runtime: slice.as_nanos() as u64,
        sched_deadline: 0,
        sched_period: 0,
    };
    // SAFETY: the kernel reads as many bytes as `size` says, and keeps none of them.
    let _ = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
}
