//! Figures that only a browser can take.

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

/// What `end2end/bench/NAME.spec.ts` writes to the file PENTIMENTO_FIGURES; it is given `variables` too.
///
/// # Errors
/// If it fails, or writes something else.
pub fn figures<T: DeserializeOwned>(name: &str, variables: &[(&str, &OsStr)]) -> Result<T> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../end2end");
    let file = tempfile::NamedTempFile::new()?;
    let mut npx = Command::new("npx");
    npx.args(["playwright", "test", "--config", "bench.config.ts", name]).current_dir(folder);
    // What measures owns standard output.
    npx.env("PENTIMENTO_FIGURES", file.path()).envs(variables.iter().copied()).stdout(Stdio::null());
    let status = npx.status().context("npx does not start")?;
    if !status.success() {
        bail!("the browser's half ended with {status}");
    }
    serde_json::from_reader(file.reopen()?).context("the browser's half told no figures")
}
