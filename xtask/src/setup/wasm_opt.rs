//! wasm-opt, which makes the wasm a third of its size: the npm package `binaryen`.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use super::{Step, npm};
use crate::paths;

const PACKAGE: &str = include_str!("../../npm/package.json");
const LOCK: &str = include_str!("../../npm/package-lock.json");

pub struct WasmOpt;

/// The program, a JavaScript file for node.
pub fn program() -> Result<PathBuf> {
    Ok(folder()?.join("node_modules/binaryen/bin/wasm-opt"))
}

/// The version that is used, part of what makes a build differ from another.
pub fn version() -> String {
    let package: serde_json::Value = serde_json::from_str(PACKAGE).expect("xtask/npm/package.json is JSON");
    package["dependencies"]["binaryen"].as_str().expect("it names binaryen").to_owned()
}

fn folder() -> Result<PathBuf> {
    Ok(paths::cache()?.join(format!("binaryen-{}", version())))
}

impl Step for WasmOpt {
    fn name(&self) -> String {
        format!("wasm-opt {}", version())
    }

    fn found(&self) -> Option<String> {
        paths::program("node")?;
        program().ok().filter(|path| path.is_file()).map(|path| paths::short(&path))
    }

    fn describe(&self) -> String {
        "installing the npm package binaryen (110 MB on disk)".into()
    }

    fn by_hand(&self) -> String {
        "Install Node.js 20 or later with npm and see that npm reaches its registry; then start again.".into()
    }

    fn get(&self) -> Result<()> {
        let folder = folder()?;
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("package.json"), PACKAGE)?;
        fs::write(folder.join("package-lock.json"), LOCK)?;
        npm::ci(&folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_holds_the_version_that_is_asked_for() {
        let lock: serde_json::Value = serde_json::from_str(LOCK).unwrap();
        assert_eq!(lock["packages"]["node_modules/binaryen"]["version"], version().as_str());
    }
}
