//! Playwright, for the tests in a browser.

use std::path::PathBuf;

use anyhow::Result;

use super::{Step, npm};
use crate::paths;

pub struct End2End;

/// The folder of the tests in a browser.
pub fn folder() -> PathBuf {
    paths::root().join("end2end")
}

impl Step for End2End {
    fn name(&self) -> String {
        "Playwright".into()
    }

    /// npm writes a copy of the lock file last: equal packages mean a finished install of this lock file.
    fn found(&self) -> Option<String> {
        let wanted = packages(&folder().join("package-lock.json"))?;
        let installed = packages(&folder().join("node_modules/.package-lock.json"))?;
        let has = |(path, package): (&String, &serde_json::Value)| {
            path.is_empty()
                || package["optional"] == true
                || installed.get(path).is_some_and(|it| it == package)
        };
        wanted.iter().all(has).then(|| paths::short(&folder().join("node_modules")))
    }

    fn describe(&self) -> String {
        "installing end2end's npm packages".into()
    }

    fn by_hand(&self) -> String {
        "Install Node.js 20 or later with npm and see that npm reaches its registry; then start again.".into()
    }

    fn get(&self) -> Result<()> {
        npm::ci(&folder())
    }
}

fn packages(lock: &std::path::Path) -> Option<serde_json::Map<String, serde_json::Value>> {
    let lock: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(lock).ok()?).ok()?;
    lock["packages"].as_object().cloned()
}
