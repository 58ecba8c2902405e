//! libtorch, from the same wheels that `pip install torch` takes.
//!
//! Of PyTorch's wheel for Linux only the CPU parts are kept; the wheel's CPU library is linked to two small
//! CUDA libraries, which have wheels of their own and do nothing on a machine without a GPU.

mod recipe;
mod wheels;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::Step;
use crate::{paths, say};

/// The release that tch 0.24 is made for.
pub const VERSION: &str = "2.11.0";
/// Names a libtorch that the user has, for this project alone; `LIBTORCH` does so for every project.
const OURS: &str = "PENTIMENTO_LIBTORCH";

/// The step that gets libtorch and links `target/libtorch` to it.
pub struct Libtorch;

/// Where builds and binaries look for it.
pub fn link() -> PathBuf {
    paths::target().join("libtorch")
}

/// The folder that the user named, and the variable that named it.
fn exported() -> Option<(&'static str, PathBuf)> {
    // cargo itself sets LIBTORCH to the link when the user has not set it.
    [OURS, "LIBTORCH"].into_iter().find_map(|name| {
        let folder = PathBuf::from(env::var_os(name).filter(|value| !value.is_empty())?);
        (folder != link()).then_some((name, folder))
    })
}

fn downloaded() -> Result<PathBuf> {
    Ok(paths::cache()?.join(format!("libtorch-{VERSION}")))
}

fn is_complete(folder: &Path) -> bool {
    recipe::PROOF.iter().all(|file| folder.join(file).exists())
}

impl Step for Libtorch {
    fn name(&self) -> String {
        format!("libtorch {VERSION}")
    }

    fn found(&self) -> Option<String> {
        let folder = match exported() {
            Some((_, folder)) => folder,
            None => downloaded().ok()?,
        };
        let linked = fs::canonicalize(link()).ok()? == fs::canonicalize(&folder).ok()?;
        (linked && is_complete(&folder)).then(|| paths::short(&folder))
    }

    fn describe(&self) -> String {
        match exported() {
            Some((name, folder)) => format!("linking {}, which {name} names", folder.display()),
            None if downloaded().is_ok_and(|folder| is_complete(&folder)) => "linking it into target/".into(),
            None => {
                "downloading PyTorch's wheel with pip (0.5 GB); its CPU libraries are kept (0.5 GB)".into()
            }
        }
    }

    fn by_hand(&self) -> String {
        format!("Unpack a libtorch {VERSION} yourself and name its folder in {OURS}.")
    }

    fn get(&self) -> Result<()> {
        if let Some((name, folder)) = exported() {
            if !is_complete(&folder) {
                let proof = recipe::PROOF.join(" and ");
                bail!("{name} names {}, which is no libtorch: it must hold {proof}", folder.display());
            }
            return make_link(&folder);
        }
        let folder = downloaded()?;
        if !is_complete(&folder) {
            download(&folder)?;
        }
        make_link(&folder)
    }
}

/// Everything goes to a folder beside the final one, which appears only when it is whole.
fn download(folder: &Path) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("it can be got by itself on x86-64 Linux only");
    }
    let part = folder.with_file_name(format!("libtorch-{VERSION}.part"));
    let wheels = folder.with_file_name(format!("libtorch-{VERSION}.wheels"));
    for left_over in [&part, folder] {
        if left_over.exists() {
            fs::remove_dir_all(left_over)?;
        }
    }
    fs::create_dir_all(&wheels)?;
    let mut packages = Vec::new();
    for package in recipe::PACKAGES {
        say::doing(package, "downloading");
        packages.push((package, wheels::download(package, &wheels)?));
    }
    for (package, wheel) in packages {
        say::doing(package, "unpacking");
        wheels::unpack(&wheel, &part)?;
        fs::remove_file(&wheel)?;
    }
    recipe::link_facade(&part.join("lib"))?;
    fs::remove_dir_all(&wheels)?;
    fs::rename(&part, folder).with_context(|| format!("could not make {}", folder.display()))
}

#[cfg(unix)]
fn make_link(folder: &Path) -> Result<()> {
    let link = link();
    let folder = fs::canonicalize(folder)?;
    fs::create_dir_all(paths::target())?;
    if link.is_symlink() {
        fs::remove_file(&link)?;
    }
    std::os::unix::fs::symlink(&folder, &link)
        .with_context(|| format!("could not link {} to {}", link.display(), folder.display()))
}

#[cfg(not(unix))]
fn make_link(_: &Path) -> Result<()> {
    bail!("links are made on Unix only: export LIBTORCH yourself")
}
