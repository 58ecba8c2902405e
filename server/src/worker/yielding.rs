//! Who goes first where cores are few.

/// So much less urgent than usual: beside a usual thread that wants the same core it gets about a quarter.
const NICENESS: i32 = 5;

/// Makes this thread, and those that it starts (OpenMP's too), let threads go first that answer and draw: a preview
/// is sent, and painted by a browser on the same machine, while the next step is under way.
pub fn yield_to_others() {
    // Of this thread alone, on Linux. Where it is refused, computing is as urgent as everything else.
    let _ = rustix::process::nice(NICENESS);
}
