//! Playwright, in a real Chromium, with the server and the site that were built.

use std::fs;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Count;
use crate::cli::Choice;
use crate::{paths, say, setup};

/// Runs the tests in a browser.
pub fn run(choice: &Choice) -> Result<Count> {
    say::heading("Tests in a browser");
    let report = paths::target().join("end2end.json");
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let mut npx = Command::new("npx");
    npx.args(["playwright", "test", "--reporter=list,html,json"]).current_dir(paths::root().join("end2end"));
    if let Some(filter) = &choice.filter {
        npx.args(["--pass-with-no-tests", "--grep"]).arg(literal(filter));
    }
    if choice.browser {
        npx.args(&choice.further);
    }
    npx.env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    npx.env("PLAYWRIGHT_HTML_OUTPUT_DIR", "report").env("PLAYWRIGHT_HTML_OPEN", "never");
    npx.env("PENTIMENTO_SERVER", paths::server()).env("PENTIMENTO_SITE", paths::site());
    npx.env("PENTIMENTO_CHROMIUM", setup::chromium().context("no Chromium was found")?);
    let status = npx.status().context("npx does not start")?;
    let text = fs::read_to_string(&report)
        .with_context(|| format!("Playwright ended with {status} and left no report"))?;
    let count = count(&text).context("Playwright's report says no figures")?;
    if !status.success() && count.failed == 0 {
        bail!("the tests in a browser did not run to their end: Playwright ended with {status}");
    }
    Ok(count)
}

/// A filter is text, and Playwright takes a regular expression.
fn literal(filter: &str) -> String {
    let mut pattern = String::new();
    for letter in filter.chars() {
        if r"\^$.|?*+()[]{}/".contains(letter) {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

/// The figures of a JSON report. A flaky test is one that failed once.
fn count(report: &str) -> Option<Count> {
    let report: Value = serde_json::from_str(report).ok()?;
    let figure = |name: &str| report["stats"][name].as_u64();
    let unrunnable = report["errors"].as_array().map_or(0, Vec::len) as u64;
    Some(Count {
        passed: figure("expected")?,
        failed: figure("unexpected")? + figure("flaky")? + unrunnable,
        skipped: figure("skipped")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flaky_test_counts_as_failed() {
        let report = r#"{"errors":[],"stats":{"expected":7,"skipped":1,"unexpected":2,"flaky":1}}"#;
        assert_eq!(count(report), Some(Count { passed: 7, failed: 3, skipped: 1 }));
        assert_eq!(count("{}"), None);
    }

    #[test]
    fn a_filter_is_taken_literally() {
        assert_eq!(literal("step 4 (of 20)"), r"step 4 \(of 20\)");
    }
}
