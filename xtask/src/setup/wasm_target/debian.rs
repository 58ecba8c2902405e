//! Debian's compiler for wasm, and the standard library that has to be compiled for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{TARGET, library};
use crate::{paths, shell};

/// A compiler that can emit wasm, the library's source of the same version, the linker.
pub const PACKAGES: [&str; 5] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];
const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";

/// Whether compiler, source and linker are all there.
pub fn is_complete() -> bool {
    let source = Path::new("/usr/lib/rustlib/src/rust/library/std/Cargo.toml");
    // The link to the linker dangles when lld is not installed; `exists` follows it.
    let files = [source, Path::new(CARGO), Path::new("/usr/bin/rust-lld")];
    version().is_some() && files.iter().all(|file| file.exists())
}

/// Where the compiled library is kept.
pub fn sysroot() -> Result<PathBuf> {
    let version = version().context("Debian's compiler for wasm is not there, or is too old")?;
    Ok(paths::cache()?.join(folder_name(&version)))
}

/// `rustc 1.96.0 (…)`, if it is new enough. Debian's other compiler has the same path and is far older.
fn version() -> Option<String> {
    let version = shell::read(Command::new(RUSTC).arg("--version"))?;
    (number(version.split_whitespace().nth(1)?)? >= number(env!("CARGO_PKG_RUST_VERSION"))?)
        .then_some(version)
}

/// The first two parts of `1.96.0`.
fn number(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// The library belongs to one compiler: `rustc 1.96.0 (ac68faa20 2026-05-25)` uses `wasm-std-1.96.0-ac68faa20`.
fn folder_name(version: &str) -> String {
    let mut words = version.split_whitespace().skip(1).map(|word| word.trim_matches(['(', ')']));
    let number = words.next().unwrap_or("unknown");
    words.next().map_or(format!("wasm-std-{number}"), |commit| format!("wasm-std-{number}-{commit}"))
}

/// Its cargo, which uses its compiler.
pub fn cargo() -> Command {
    let mut cargo = Command::new(CARGO);
    shell::as_from_the_shell(&mut cargo);
    // What rustup sets for its own toolchain would be taken for Debian's.
    for name in ["RUSTUP_TOOLCHAIN", "LD_LIBRARY_PATH", "RUSTDOC"] {
        cargo.env_remove(name);
    }
    cargo.env("RUSTC", RUSTC);
    cargo
}

/// Compiles std by way of an empty crate, and keeps its `.rlib` files.
pub fn compile_library(sysroot: &Path) -> Result<()> {
    let work = sysroot.with_file_name("wasm-std.part");
    let source = work.join("src");
    fs::create_dir_all(&source)?;
    fs::write(source.join("lib.rs"), "")?;
    let manifest = "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(work.join("Cargo.toml"), manifest)?;
    let mut cargo = cargo();
    // The site's build optimises across crates, std included, for which the bitcode must be kept.
    cargo.env("RUSTFLAGS", "-Cembed-bitcode=yes");
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

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(number("1.100.0") > number("1.96.0"));
        assert!(number("1.63.0") < number("1.95"));
        assert_eq!(number("nightly"), None);
    }
}
