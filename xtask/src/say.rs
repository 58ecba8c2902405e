//! What people read while they wait: one line a thing, marks in colour on a terminal.

use std::fmt::Display;
use std::io::{IsTerminal, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

static TO_STANDARD_ERROR: AtomicBool = AtomicBool::new(false);

/// From now on, leaves standard output to the program that is run.
pub fn to_standard_error() {
    TO_STANDARD_ERROR.store(true, Relaxed);
}

/// Whether standard output is left to the program that is run.
pub fn is_on_standard_error() -> bool {
    TO_STANDARD_ERROR.load(Relaxed)
}

/// A line as it is.
pub fn line(text: impl Display) {
    if is_on_standard_error() { eprintln!("{text}") } else { println!("{text}") }
}

/// A heading before a group of lines.
pub fn heading(text: impl Display) {
    line(painted("1", text));
}

/// Something is there, or is done.
pub fn done(name: impl Display, detail: impl Display) {
    line(format!("  {} {name:<20} {detail}", painted("32", "✓")));
}

/// Something begins that takes a while.
pub fn doing(name: impl Display, detail: impl Display) {
    line(format!("  {} {name:<20} {detail}", painted("33", "→")));
}

/// Something is missing.
pub fn missing(name: impl Display, detail: impl Display) {
    line(format!("  {} {name:<20} {detail}", painted("31", "✗")));
}

/// Why it all stopped.
pub fn failed(error: &anyhow::Error) {
    eprintln!("{} {error:#}", painted("31", "error:"));
}

/// `4.2 s`, or `3 min 20 s` from a minute on.
pub fn duration(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

/// `812 B`, `94.3 kB` or `1.2 MB`, in powers of a thousand.
pub fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

fn painted(code: &str, text: impl Display) -> String {
    let terminal =
        if TO_STANDARD_ERROR.load(Relaxed) { stderr().is_terminal() } else { stdout().is_terminal() };
    let plain = std::env::var_os("NO_COLOR").is_some() || !terminal;
    if plain { text.to_string() } else { format!("\x1b[{code}m{text}\x1b[0m") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        assert_eq!(size(812), "812 B");
        assert_eq!(size(94_321), "94.3 kB");
        assert_eq!(size(1_230_000), "1.2 MB");
        assert_eq!(duration(Duration::from_millis(4_210)), "4.2 s");
        assert_eq!(duration(Duration::from_secs(200)), "3 min 20 s");
    }
}
