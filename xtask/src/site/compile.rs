//! cargo, for wasm. Its target folder is its own: another compiler may fill it, and no native build waits for it.

use std::path::PathBuf;

use anyhow::Result;

use super::Effort;
use crate::setup::wasm_target::{TARGET, Toolchain};
use crate::{paths, shell};

/// Compiles `frontend` and gives the file that rustc made.
pub fn compile(effort: Effort) -> Result<PathBuf> {
    let profile = match effort {
        Effort::Quick => "release",
        Effort::Small => "wasm",
    };
    let folder = paths::target().join("wasm");
    let mut cargo = Toolchain::find()?.cargo();
    cargo.args(["build", "--package", "frontend", "--target", TARGET, "--profile", profile, "--target-dir"]);
    shell::run(cargo.arg(&folder), "compile the frontend to wasm")?;
    Ok(folder.join(TARGET).join(profile).join("frontend.wasm"))
}
