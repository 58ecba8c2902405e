//! Wheels: got with pip, unpacked as the zip files that they are.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use zip::ZipArchive;

use super::recipe;
use crate::{paths, shell};

/// Any will do: only the Python parts of a wheel differ between versions.
const PYTHON: &str = "3.11";
/// The ages of glibc for which the wheels may have been built: pip takes exactly those that it is told.
const GLIBC: std::ops::RangeInclusive<u32> = 17..=28;

/// Downloads one wheel (`name==version`) into `folder`, with pip's own progress bar.
pub fn download(package: &str, folder: &Path) -> Result<PathBuf> {
    let mut pip = pip()?;
    pip.args(["download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check"]);
    pip.args(["--python-version", PYTHON, "--implementation", "cp"]);
    for age in GLIBC {
        pip.args(["--platform", &format!("manylinux_2_{age}_x86_64")]);
    }
    pip.arg("--dest").arg(folder).arg(package);
    shell::run(&mut pip, "download from the Python package index")?;
    let prefix = wheel_prefix(package);
    let files = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let is_it =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&prefix));
    files
        .into_iter()
        .find(is_it)
        .with_context(|| format!("pip left no {prefix}*.whl in {}", folder.display()))
}

/// Writes the files that the recipe keeps under `folder`.
pub fn unpack(wheel: &Path, folder: &Path) -> Result<()> {
    let damaged = || format!("{} is damaged", wheel.display());
    let mut archive = ZipArchive::new(File::open(wheel)?).with_context(damaged)?;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).with_context(damaged)?;
        let Some(place) = recipe::place(entry.name()) else { continue };
        let path = folder.join(place);
        fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        let written = io::copy(&mut entry, &mut File::create(&path)?);
        written.with_context(|| format!("could not write {}", path.display()))?;
    }
    Ok(())
}

/// `nvidia-cuda-cupti==13.0.85` lies in a file that starts with `nvidia_cuda_cupti-13.0.85-`.
fn wheel_prefix(package: &str) -> String {
    format!("{}-", package.replace('-', "_").replace("==", "-"))
}

fn pip() -> Result<Command> {
    for python in ["python3", "python"] {
        if shell::read(Command::new(python).args(["-m", "pip", "--version"])).is_some() {
            let mut command = Command::new(python);
            command.args(["-m", "pip"]);
            return Ok(command);
        }
    }
    match paths::program("pip3").or_else(|| paths::program("pip")) {
        Some(pip) => Ok(Command::new(pip)),
        None => bail!("Python's pip is not there: sudo apt-get install python3-pip"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wheel_is_found_by_its_packages_name() {
        assert_eq!(wheel_prefix("nvidia-cuda-cupti==13.0.85"), "nvidia_cuda_cupti-13.0.85-");
    }
}
