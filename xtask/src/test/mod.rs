//! All tests, and their sum.

mod apart;
mod browser;
mod native;

use std::ops::AddAssign;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;

use crate::cli::Choice;
use crate::{build, say, setup};

/// How many tests passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Runs what was chosen to the end, whatever fails on the way, and closes with the sum.
pub fn test(choice: Choice) -> ExitCode {
    let started = Instant::now();
    let mut sum = Count::default();
    let mut broken = false;
    let parts: [(bool, fn(&Choice) -> Result<Count>); 3] = [
        (!choice.browser && choice.filter.is_none(), |_| apart::check()),
        (!choice.browser, in_native_code),
        (!choice.native, in_a_browser),
    ];
    for (_, part) in parts.into_iter().filter(|(chosen, _)| *chosen) {
        match part(&choice) {
            Ok(count) => sum += count,
            Err(error) => {
                say::failed(&error);
                broken = true;
            }
        }
    }
    say::line(format!("\nTested in {}", say::duration(started.elapsed())));
    if broken {
        say::line("Not all tests could run: see the errors above.");
        sum.failed = sum.failed.max(1);
    }
    say::line(closing_line(sum));
    if sum.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn in_native_code(choice: &Choice) -> Result<Count> {
    setup::ensure(setup::for_native())?;
    native::run(choice)
}

fn in_a_browser(choice: &Choice) -> Result<Count> {
    build::build(false)?;
    setup::ensure(setup::for_browser_tests())?;
    browser::run(choice)
}

fn closing_line(sum: Count) -> String {
    let skipped = if sum.skipped == 0 { String::new() } else { format!(", {} skipped", sum.skipped) };
    format!("{} passed, {} failed{skipped}", sum.passed, sum.failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_names_all_that_ran() {
        let mut sum = Count { passed: 40, failed: 0, skipped: 0 };
        sum += Count { passed: 2, failed: 1, skipped: 0 };
        assert_eq!(closing_line(sum), "42 passed, 1 failed");
        sum.skipped = 3;
        assert_eq!(closing_line(sum), "42 passed, 1 failed, 3 skipped");
    }
}
