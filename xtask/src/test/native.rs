//! `cargo test`, for everything that is no wasm.

use std::io::{BufRead, BufReader, Write, stdout};
use std::process::Stdio;

use anyhow::{Context, Result, bail};

use super::Count;
use crate::cli::Choice;
use crate::{say, shell};

/// Runs the default members' tests in release mode: they run real models.
pub fn run(choice: &Choice) -> Result<Count> {
    say::heading("Native tests");
    let mut cargo = shell::cargo();
    cargo.args(["test", "--release", "--no-fail-fast"]).args(&choice.filter);
    if choice.native {
        cargo.args(&choice.further);
    }
    let mut child = cargo.stdout(Stdio::piped()).spawn().context("cargo does not start")?;
    let output = child.stdout.take().context("its output is piped")?;
    let mut sum = Count::default();
    for line in BufReader::new(output).lines() {
        let line = line?;
        writeln!(stdout(), "{line}")?;
        if let Some(count) = result(&line) {
            sum += count;
        }
    }
    let status = child.wait()?;
    if !status.success() && sum.failed == 0 {
        bail!("the native tests did not run to their end: cargo test ended with {status}");
    }
    Ok(sum)
}

/// The figures in a line like `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; …`.
fn result(line: &str) -> Option<Count> {
    let (_, figures) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let figure = |name: &str| -> u64 {
        let word = figures.split("; ").find_map(|figure| figure.strip_suffix(name));
        word.and_then(|number| number.trim().parse().ok()).unwrap_or(0)
    };
    Some(Count { passed: figure("passed"), failed: figure("failed"), skipped: figure("ignored") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargos_result_line_is_read() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s";
        assert_eq!(result(line), Some(Count { passed: 12, failed: 2, skipped: 1 }));
        assert_eq!(result("test studio::undo ... ok"), None);
    }
}
