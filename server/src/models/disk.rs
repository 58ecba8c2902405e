//! What could be something to load, in one folder.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::SystemTime;
use wire::limits::MODEL_ID_MAX;

/// More are not shown: a page lists them all.
const MOST: usize = 1_000;

/// A file or a folder, and what it is called.
#[derive(Debug, Clone)]
pub struct Entry {
    pub name: String,
    pub path: PathBuf,
    pub stamp: Stamp,
}

/// Size and time of the last change: what differs is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(u64, Option<SystemTime>);

/// All files and folders of `folder` that could be something to load, each by a name of its own.
pub fn entries(folder: &Path) -> Vec<Entry> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    // Folders first: a file of the same name is called by all of its own.
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort_by_key(|path| (path.is_file(), path.clone()));
    let mut found: Vec<Entry> = Vec::new();
    for path in paths {
        let Some(whole) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let is_folder = path.join("unet").is_dir() || path.join("config.json").is_file();
        let file = whole.strip_suffix(".safetensors").filter(|_| path.is_file());
        let Some(name) = file.or(is_folder.then_some(whole)) else { continue };
        let is_taken = found.iter().any(|other| other.name == name);
        let name = if is_taken { whole } else { name }.to_owned();
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

/// Of a file, or of all that lies in a folder and in the folders in it.
fn stamp(path: &Path) -> Stamp {
    let of = |metadata: Metadata| Stamp(metadata.len(), metadata.modified().ok());
    let within = |path: &Path| -> Vec<PathBuf> {
        fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
    };
    if path.is_file() {
        return fs::metadata(path).map_or(Stamp(0, None), of);
    }
    let files =
        within(path).into_iter().flat_map(|path| if path.is_dir() { within(&path) } else { vec![path] });
    let stamps = files.filter_map(|file| fs::metadata(file).ok().map(of));
    stamps.fold(Stamp(0, None), |sum, one| Stamp(sum.0 + one.0, sum.1.max(one.1)))
}
