//! A compiler and a standard library for wasm32-unknown-unknown.
//!
//! rustup's is the normal one. Where rustup's server cannot be reached but Debian's can, Debian has a second
//! compiler that emits wasm, with the library as source: that is compiled once and kept in the cache folder.

mod debian;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};

use super::{Step, apt};
use crate::{paths, say, shell};

pub const TARGET: &str = "wasm32-unknown-unknown";
/// With vectors photographs are coded in half the time.
const FLAGS: &str = "-Ctarget-feature=+simd128";
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
        let sysroot = debian::sysroot()?;
        if !library(&sysroot).is_dir() {
            bail!("no standard library for {TARGET} is there: cargo xtask setup");
        }
        Ok(Toolchain::Debian { sysroot })
    }

    /// Its cargo.
    pub fn cargo(&self) -> Command {
        let mut cargo = shell::cargo();
        let mut flags = FLAGS.to_owned();
        if let Toolchain::Debian { sysroot } = self {
            cargo = debian::cargo();
            cargo.current_dir(paths::root());
            flags = format!("{flags} --sysroot={}", sysroot.display());
        }
        cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
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
        format!(
            "Run: rustup target add {TARGET}. Or, on Debian 12 or later: {}",
            apt::by_hand(&debian::PACKAGES)
        )
    }

    fn get(&self) -> Result<()> {
        let mut rustup = Command::new("rustup");
        rustup.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "0").current_dir(paths::root());
        let Err(refusal) = shell::run_within(&mut rustup, RUSTUP_LIMIT) else { return Ok(()) };
        say::doing(self.name(), format!("rustup could not ({refusal}); taking Debian's compiler (300 MB)"));
        if !debian::is_complete() {
            apt::install(&debian::PACKAGES)?;
        }
        say::doing(self.name(), "compiling the standard library, once (about a minute)");
        debian::compile_library(&debian::sysroot()?)
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
