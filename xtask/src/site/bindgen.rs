//! wasm-bindgen and wasm-opt: from what rustc made to what a browser loads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::{Effort, memo};
use crate::setup::wasm_opt;
use crate::{paths, say, shell};

/// The name that the script and the wasm go by.
pub const NAME: &str = "pentimento";

/// What the program is compiled for, and every browser since 2023 has.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-simd",
];

/// A folder with `pentimento.js`, `pentimento_bg.wasm` and what the script imports.
pub fn bind(wasm: &Path, effort: Effort) -> Result<PathBuf> {
    let bytes = fs::read(wasm).with_context(|| format!("could not read {}", wasm.display()))?;
    let version = checked_version()?;
    let optimiser = if effort == Effort::Small { wasm_opt::version() } else { "none".into() };
    // This file is part of the key: the options in it shape the result.
    let recipe = include_bytes!("bindgen.rs");
    let key = memo::key(&[&bytes, recipe, version.as_bytes(), optimiser.as_bytes()]);
    memo::folder(&format!("{effort:?}").to_lowercase(), &key, |folder| {
        generate(wasm, folder)?;
        let made = folder.join(format!("{NAME}_bg.wasm"));
        let before = bytes.len();
        say::done("wasm-bindgen", format!("{} of {}", say::size(length(&made)?), say::size(before)));
        if effort == Effort::Small { optimise(&made) } else { Ok(()) }
    })
}

fn generate(wasm: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(NAME).typescript(false).web(true)?;
    // The script names the wasm beside it, for whoever loads the script alone.
    bindgen.omit_default_module_path(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen.generate(folder).context("could not make the script for the wasm")
}

fn optimise(wasm: &Path) -> Result<()> {
    say::doing("wasm-opt -Oz", "takes about 20 s");
    let started = Instant::now();
    let before = length(wasm)?;
    let smaller = wasm.with_extension("smaller");
    let mut optimiser = Command::new("node");
    optimiser.arg(wasm_opt::program()?).arg("-Oz").args(FEATURES).arg(wasm).arg("-o").arg(&smaller);
    shell::run(&mut optimiser, "make the wasm smaller")?;
    fs::rename(&smaller, wasm)?;
    let sizes = format!("{} of {}", say::size(length(wasm)?), say::size(before));
    say::done("wasm-opt -Oz", format!("{sizes} ({})", say::duration(started.elapsed())));
    Ok(())
}

fn length(file: &Path) -> Result<usize> {
    Ok(fs::metadata(file)?.len() as usize)
}

/// The version of wasm-bindgen's library that is built into this program.
pub fn linked_version() -> &'static str {
    include_str!("../../Cargo.toml")
        .lines()
        .find_map(|line| line.strip_prefix("wasm-bindgen-cli-support = \"="))
        .and_then(|rest| rest.strip_suffix('"'))
        .expect("xtask/Cargo.toml names an exact version")
}

/// Both halves of wasm-bindgen must be of one version; cargo can be told so only by writing it twice.
fn checked_version() -> Result<&'static str> {
    let lock = fs::read_to_string(paths::root().join("Cargo.lock")).context("could not read Cargo.lock")?;
    let locked = lock_version(&lock, "wasm-bindgen").context("Cargo.lock names no wasm-bindgen")?;
    let linked = linked_version();
    if locked != linked {
        bail!(
            "the wasm is built with wasm-bindgen {locked}, its script would be made by {linked}: \
             set wasm-bindgen-cli-support = \"={locked}\" in xtask/Cargo.toml"
        );
    }
    Ok(linked)
}

/// The version of a package in the text of a `Cargo.lock`.
pub fn lock_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.2.131\"\n\n\
        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"…\"\n";

    #[test]
    fn a_version_is_read_from_the_lock_file() {
        assert_eq!(lock_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(lock_version(LOCK, "wasm"), None);
    }

    #[test]
    fn both_halves_of_wasm_bindgen_are_of_one_version() {
        checked_version().unwrap();
    }
}
