//! The files of the data folder: `pictures/ab/abcd...png` by the digest of the file, and
//! `canvases/abcd...tiles` by the digest of the canvas, its tiles as in an upload, for jobs that are open or have pictures.

use super::GalleryError;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::{fs, io};
use wire::limits::{CANVAS_SIDE_MAX, TILE};
use wire::{Digest, TileBatch};

/// Tiles of the largest canvas.
const TILES_MAX: usize = (CANVAS_SIDE_MAX / TILE).pow(2) as usize;

#[derive(Debug)]
pub(super) struct Files {
    pictures: PathBuf,
    canvases: PathBuf,
    /// Tells one unfinished file from another.
    parts: AtomicU64,
}

impl Files {
    pub fn open(folder: &Path) -> Result<Self, GalleryError> {
        let [pictures, canvases] = ["pictures", "canvases"].map(|name| folder.join(name));
        for path in [&pictures, &canvases] {
            fs::create_dir_all(path).map_err(|source| GalleryError::Folder { path: path.clone(), source })?;
        }
        Ok(Self { pictures, canvases, parts: AtomicU64::new(0) })
    }

    pub fn picture(&self, digest: &Digest) -> PathBuf {
        let name = digest.to_string();
        self.pictures.join(&name[..2]).join(format!("{name}.png"))
    }

    pub fn keep_picture(&self, digest: &Digest, png: &[u8]) -> Result<(), GalleryError> {
        self.write(&self.picture(digest), png)
    }

    pub fn remove_picture(&self, digest: &Digest) -> Result<(), GalleryError> {
        let path = self.picture(digest);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                Err(GalleryError::Remove { path, source })
            }
            _ => Ok(()),
        }
    }

    fn canvas_path(&self, canvas: &Digest) -> PathBuf {
        self.canvases.join(format!("{canvas}.tiles"))
    }

    pub fn keep_canvas(&self, canvas: &Digest, tiles: &TileBatch) -> Result<(), GalleryError> {
        let path = self.canvas_path(canvas);
        if path.exists() {
            return Ok(());
        }
        self.write(&path, &tiles.encode())
    }

    pub fn canvas(&self, canvas: &Digest) -> Result<Option<TileBatch>, GalleryError> {
        let path = self.canvas_path(canvas);
        match fs::read(&path) {
            Ok(bytes) => match TileBatch::read(bytes.into(), TILES_MAX) {
                Ok(tiles) => Ok(Some(tiles)),
                Err(problem) => Err(GalleryError::Tiles { path, problem }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(GalleryError::Read { path, source }),
        }
    }

    pub fn forget_canvas(&self, canvas: &Digest) {
        // It may never have been written; what stays is swept at the next start.
        let _ = fs::remove_file(self.canvas_path(canvas));
    }

    /// Removes the canvases that no job needs, and what a killed process left unfinished.
    pub fn sweep_canvases(&self, needed: &HashSet<Digest>) {
        let keep: HashSet<PathBuf> = needed.iter().map(|canvas| self.canvas_path(canvas)).collect();
        let Ok(entries) = fs::read_dir(&self.canvases) else { return };
        for path in entries.flatten().map(|entry| entry.path()).filter(|path| !keep.contains(path)) {
            let _ = fs::remove_file(path);
        }
    }

    /// Written beside and renamed, so that a file is whole or not there.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), GalleryError> {
        let part = path.with_extension(format!("part{}", self.parts.fetch_add(1, Relaxed)));
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(path))?;
            fs::write(&part, bytes)?;
            fs::rename(&part, path)
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&part);
            GalleryError::Write { path: path.to_owned(), source }
        })
    }
}
