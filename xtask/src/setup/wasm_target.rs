//! A compiler and a standard library for wasm32-unknown-unknown.
//!
//! rustup's is the normal one. Where rustup's server cannot be reached but Debian's can, Debian has a second
//! compiler that emits wasm, with the library as source: that is compiled once and kept in the cache folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Step, apt};
use crate::{paths, say, shell};

pub const TARGET: &str = "wasm32-unknown-unknown";
const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
/// rustup gives up on an unreachable server by itself, but late.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// The step that gets one of the two.
pub struct WasmTarget;

/// Who compiles the wasm.
#[derive(Debug, PartialEq)]
pub enum Toolchain {
    /// The toolchain that compiles everything else.
    Rustup,
    /// Debian's compiler, with the standard library that was compiled into this folder.
    Debian { sysroot: PathBuf },
}

impl Toolchain {
    /// The one that is there.
    pub fn find() -> Result<Toolchain> {
        if library(&rustup_sysroot().unwrap_or_default()).is_dir() {
            return Ok(Toolchain::Rustup);
        }
        let sysroot = debian_sysroot()?;
        if !library(&sysroot).is_dir() {
            bail!("no standard library for {TARGET} is there: cargo xtask setup");
        }
        Ok(Toolchain::Debian { sysroot })
    }

    /// Its cargo.
    pub fn cargo(&self) -> Command {
        let mut cargo = shell::cargo();
        if let Toolchain::Debian { sysroot } = self {
            cargo = debian_cargo();
            cargo.current_dir(paths::root());
            cargo.env(
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
                format!("--sysroot={}", sysroot.display()),
            );
        }
        cargo
    }
}

impl Step for WasmTarget {
    fn name(&self) -> String {
        "wasm target".into()
    }

    fn found(&self) -> Option<String> {
        Some(match Toolchain::find().ok()? {
            Toolchain::Rustup => paths::short(&library(&rustup_sysroot()?)),
            Toolchain::Debian { sysroot } => paths::short(&sysroot),
        })
    }

    fn describe(&self) -> String {
        format!("rustup target add {TARGET}")
    }

    fn by_hand(&self) -> String {
        format!("Run: rustup target add {TARGET}. Or, on Debian 12 or later: {}", apt::by_hand(&PACKAGES))
    }

    fn get(&self) -> Result<()> {
        let mut rustup = Command::new("rustup");
        rustup.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "0").current_dir(paths::root());
        let Err(refusal) = shell::run_within(&mut rustup, RUSTUP_LIMIT) else { return Ok(()) };
        say::doing(self.name(), format!("rustup could not ({refusal}); taking Debian's compiler (300 MB)"));
        if debian_version().is_none() || !debian_is_complete() {
            apt::install(&PACKAGES)?;
        }
        say::doing(self.name(), "compiling the standard library, once (about a minute)");
        compile_library(&debian_sysroot()?)
    }
}

fn rustup_sysroot() -> Option<PathBuf> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "sysroot"]).current_dir(paths::root());
    shell::read(&mut rustc).map(PathBuf::from)
}

fn library(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

/// `rustc 1.96.0 (…)`, of the compiler that says it can emit wasm.
fn debian_version() -> Option<String> {
    let targets = shell::read(Command::new(DEBIAN_RUSTC).args(["--print", "target-list"]))?;
    targets.lines().any(|target| target == TARGET).then_some(())?;
    shell::read(Command::new(DEBIAN_RUSTC).arg("--version"))
}

fn debian_is_complete() -> bool {
    let source = Path::new("/usr/lib/rustlib/src/rust/library/std/Cargo.toml");
    // The link to the linker dangles when lld is not installed; `exists` follows it.
    source.exists() && Path::new(DEBIAN_CARGO).exists() && Path::new("/usr/bin/rust-lld").exists()
}

fn debian_sysroot() -> Result<PathBuf> {
    let version = debian_version().context("there is no compiler of Debian's that emits wasm")?;
    Ok(paths::cache()?.join(folder_name(&version)))
}

/// The library belongs to one compiler: `rustc 1.96.0 (ac68faa20 2026-05-25)` uses `wasm-std-1.96.0-ac68faa20`.
fn folder_name(version: &str) -> String {
    let mut words = version.split_whitespace().skip(1).map(|word| word.trim_matches(['(', ')']));
    let number = words.next().unwrap_or("unknown");
    words.next().map_or(format!("wasm-std-{number}"), |commit| format!("wasm-std-{number}-{commit}"))
}

fn debian_cargo() -> Command {
    let mut cargo = Command::new(DEBIAN_CARGO);
    shell::as_from_the_shell(&mut cargo);
    // What rustup sets for its own toolchain would be taken for Debian's.
    for name in ["RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH", "RUSTDOC"] {
        cargo.env_remove(name);
    }
    cargo.env("RUSTC", DEBIAN_RUSTC);
    cargo
}

/// Compiles std by way of an empty crate, and keeps its `.rlib` files.
fn compile_library(sysroot: &Path) -> Result<()> {
    let work = sysroot.with_extension("part");
    let source = work.join("src");
    fs::create_dir_all(&source)?;
    fs::write(source.join("lib.rs"), "")?;
    let manifest = "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(work.join("Cargo.toml"), manifest)?;
    let mut cargo = debian_cargo();
    cargo.env("RUSTC_BOOTSTRAP", "1").current_dir(&work).args(["build", "--release", "--target", TARGET]);
    cargo.args(["-Zbuild-std=std,panic_abort", "--target-dir", "target"]);
    shell::run(&mut cargo, "compile the standard library for wasm")?;
    let kept = library(&work);
    fs::create_dir_all(&kept)?;
    for entry in fs::read_dir(work.join("target").join(TARGET).join("release/deps"))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rlib") {
            fs::copy(&path, kept.join(path.file_name().context("a file has a name")?))?;
        }
    }
    fs::remove_dir_all(work.join("target"))?;
    fs::rename(&work, sysroot).with_context(|| format!("could not make {}", sysroot.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiled_library_is_kept_under_its_compilers_name() {
        assert_eq!(folder_name("rustc 1.96.0 (ac68faa20 2026-05-25)"), "wasm-std-1.96.0-ac68faa20");
        assert_eq!(folder_name("rustc 1.97.0"), "wasm-std-1.97.0");
    }
}
