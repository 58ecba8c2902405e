//! What could be something to load, in one folder and those within.

use sampler::has_name_of_pickle;
use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::SystemTime;
use wire::limits::MODEL_ID_MAX;

/// More are not shown: a page lists them all.
const MOST: usize = 1_000;
/// So far down people sort their files into folders.
const DEPTH: usize = 4;
/// Folders that are looked into, and what is found there: somebody may point at their whole disk.
const FOLDERS: usize = 1_000;
const THINGS: usize = 2 * MOST;

/// A file or a folder, and what it is called: by where it lies, so that nothing that comes or goes beside it changes its name.
#[derive(Debug, Clone)]
pub struct Entry {
    pub name: String,
    pub path: PathBuf,
    pub stamp: Stamp,
}

impl Entry {
    /// Its name without the folders that it lies in.
    pub fn own_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }
}

/// Size and time of the last change: what differs is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(u64, Option<SystemTime>);

/// All files and folders of `folder`, and of the folders within but for those that are looked at `apart`, that could be
/// something to load, each by a name of its own.
pub fn entries(folder: &Path, apart: &[&Path]) -> Vec<Entry> {
    let mut paths = things(folder, apart);
    // A file of the same name as a folder is called by all of its own.
    // What cannot be used takes no name from what can.
    paths.sort_by_cached_key(|path| {
        (has_name_of_pickle(path), path.components().count(), path.is_file(), path.clone())
    });
    let mut found: Vec<Entry> = Vec::new();
    for path in paths {
        let names = names(folder, &path);
        let Some(name) = names.into_iter().find(|name| found.iter().all(|other| other.name != *name)) else {
            continue;
        };
        let usable = !name.is_empty() && name.len() <= MODEL_ID_MAX && !name.chars().any(char::is_control);
        if usable && found.len() == MOST {
            // The folder is looked at every few seconds.
            static TOLD: Once = Once::new();
            let folder = folder.display();
            TOLD.call_once(|| {
                tracing::warn!("{folder} holds more than {MOST} files; the others are left out")
            });
            break;
        }
        if usable {
            found.push(Entry { stamp: stamp(&path), name, path });
        }
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// Files and folders that could be something to load.
fn things(folder: &Path, apart: &[&Path]) -> Vec<PathBuf> {
    let mut things = Vec::new();
    let mut layer = vec![folder.to_owned()];
    // By what they are, not by what they are called: a link may lead to one of them, or back.
    let mut known: HashSet<PathBuf> =
        apart.iter().chain([&folder]).filter_map(|folder| folder.canonicalize().ok()).collect();
    let mut looked = 0;
    for _ in 0..=DEPTH {
        let mut next = Vec::new();
        let mut paths: Vec<PathBuf> =
            layer.iter().take(FOLDERS - looked).flat_map(|folder| within(folder)).collect();
        // The same at every look, and what is there itself before what a link leads to.
        paths.sort_by_cached_key(|path| (path.is_symlink(), path.clone()));
        for path in paths {
            let is_hidden = path.file_name().is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
            if is_hidden || things.len() == THINGS {
                continue;
            }
            if path.is_file() {
                let is_one =
                    has_name_of_pickle(&path) || path.extension().is_some_and(|end| end == "safetensors");
                things.extend(is_one.then_some(path));
            } else if path.canonicalize().is_ok_and(|path| path.is_dir() && known.insert(path)) {
                match path.join("unet").is_dir() || path.join("config.json").is_file() {
                    true => things.push(path),
                    false => next.push(path),
                }
            }
        }
        looked = (looked + layer.len()).min(FOLDERS);
        layer = next;
    }
    things
}

/// What a file or folder may be called, the best first: by where it lies, without its ending or with it.
fn names(folder: &Path, path: &Path) -> Vec<String> {
    let text = |path: &Path| path.to_str().map(|text| text.replace('\\', "/"));
    let below = path.strip_prefix(folder).unwrap_or(path);
    let bare = if path.is_file() { below.with_extension("") } else { below.to_owned() };
    [&*bare, below].into_iter().filter_map(text).collect()
}

/// Of a file, or of all that lies in a folder and in the folders in it.
fn stamp(path: &Path) -> Stamp {
    let of = |metadata: Metadata| Stamp(metadata.len(), metadata.modified().ok());
    if path.is_file() {
        return fs::metadata(path).map_or(Stamp(0, None), of);
    }
    let files =
        within(path).into_iter().flat_map(|path| if path.is_dir() { within(&path) } else { vec![path] });
    let stamps = files.filter_map(|file| fs::metadata(file).ok().map(of));
    stamps.fold(Stamp(0, None), |sum, one| Stamp(sum.0 + one.0, sum.1.max(one.1)))
}

fn within(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(folder: &Path, apart: &[&str]) -> Vec<(String, String)> {
        let apart: Vec<PathBuf> = apart.iter().map(|name| folder.join(name)).collect();
        let apart: Vec<&Path> = apart.iter().map(PathBuf::as_path).collect();
        let of = |entry: Entry| {
            let path = entry.path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            (entry.name, path)
        };
        entries(folder, &apart).into_iter().map(of).collect()
    }

    fn folder_of(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    fn named(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, path)| ((*name).to_owned(), (*path).to_owned())).collect()
    }

    #[test]
    fn folders_within_are_looked_into_but_for_models_and_what_is_looked_at_apart() {
        let folder = folder_of(&[
            "one.safetensors",
            "notes.txt",
            "xl/two.safetensors",
            "xl/fine/three.safetensors",
            "diffusers/unet/weights.safetensors",
            "control/config.json",
            "control/weights.safetensors",
            "loras/ink.safetensors",
            ".cache/four.safetensors",
            "a/b/c/d/five.safetensors",
            "a/b/c/d/e/too-deep.safetensors",
        ]);
        let expected = named(&[
            ("a/b/c/d/five", "a/b/c/d/five.safetensors"),
            ("control", "control"),
            ("diffusers", "diffusers"),
            ("one", "one.safetensors"),
            ("xl/fine/three", "xl/fine/three.safetensors"),
            ("xl/two", "xl/two.safetensors"),
        ]);
        assert_eq!(found(folder.path(), &["loras"]), expected);
    }

    #[test]
    fn each_has_a_name_of_its_own() {
        let folder = folder_of(&[
            "ink/unet/weights.safetensors",
            "ink.safetensors",
            "a/ink.safetensors",
            "b/ink.safetensors",
        ]);
        let expected = named(&[
            ("a/ink", "a/ink.safetensors"),
            ("b/ink", "b/ink.safetensors"),
            ("ink", "ink"),
            ("ink.safetensors", "ink.safetensors"),
        ]);
        assert_eq!(found(folder.path(), &[]), expected);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_nowhere_twice_and_what_is_no_file_is_left_alone() {
        use std::os::unix::{fs::symlink, net::UnixListener};
        let folder = folder_of(&["one.safetensors", "mine/ink.safetensors"]);
        let at = |name: &str| folder.path().join(name);
        symlink(folder.path(), at("self")).unwrap();
        symlink(at("mine"), at("theirs")).unwrap();
        symlink(at("nowhere"), at("lost.safetensors")).unwrap();
        let _socket = UnixListener::bind(at("socket.safetensors")).unwrap();
        let expected = named(&[("mine/ink", "mine/ink.safetensors"), ("one", "one.safetensors")]);
        assert_eq!(found(folder.path(), &["."]), expected);
        assert_eq!(found(folder.path(), &["theirs"]), named(&[("one", "one.safetensors")]));
    }

    #[test]
    fn a_folder_that_is_not_there_holds_nothing() {
        assert_eq!(found(Path::new("/nowhere"), &[]), []);
    }
}
