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
    pub path: PathBuf,
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
struct Stamp(u64, Option<SystemTime>);

impl Models {
    /// Of `folder`, but for `own`; nothing was looked at yet.
    pub fn new(folder: &Path, own: &Path, device: Device) -> Self {
        let own = own.canonicalize().unwrap_or_else(|_| own.into());
        Self { folder: folder.into(), own, device, found: Mutex::default() }
    }

    fn found(&self) -> MutexGuard<'_, BTreeMap<String, Found>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks at the folder. Says whether anything that may be named has come, gone or changed.
    pub fn look(&self) -> bool {
        let there = self.there();
        let mut changed = false;
        let mut found = self.found();
        found.retain(|id, found| {
            let stays = there.contains_key(id);
            changed |= !stays && found.listed.is_some();
            stays
        });
        for (id, (path, stamp)) in there {
            if found.get(&id).is_some_and(|found| found.stamp == stamp) {
                continue;
            }
            let listed = self.describe(&id, path);
            changed |= listed.is_some() || found.get(&id).is_some_and(|found| found.listed.is_some());
            found.insert(id, Found { stamp, listed });
        }
        changed
    }

    /// What lies in the folder and could be a checkpoint.
    fn there(&self) -> BTreeMap<String, (PathBuf, Stamp)> {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut there = BTreeMap::new();
        for entry in entries {
            let path = entry.path();
            let is_own = || path.canonicalize().is_ok_and(|path| path == self.own);
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
            let is_folder = path.join("unet").is_dir();
            let file = name.strip_suffix(".safetensors").filter(|_| path.is_file());
            let Some(id) = file.map(str::to_owned).or_else(|| is_folder.then(|| name.clone())) else {
                continue;
            };
            let usable = !id.is_empty() && id.len() <= MODEL_ID_MAX && !id.chars().any(char::is_control);
            if usable && there.len() < MOST && !is_own() {
                // A folder and a file of one name are told apart by the file's ending.
                let id = if there.contains_key(&id) { name } else { id };
                there.insert(id, (path.clone(), stamp(&path)));
            }
        }
        there
    }

    fn describe(&self, id: &str, path: PathBuf) -> Option<Listed> {
        let description = match Description::of(&path) {
            Ok(description) => description,
            Err(why) => {
                tracing::warn!("{id} is not offered: {why}");
                return None;
            }
        };
        let kind = kind(&description, self.device);
        let info = ModelInfo { id: id.to_owned(), ..info_of(&description.card, self.device) };
        let (bytes, memory) = (description.bytes, description.memory(kind));
        Some(Listed { path, info, kind, bytes, memory })
    }

    /// All that may be named, by id.
    pub fn infos(&self) -> Vec<ModelInfo> {
        self.found().values().filter_map(|found| Some(found.listed.as_ref()?.info.clone())).collect()
    }

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

/// What a checkpoint is computed in: float32 if it is small enough that rounding is no gain.
pub fn kind(description: &Description, device: Device) -> Kind {
    match device.is_cuda() || description.is_large() {
        true => sampler::suited_kind(device),
        false => Kind::Float,
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
