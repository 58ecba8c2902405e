//! The files that hold one part of a model, under the names that diffusers gives its tensors.

use crate::LoadError;
use crate::checkpoint::Checkpoint;
use crate::config::read;
use crate::reading::Reading;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tch::Tensor;

/// Where the tensor of a name lies in a file that has other names.
pub(crate) struct Place {
    pub name: String,
    pub view: View,
}

/// How a stored tensor becomes the one that is asked for.
#[derive(Clone, Copy)]
pub(crate) enum View {
    Whole,
    /// This third of its rows: queries, keys and values in one.
    Third(i64),
    Transposed,
    /// A 1x1 convolution as a matrix.
    Matrix,
}

impl View {
    /// Whether a stored tensor of this shape can be seen so. One that cannot stays as it is, and has another shape than it
    /// should, which its user will say.
    fn suits(self, stored: &[i64]) -> bool {
        match self {
            Self::Whole => true,
            Self::Third(_) => stored.first().is_some_and(|rows| rows % 3 == 0),
            Self::Transposed => stored.len() == 2,
            Self::Matrix => stored.len() == 4 && stored[2..] == [1, 1],
        }
    }

    /// The shape of what is asked for, where this one is stored.
    fn shape(self, mut stored: Vec<i64>) -> Vec<i64> {
        if self.suits(&stored) {
            match self {
                Self::Whole => {}
                Self::Third(_) => stored[0] /= 3,
                Self::Transposed => stored.reverse(),
                Self::Matrix => stored.truncate(2),
            }
        }
        stored
    }

    /// The shape that is stored where one of this shape is asked for.
    fn stored(self, mut shape: Vec<i64>) -> Vec<i64> {
        match self {
            Self::Whole => {}
            Self::Third(_) => shape.iter_mut().take(1).for_each(|rows| *rows *= 3),
            Self::Transposed => shape.reverse(),
            Self::Matrix => shape.extend([1, 1]),
        }
        shape
    }
}

/// From diffusers' name of a tensor to its place, if the file could hold it.
pub(crate) type Rename = Rc<dyn Fn(&str) -> Option<Place>>;

pub(crate) struct Archive {
    files: Vec<Rc<Checkpoint>>,
    rename: Option<Rename>,
    /// What errors name.
    origin: PathBuf,
}

/// How the names of pickles end.
const PICKLES: [&str; 4] = ["bin", "ckpt", "pt", "pth"];

/// Whether a file is called as pickles are, which are told of and never opened.
pub fn has_name_of_pickle(path: &Path) -> bool {
    path.extension().is_some_and(|end| PICKLES.iter().any(|known| end == *known))
}

impl Archive {
    pub fn file(path: &Path) -> Result<Self, LoadError> {
        Checkpoint::open(path).map(|file| Self::of(Rc::new(file)))
    }

    /// A file under the names that diffusers gives its tensors.
    pub fn of(file: Rc<Checkpoint>) -> Self {
        Self { origin: file.path().into(), files: vec![file], rename: None }
    }

    /// One part of a file that holds all of a model under other names.
    pub fn renamed(file: Rc<Checkpoint>, rename: Rename) -> Self {
        Self { origin: file.path().into(), files: vec![file], rename: Some(rename) }
    }

    /// One part of a diffusers folder: `<stem>.safetensors`, else shards and their index, else either in the
    /// variant `fp16`. A folder that holds only a pickle is refused with a sentence that says so.
    pub fn part(folder: &Path, stem: &str) -> Result<Self, LoadError> {
        for variant in ["", ".fp16"] {
            let whole = folder.join(format!("{stem}{variant}.safetensors"));
            if whole.is_file() {
                return Self::file(&whole);
            }
            for index in [
                format!("{stem}.safetensors.index{variant}.json"),
                format!("{stem}.safetensors{variant}.index.json"),
            ] {
                let index = folder.join(index);
                if index.is_file() {
                    return Self::shards(folder, &index);
                }
            }
        }
        let beside = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let beside: Vec<PathBuf> = beside.collect();
        if let Some(path) = beside.iter().filter(|path| has_name_of_pickle(path)).min() {
            return Err(LoadError::Pickle { path: path.clone() });
        }
        let is_shard = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(&format!("{stem}-0")) && name.ends_with(".safetensors")
        };
        let index = if beside.iter().any(is_shard) { ".index.json" } else { "" };
        Err(LoadError::Missing { path: folder.join(format!("{stem}.safetensors{index}")) })
    }

    fn shards(folder: &Path, index: &Path) -> Result<Self, LoadError> {
        #[derive(Deserialize)]
        struct Index {
            weight_map: BTreeMap<String, String>,
        }
        let mut names: Vec<String> = read::<Index>(index)?.weight_map.into_values().collect();
        names.sort();
        names.dedup();
        let mut files = Vec::with_capacity(names.len());
        for name in names {
            if Path::new(&name).file_name().is_none_or(|file| file != name.as_str()) {
                let why = format!("names {name:?}; only files beside it are opened");
                return Err(LoadError::config(index, "weight_map", why));
            }
            files.push(Rc::new(Checkpoint::open(&folder.join(name))?));
        }
        Ok(Self { files, rename: None, origin: index.into() })
    }

    pub fn origin(&self) -> &Path {
        &self.origin
    }

    pub fn has(&self, name: &str) -> bool {
        self.place(name).is_some_and(|place| self.holder(&place.name).is_some())
    }

    /// The tensor of this name, if there is one.
    pub fn read(&self, name: &str, reading: &Reading) -> Result<Option<Tensor>, LoadError> {
        let Some(place) = self.place(name) else { return Ok(None) };
        let Some(file) = self.holder(&place.name) else { return Ok(None) };
        let Some(tensor) = file.read(&place.name, reading.device, reading.kind)? else { return Ok(None) };
        let parts = if matches!(place.view, View::Third(_)) { 3 } else { 1 };
        if !(reading.told)(file.bytes(&place.name) / parts) {
            return Err(LoadError::Interrupted);
        }
        let size = tensor.size();
        Ok(Some(match place.view {
            _ if !place.view.suits(&size) => tensor,
            View::Whole => tensor,
            View::Third(third) => tensor.f_narrow(0, third * size[0] / 3, size[0] / 3)?,
            View::Transposed => tensor.f_transpose(0, 1)?.f_contiguous()?,
            View::Matrix => tensor.f_view([size[0], size[1]])?,
        }))
    }

    /// The shape that the tensor of this name has once it is read, if there is one.
    pub fn shape(&self, name: &str) -> Option<Vec<i64>> {
        let place = self.place(name)?;
        let stored = self.holder(&place.name)?.shape(&place.name)?;
        let stored = stored.iter().map(|&n| n as i64).collect();
        Some(place.view.shape(stored))
    }

    /// What the file calls the tensor of this name.
    pub fn stored_name(&self, name: &str) -> String {
        self.place(name).map_or_else(|| name.to_owned(), |place| place.name)
    }

    /// What to say of a tensor that has not the shape that is expected, or is not there: by its name and shape in the file.
    pub fn unlike(&self, name: &str, expected: &[i64]) -> LoadError {
        let view = self.place(name).map_or(View::Whole, |place| place.view);
        let (origin, name) = (self.origin.display().to_string(), self.stored_name(name));
        let expected = view.stored(expected.to_vec());
        match self.holder(&name).and_then(|file| file.shape(&name)) {
            Some(found) => {
                let found = found.iter().map(|&n| n as i64).collect();
                LoadError::Shape { origin, name, found, expected }
            }
            None => LoadError::MissingTensor { origin, name, expected },
        }
    }

    /// # Errors
    /// If there is such a tensor, and its numbers are of a kind that is not supported.
    pub fn check_kind(&self, name: &str) -> Result<(), LoadError> {
        let Some(place) = self.place(name) else { return Ok(()) };
        self.holder(&place.name).map_or(Ok(()), |file| file.check_kind(&place.name))
    }

    /// Bytes and elements of the files.
    pub fn size(&self) -> (u64, u64) {
        let sizes = self.files.iter().map(|file| file.size(|_| true));
        sizes.fold((0, 0), |(bytes, elements), (more, others)| (bytes + more, elements + others))
    }

    fn holder(&self, stored: &str) -> Option<&Rc<Checkpoint>> {
        self.files.iter().find(|file| file.shape(stored).is_some())
    }

    fn place(&self, name: &str) -> Option<Place> {
        match &self.rename {
            Some(rename) => rename(name),
            None => Some(Place { name: name.into(), view: View::Whole }),
        }
    }
}
