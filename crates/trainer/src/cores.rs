//! Work on all cores.

use std::ops::Range;
use std::thread;

/// One share of work for each.
pub fn cores() -> usize {
    thread::available_parallelism().map_or(1, |cores| cores.get())
}

/// `make` of every number in `numbers`, in order.
pub fn on_all_cores<T: Send>(numbers: Range<u64>, make: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let share = (numbers.end - numbers.start).div_ceil(cores() as u64).max(1);
    thread::scope(|scope| {
        let (make, end) = (&make, numbers.end);
        let start =
            |from: u64| scope.spawn(move || (from..end.min(from + share)).map(make).collect::<Vec<_>>());
        let parts: Vec<_> = numbers.step_by(share as usize).map(start).collect();
        parts.into_iter().flat_map(|part| part.join().expect("painting does not panic")).collect()
    })
}

/// What the system says of the processor in this field, where it says so.
pub fn processor(field: &str) -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with(field));
    line.and_then(|line| line.split_once(':')).map_or_else(String::new, |(_, value)| value.trim().to_owned())
}
