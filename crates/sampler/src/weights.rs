//! Where a network gets its tensors from: a checkpoint, other tensors, or fresh trainable variables.

use crate::LoadError;
use crate::archive::Archive;
use crate::kernel::{Kernel, Shared};
use crate::layers::ConvShape;
use crate::reading::Reading;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::path::Path;
use std::rc::Rc;
use tch::{Device, Kind, Tensor, nn};

/// What a fresh variable starts as. A checkpoint ignores it.
#[derive(Clone, Copy, Debug)]
pub enum Init {
    /// Uniform in ±1/sqrt(fan_in): PyTorch's own start for convolutions and linear layers.
    FanIn(i64),
    /// Normal with mean 0 and this standard deviation.
    Normal(f64),
    Ones,
    Zeros,
}

/// A place in a tree of named tensors; `at` descends as the dots of diffusers' keys do.
#[derive(Clone)]
pub struct Weights<'a> {
    source: Source<'a>,
    prefix: String,
}

#[derive(Clone)]
enum Source<'a> {
    Tensors(Rc<Named>),
    Fresh(nn::Path<'a>),
    /// Tensors of no size in memory, in the place of those that were not read.
    Unread(Rc<Named>),
    #[cfg(test)]
    Listed(Listed),
}

/// Names and shapes of what a network asked for.
#[cfg(test)]
pub(crate) type Listed = Rc<RefCell<BTreeMap<String, Vec<i64>>>>;

/// Tensors by name, each made when it is first asked for and shared from then on.
struct Named {
    origin: String,
    tensors: RefCell<HashMap<String, Tensor>>,
    /// Weights of convolutions, which are not among the others.
    kernels: RefCell<HashMap<String, Shared>>,
    beneath: Beneath,
}

/// Where tensors come from that were not asked for yet.
enum Beneath {
    Nothing {
        /// Nobody else has the tensors.
        owned: bool,
    },
    Files {
        archive: Archive,
        reading: Reading,
    },
    /// Others; converted, where a kind is given.
    Others(Rc<Named>, Option<Kind>),
}

impl<'a> Weights<'a> {
    /// Fresh trainable variables below `path`, named as diffusers names them.
    pub fn fresh(path: &nn::Path<'a>) -> Self {
        Self { source: Source::Fresh(path.clone()), prefix: String::new() }
    }
}

impl Weights<'static> {
    /// Opens one part of a diffusers folder (see [`Archive::part`]); floats are converted as they are read.
    pub fn open_part(folder: &Path, stem: &str, reading: &Reading) -> Result<Self, LoadError> {
        Ok(Self::stored(Archive::part(folder, stem)?, reading.clone()))
    }

    pub(crate) fn stored(archive: Archive, reading: Reading) -> Self {
        let origin = archive.origin().display().to_string();
        Self::named(origin, HashMap::new(), Beneath::Files { archive, reading })
    }

    /// Bytes and elements of the files that the tensors lie in.
    pub(crate) fn size_of_files(&self) -> (u64, u64) {
        match &self.source {
            Source::Tensors(named) => match &named.beneath {
                Beneath::Files { archive, .. } => archive.size(),
                _ => (0, 0),
            },
            _ => (0, 0),
        }
    }

    /// The same, of which nothing is read: whoever asks for a tensor is told whether it is there in this shape, and given
    /// zeros that take no memory.
    pub(crate) fn unread(&self) -> Self {
        let source = match &self.source {
            Source::Tensors(named) => Source::Unread(named.clone()),
            other => other.clone(),
        };
        Self { source, prefix: self.prefix.clone() }
    }

    /// Tensors that the caller already has (an average of weights, a network to share).
    /// The network built from it shares their storage.
    pub fn from_tensors(tensors: HashMap<String, Tensor>) -> Self {
        Self::named("the given tensors".into(), tensors, Beneath::Nothing { owned: false })
    }

    /// Tensors that nobody else has: networks may keep them in an order of their own, as those of a checkpoint.
    pub fn owning(tensors: HashMap<String, Tensor>) -> Self {
        Self::named("the given tensors".into(), tensors, Beneath::Nothing { owned: true })
    }

    fn named(origin: String, tensors: HashMap<String, Tensor>, beneath: Beneath) -> Self {
        let named = Named { origin, tensors: RefCell::new(tensors), kernels: RefCell::default(), beneath };
        Self { source: Source::Tensors(Rc::new(named)), prefix: String::new() }
    }
}

#[cfg(test)]
impl Weights<'static> {
    /// Tensors of no size in memory, for networks too large for a test; tells what was asked for.
    pub(crate) fn listed() -> (Self, Listed) {
        let listed = Listed::default();
        (Self { source: Source::Listed(listed.clone()), prefix: String::new() }, listed)
    }
}

impl Weights<'_> {
    /// The same with every tensor of `kind`; only for tensors that are not made here.
    pub fn to_kind(&self, kind: Kind) -> Self {
        self.over(HashMap::new(), Some(kind))
    }

    /// The same with these tensors, by full names, in the place of others; only for tensors that are not made
    /// here.
    pub fn replaced(&self, tensors: HashMap<String, Tensor>) -> Self {
        self.over(tensors, None)
    }

    fn over(&self, tensors: HashMap<String, Tensor>, kind: Option<Kind>) -> Self {
        let source = match &self.source {
            Source::Tensors(named) => Source::Tensors(Rc::new(Named {
                origin: named.origin.clone(),
                tensors: RefCell::new(tensors),
                kernels: RefCell::default(),
                beneath: Beneath::Others(named.clone(), kind),
            })),
            fresh => fresh.clone(),
        };
        Self { source, prefix: self.prefix.clone() }
    }

    /// The place `name` (which may hold dots) below this one.
    pub fn at(&self, name: impl Display) -> Self {
        Self { source: self.source.clone(), prefix: self.full(&name.to_string()) }
    }

    /// Whether a checkpoint holds this tensor. Fresh variables hold whatever is asked for.
    pub fn has(&self, name: &str) -> bool {
        match &self.source {
            Source::Tensors(named) | Source::Unread(named) => named.has(&self.full(name)),
            Source::Fresh(_) => true,
            // As in a file: no text encoder without its prefix.
            #[cfg(test)]
            Source::Listed(_) => !self.full(name).starts_with("embeddings."),
        }
    }

    /// Whether the tensors are made here, not read.
    pub fn is_fresh(&self) -> bool {
        matches!(self.source, Source::Fresh(_))
    }

    /// The tensor `name` below this place, of exactly `shape`.
    pub fn tensor(&self, name: &str, shape: &[i64], init: Init) -> Result<Tensor, LoadError> {
        let full = self.full(name);
        match &self.source {
            Source::Tensors(named) => named.get(full, shape),
            Source::Fresh(path) => Ok(fresh(path, &full, shape, init)),
            Source::Unread(named) => match named.size(&full) {
                Some(size) if size == shape => named.check_kind(&full).map(|()| sizeless(shape)),
                other => Err(named.unlike(&full, other, shape)),
            },
            #[cfg(test)]
            Source::Listed(listed) => {
                listed.borrow_mut().insert(full, shape.to_vec());
                Ok(sizeless(shape))
            }
        }
    }

    /// The weight `name` of a convolution below this place. One that was read is shared by all that ask for it.
    pub(crate) fn kernel(&self, name: &str, shape: ConvShape, init: Init) -> Result<Kernel, LoadError> {
        let ConvShape { input, output, kernel, stride, padding, .. } = shape;
        let size = [output, input, kernel, kernel];
        if let Source::Tensors(named) = &self.source
            && let Some(shared) = named.kernel(&self.full(name), &size)?
        {
            return Ok(Kernel::shared(shared, padding, stride));
        }
        Ok(Kernel::plain(self.tensor(name, &size, init)?, padding, stride))
    }

    /// The shape of the tensor of this full name, if there is one that was not made here.
    pub(crate) fn shape(&self, name: &str) -> Option<Vec<i64>> {
        match &self.source {
            Source::Tensors(named) => named.size(name),
            _ => None,
        }
    }

    /// The tensor of this full name, whatever its shape, if there is one that was not made here.
    pub fn find(&self, name: &str) -> Result<Option<Tensor>, LoadError> {
        match &self.source {
            Source::Tensors(named) => named.find(name),
            _ => Ok(None),
        }
    }

    /// Full names of all tensors that were asked for so far.
    pub(crate) fn names(&self) -> Vec<String> {
        match &self.source {
            Source::Tensors(named) => {
                let (tensors, kernels) = (named.tensors.borrow(), named.kernels.borrow());
                tensors.keys().chain(kernels.keys()).cloned().collect()
            }
            _ => Vec::new(),
        }
    }

    /// A tensor that was asked for and holds what is no number: where it is from, and its full name.
    pub(crate) fn find_broken(&self) -> Option<(String, String)> {
        let Source::Tensors(named) = &self.source else { return None };
        let mut names = self.names();
        names.sort_unstable();
        let is_broken = |name: &String| matches!(named.find(name), Ok(Some(tensor)) if !is_finite(&tensor));
        names.into_iter().find(is_broken).map(|name| (named.origin.clone(), named.stored_name(&name)))
    }

    fn full(&self, name: &str) -> String {
        if self.prefix.is_empty() { name.to_owned() } else { format!("{}.{name}", self.prefix) }
    }
}

impl Named {
    fn has(&self, name: &str) -> bool {
        self.tensors.borrow().contains_key(name)
            || self.kernels.borrow().contains_key(name)
            || match &self.beneath {
                Beneath::Nothing { .. } => false,
                Beneath::Files { archive, .. } => archive.has(name),
                Beneath::Others(others, _) => others.has(name),
            }
    }

    fn find(&self, name: &str) -> Result<Option<Tensor>, LoadError> {
        if let Some(tensor) = self.tensors.borrow().get(name) {
            return Ok(Some(tensor.shallow_clone()));
        }
        if let Some(kernel) = self.kernels.borrow().get(name) {
            return Ok(Some(kernel.plain()));
        }
        let found = match &self.beneath {
            Beneath::Nothing { .. } => None,
            Beneath::Files { archive, reading } => archive.read(name, reading)?,
            Beneath::Others(others, kind) => match (others.find(name)?, kind) {
                (Some(tensor), Some(kind)) if tensor.is_floating_point() => Some(tensor.f_to_kind(*kind)?),
                (found, _) => found,
            },
        };
        if let Some(tensor) = &found {
            self.tensors.borrow_mut().insert(name.to_owned(), tensor.shallow_clone());
        }
        Ok(found)
    }

    fn get(&self, name: String, expected: &[i64]) -> Result<Tensor, LoadError> {
        match self.find(&name)? {
            Some(tensor) if tensor.size() == expected => Ok(tensor),
            other => Err(self.unlike(&name, other.map(|tensor| tensor.size()), expected)),
        }
    }

    /// The shape of a tensor, which need not have been read.
    fn size(&self, name: &str) -> Option<Vec<i64>> {
        let read = self.tensors.borrow().get(name).map(Tensor::size);
        read.or_else(|| self.kernels.borrow().get(name).map(Shared::shape)).or_else(|| match &self.beneath {
            Beneath::Nothing { .. } => None,
            Beneath::Files { archive, .. } => archive.shape(name),
            Beneath::Others(others, _) => others.size(name),
        })
    }

    /// What to say of a tensor that has not the shape that is expected, or is not there.
    fn unlike(&self, name: &str, found: Option<Vec<i64>>, expected: &[i64]) -> LoadError {
        match &self.beneath {
            Beneath::Files { archive, .. } => return archive.unlike(name, expected),
            Beneath::Others(others, _) if found.is_none() => return others.unlike(name, found, expected),
            _ => {}
        }
        let (origin, name, expected) = (self.origin.clone(), name.to_owned(), expected.to_vec());
        match found {
            Some(found) => LoadError::Shape { origin, name, found, expected },
            None => LoadError::MissingTensor { origin, name, expected },
        }
    }

    fn check_kind(&self, name: &str) -> Result<(), LoadError> {
        match &self.beneath {
            Beneath::Files { archive, .. } => archive.check_kind(name),
            _ => Ok(()),
        }
    }

    /// What the file calls this tensor.
    fn stored_name(&self, name: &str) -> String {
        match &self.beneath {
            Beneath::Files { archive, .. } => archive.stored_name(name),
            Beneath::Others(others, _) => others.stored_name(name),
            Beneath::Nothing { .. } => name.to_owned(),
        }
    }

    /// Puts a tensor among the kernels.
    fn share(&self, name: &str, expected: &[i64]) -> Result<Option<Shared>, LoadError> {
        let shared = Shared::of(&self.get(name.to_owned(), expected)?);
        if let Some(shared) = &shared {
            self.tensors.borrow_mut().remove(name);
            self.kernels.borrow_mut().insert(name.to_owned(), shared.clone());
        }
        Ok(shared)
    }

    /// Whether nobody else has the tensors, as when they are read from files.
    fn is_owned(&self) -> bool {
        match &self.beneath {
            Beneath::Nothing { owned } => *owned,
            Beneath::Files { .. } => true,
            Beneath::Others(others, _) => others.is_owned(),
        }
    }

    /// The weight of a convolution, to be shared, if processors have another order for its kind.
    fn kernel(&self, name: &str, expected: &[i64]) -> Result<Option<Shared>, LoadError> {
        let known = self.kernels.borrow().get(name).cloned();
        let is_own = || self.tensors.borrow().contains_key(name);
        let shared = match (known, &self.beneath) {
            (Some(known), _) => Some(known),
            (None, Beneath::Others(others, kind)) if !is_own() => {
                let theirs = others.kernel(name, expected)?;
                match theirs.filter(|theirs| kind.is_none_or(|kind| kind == theirs.kind())) {
                    None if self.is_owned() => self.share(name, expected)?,
                    same => same,
                }
            }
            (None, _) if self.is_owned() => self.share(name, expected)?,
            (None, _) => None,
        };
        if let Some(shared) = &shared {
            let found = shared.shape();
            if found != expected {
                return Err(self.unlike(name, Some(found), expected));
            }
        }
        Ok(shared)
    }
}

/// Zeros that take no memory.
fn sizeless(shape: &[i64]) -> Tensor {
    Tensor::zeros([1], (Kind::Half, Device::Cpu)).expand(shape, false)
}

/// Whether all values are numbers.
pub(crate) fn is_finite(x: &Tensor) -> bool {
    x.isfinite().all().int64_value(&[]) != 0
}

fn fresh(path: &nn::Path, name: &str, shape: &[i64], init: Init) -> Tensor {
    let mut place = path.clone();
    let mut parts: Vec<&str> = name.split('.').collect();
    let last = parts.pop().unwrap_or(name);
    for part in parts {
        place = place / part;
    }
    let init = match init {
        Init::FanIn(fan) => {
            let bound = 1.0 / (fan.max(1) as f64).sqrt();
            nn::Init::Uniform { lo: -bound, up: bound }
        }
        Init::Normal(stdev) => nn::Init::Randn { mean: 0.0, stdev },
        Init::Ones => nn::Init::Const(1.0),
        Init::Zeros => nn::Init::Const(0.0),
    };
    place.var(last, shape, init)
}

/// Writes tensors as a safetensors file that Python's loaders accept too.
pub fn write(path: &Path, tensors: &BTreeMap<String, Tensor>, kind: Kind) -> Result<(), LoadError> {
    use safetensors::tensor::{Dtype, TensorView};
    let mut stored = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let tensor = tensor.detach().f_to_device(Device::Cpu)?.f_to_kind(kind)?.f_contiguous()?;
        let dtype = match kind {
            Kind::Half => Dtype::F16,
            Kind::BFloat16 => Dtype::BF16,
            _ => Dtype::F32,
        };
        let mut bytes = vec![0; tensor.numel() * if kind == Kind::Float { 4 } else { 2 }];
        tensor.f_copy_data_u8(&mut bytes, tensor.numel())?;
        stored.push((name, dtype, tensor.size().iter().map(|&n| n as usize).collect::<Vec<_>>(), bytes));
    }
    let broken =
        |e: safetensors::SafeTensorError| LoadError::Safetensors { path: path.into(), why: format!("{e:?}") };
    let mut views = Vec::with_capacity(stored.len());
    for (name, dtype, shape, bytes) in &stored {
        views.push((name.as_str(), TensorView::new(*dtype, shape.clone(), bytes).map_err(broken)?));
    }
    // transformers refuses a file whose metadata does not name the framework.
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    // Not by the crate's own writer, which makes a file that only its owner may read.
    let bytes = safetensors::serialize(views, Some(metadata)).map_err(broken)?;
    std::fs::write(path, bytes).map_err(|why| LoadError::Write { path: path.into(), why })
}

/// The variables of a store by name, for `write`.
pub fn variables(store: &nn::VarStore) -> BTreeMap<String, Tensor> {
    store.variables().into_iter().collect()
}
