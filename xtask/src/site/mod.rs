//! The site: wasm, its script, the style sheet and the public files, in `target/site`.
//!
//! ```text
//! frontend --cargo--> .wasm --wasm-bindgen--> .js + .wasm --wasm-opt--> .wasm --brotli, gzip--> target/site/pkg
//! style/*.css --------------------------------------------------------> .css --brotli, gzip--> target/site/pkg
//! public/ ------------------------------------------------------------------------------------> target/site
//! ```
//!
//! Every stage is skipped when its input is what it was.

mod assets;
mod bindgen;
mod compile;
mod memo;
mod pack;
mod style;

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::{paths, say};
use assets::Site;
pub use bindgen::linked_version;

/// How much work goes into making it small.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effort {
    /// Compiles quickly, packs nothing: for `dev`.
    Quick,
    /// As small as it gets.
    Small,
}

/// Builds what is out of date and puts the site in place, in one go.
pub fn build(effort: Effort) -> Result<()> {
    say::heading("Site");
    let started = Instant::now();
    let wasm = compile::compile(effort)?;
    let bound = bindgen::bind(&wasm, effort)?;
    let style = style::assemble(&paths::root().join("style"))?;
    let site = Site::new(bound, style, &paths::root().join("public"))?;
    place(&site, effort)?;
    for (file, sizes) in site.sizes(effort)? {
        say::done(file, sizes);
    }
    say::done("target/site", format!("is up to date ({})", say::duration(started.elapsed())));
    Ok(())
}

/// Writes the site beside the old one and changes places, so that a running server never sees half of it.
fn place(site: &Site, effort: Effort) -> Result<()> {
    let stamp = site.stamp(effort);
    let stamp_file = paths::target().join("wasm/site.stamp");
    let old = paths::site();
    if old.is_dir() && fs::read_to_string(&stamp_file).is_ok_and(|last| last == stamp) {
        return Ok(());
    }
    let next = old.with_extension("next");
    let last = old.with_extension("last");
    remove(&next)?;
    remove(&last)?;
    site.write(&next, effort)?;
    if old.exists() {
        fs::rename(&old, &last)?;
    }
    fs::rename(&next, &old).with_context(|| format!("could not put {} in place", old.display()))?;
    remove(&last)?;
    Ok(fs::write(stamp_file, stamp)?)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
