//! Checkpoints that lie in the models folder: what a job may name beside the studio's own model. None is loaded
//! here, and none is named but by what a look at the folder found.

use crate::worker::info_of;
use sampler::Description;
use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tch::{Device, Kind};
use wire::{ModelInfo, limits::MODEL_ID_MAX};

/// More are not shown: a page lists them all.
const MOST: usize = 200;

/// The folder, and what was found in it last.
#[derive(Debug)]
pub struct Models {
    folder: PathBuf,
    /// The studio's own, which is no other.
    own: PathBuf,
    device: Device,
    /// By id.
    found: Mutex<BTreeMap<String, Found>>,
}

/// A checkpoint that a job may name.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The file or folder.
    pub path: PathBuf,
    /// Tells it from what lies there later under the same name.
    pub stamp: Stamp,
    /// What pages are told of it.
    pub info: ModelInfo,
    /// What its weights are computed in here.
    pub kind: Kind,
    /// Bytes to be read to load it, and bytes of memory that it takes then.
    pub bytes: u64,
    pub memory: u64,
}

#[derive(Debug)]
struct Found {
    stamp: Stamp,
    listed: Option<Listed>,
}

/// Size and time of the last change: what differs is looked at again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp(u64, Option<SystemTime>);

impl Models {
    /// Of `folder`, but for `own`; nothing was looked at yet.
    pub fn new(folder: &Path, own: &Path, device: Device) -> Self {
        let own = own.canonicalize().unwrap_or_else(|_| own.into());
        Self { folder: folder.into(), own, device, found: Mutex::default() }
    }

    fn found(&self) -> MutexGuard<'_, BTreeMap<String, Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the folder. Says whether pages are to be told something else than before.
    pub fn look(&self) -> bool {
        let (before, there) = (self.infos(), self.there());
        let is_known =
            |id: &String, stamp: &Stamp| self.found().get(id).is_some_and(|found| found.stamp == *stamp);
        let fresh = there.iter().filter(|(id, (_, stamp))| !is_known(id, stamp));
        // It may wait for the disk, and nobody is to wait for that.
        let described: Vec<_> = fresh
            .map(|(id, (path, stamp))| {
                (id.clone(), Found { stamp: *stamp, listed: self.describe(id, path, *stamp) })
            })
            .collect();
        let mut found = self.found();
        found.retain(|id, _| there.contains_key(id));
        found.extend(described);
        drop(found);
        self.infos() != before
    }

    /// What lies in the folder and could be a checkpoint.
    fn there(&self) -> BTreeMap<String, (PathBuf, Stamp)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        // Folders first: a file of the same name is called by all of its own.
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort_by_key(|path| (path.is_file(), path.clone()));
        let mut there = BTreeMap::new();
        for path in paths {
            let is_own = || path.canonicalize().is_ok_and(|path| path == self.own);
            let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else {
                continue;
            };
            let is_folder = path.join("unet").is_dir();
            let file = name.strip_suffix(".safetensors").filter(|_| path.is_file());
            let Some(id) = file.map(str::to_owned).or_else(|| is_folder.then(|| name.clone())) else {
                continue;
            };
            let id = if there.contains_key(&id) { name } else { id };
            let usable = !id.is_empty() && id.len() <= MODEL_ID_MAX && !id.chars().any(char::is_control);
            if usable && there.len() < MOST && !is_own() {
                let stamp = stamp(&path);
                there.insert(id, (path, stamp));
            }
        }
        there
    }

    fn describe(&self, id: &str, path: &Path, stamp: Stamp) -> Option<Listed> {
        let description = match Description::of(path) {
            Ok(description) => description,
            Err(why) => {
                tracing::warn!("{id} is not offered: {why}");
                return None;
            }
        };
        let kind = self.kind(&description);
        let info = ModelInfo { id: id.to_owned(), ..info_of(&description.card, self.device) };
        let (bytes, memory) = (description.bytes, description.memory(kind));
        Some(Listed { path: path.into(), stamp, info, kind, bytes, memory })
    }

    /// What a checkpoint is computed in: float32 if it is small enough that rounding is no gain.
    pub fn kind(&self, description: &Description) -> Kind {
        match self.device.is_cuda() || description.is_large() {
            true => sampler::suited_kind(self.device),
            false => Kind::Float,
        }
    }

    /// All that may be named, by id.
    pub fn infos(&self) -> Vec<ModelInfo> {
        self.found().values().filter_map(|found| Some(found.listed.as_ref()?.info.clone())).collect()
    }

    /// What a job that names this id is made with.
    pub fn find(&self, id: &str) -> Option<Listed> {
        self.found().get(id)?.listed.clone()
    }

    /// What to answer who named another.
    pub fn unknown(&self, id: &str) -> String {
        let ids: Vec<String> = self.infos().into_iter().map(|info| info.id).collect();
        let there = match ids.len() {
            0 => format!("{} holds none; leave it out for the studio's own", self.folder.display()),
            _ => format!("there are {}; leave it out for the studio's own", ids.join(", ")),
        };
        format!("no model is called {id:?}; {there}")
    }
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
