//! Where things lie: in the repository, in its `target` folder, in the user's cache folder.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository")
}

/// The `target` folder. Always the repository's own: the binaries find libtorch relative to it.
pub fn target() -> PathBuf {
    root().join("target")
}

/// The finished site: `pkg/`, the public files and `assets.json`.
pub fn site() -> PathBuf {
    target().join("site")
}

/// The server that `cargo xtask build` makes.
pub fn server() -> PathBuf {
    target().join("release").join(format!("server{}", env::consts::EXE_SUFFIX))
}

/// Where downloads that outlive a clone are kept: `pentimento` in `$XDG_CACHE_HOME`, or in `~/.cache`.
pub fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").filter(|folder| Path::new(folder).is_absolute()) {
        Some(folder) => PathBuf::from(folder),
        None => {
            env::home_dir().context("no home folder is known: set HOME or XDG_CACHE_HOME")?.join(".cache")
        }
    };
    Ok(base.join("pentimento"))
}

/// A path for people: relative to the repository, or with `~` for the home folder.
pub fn short(path: &Path) -> String {
    if let Ok(inside) = path.strip_prefix(root()) {
        return inside.display().to_string();
    }
    match env::home_dir().and_then(|home| path.strip_prefix(home).ok().map(Path::to_path_buf)) {
        Some(rest) => format!("~/{}", rest.display()),
        None => path.display().to_string(),
    }
}

/// The program's path if `PATH` has it.
pub fn program(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_the_repository_is_shown_relative_to_it() {
        assert_eq!(short(&root().join("target/site")), "target/site");
        assert_eq!(short(Path::new("/opt/libtorch")), "/opt/libtorch");
    }

    #[test]
    fn a_program_is_found_by_name() {
        assert!(program("cargo").is_some());
        assert!(program("no-program-has-this-name").is_none());
    }
}
