//! The files of the data folder: `pictures/ab/abcd...png` by the digest of the file, and
//! `canvases/abcd...png` by the digest of the canvas, for jobs that are still open.

use super::{GalleryError, png};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::{fs, io};
use wire::Digest;

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

    fn canvas_path(&self, canvas: &Digest) -> PathBuf {
        self.canvases.join(format!("{canvas}.png"))
    }

    pub fn has_canvas(&self, canvas: &Digest) -> bool {
        self.canvas_path(canvas).is_file()
    }

    pub fn keep_canvas(
        &self,
        canvas: &Digest,
        width: u32,
        height: u32,
        rgba: &[u8],
    ) -> Result<(), GalleryError> {
        let path = self.canvas_path(canvas);
        if path.exists() {
            return Ok(());
        }
        self.write(&path, &png::encode_rgba(width, height, rgba)?)
    }

    pub fn canvas(&self, canvas: &Digest) -> Result<Option<(u32, u32, Vec<u8>)>, GalleryError> {
        let path = self.canvas_path(canvas);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(png::decode_rgba(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(GalleryError::Read { path, source }),
        }
    }

    pub fn forget_canvas(&self, canvas: &Digest) {
        // It may never have been written; what stays is swept at the next start.
        let _ = fs::remove_file(self.canvas_path(canvas));
    }

    /// Removes the canvases that no open job needs, and what a killed process left unfinished.
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
