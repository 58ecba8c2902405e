//! A Chromium for the tests: one that is installed, else Playwright's own, else Debian's.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use super::{Step, apt, end2end};
use crate::{paths, say, shell};

const NAMES: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const PACKAGES: [&str; 1] = ["chromium"];
/// Playwright's browser is 180 MB.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(600);

pub struct Browser;

/// The browser that the tests drive.
pub fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("PENTIMENTO_CHROMIUM").map(PathBuf::from).filter(|path| path.is_file());
    named.or_else(|| NAMES.into_iter().find_map(paths::program)).or_else(of_playwright)
}

/// Playwright knows where its own browser is, or would be.
fn of_playwright() -> Option<PathBuf> {
    let ask = "process.stdout.write(require('playwright-core').chromium.executablePath())";
    let answer = shell::read(Command::new("node").args(["-e", ask]).current_dir(end2end::folder()))?;
    Some(PathBuf::from(answer)).filter(|path| Path::is_file(path))
}

impl Step for Browser {
    fn name(&self) -> String {
        "Chromium".into()
    }

    fn found(&self) -> Option<String> {
        chromium().map(|path| paths::short(&path))
    }

    fn describe(&self) -> String {
        "npx playwright install chromium (180 MB)".into()
    }

    fn by_hand(&self) -> String {
        format!(
            "Install Chromium or Chrome ({}), or name one in PENTIMENTO_CHROMIUM.",
            apt::by_hand(&PACKAGES)
        )
    }

    fn get(&self) -> Result<()> {
        let mut npx = Command::new("npx");
        npx.args(["playwright", "install", "chromium"]).current_dir(end2end::folder());
        let Err(refusal) = shell::run_within(&mut npx, DOWNLOAD_LIMIT) else { return Ok(()) };
        say::doing(self.name(), format!("Playwright could not ({refusal}); installing Debian's chromium"));
        apt::install(&PACKAGES)
    }
}
