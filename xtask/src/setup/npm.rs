//! npm packages at the versions of a lock file.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{paths, shell};

/// Installs what the lock file in `folder` names, exactly.
pub fn ci(folder: &Path) -> Result<()> {
    if paths::program("npm").is_none() {
        bail!("npm is not on the PATH; it comes with Node.js 20 or later");
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
    // The browser is a step of its own, which looks for an installed one first.
    npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    shell::run(&mut npm, "install npm packages")
}
