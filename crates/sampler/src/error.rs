//! What can go wrong while a model is loaded and while it samples.

use std::path::{Path, PathBuf};

/// Why a model folder was refused. Every sentence names the file or the tensor at fault.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("{path} cannot be read: {why}")]
    Read { path: PathBuf, why: std::io::Error },
    #[error("{path} cannot be written: {why}")]
    Write { path: PathBuf, why: std::io::Error },
    #[error(
        "{path} is missing; a model is a whole folder in diffusers layout, or a single .safetensors file"
    )]
    Missing { path: PathBuf },
    #[error("{path} cannot be used: {why}")]
    Unknown { path: PathBuf, why: String },
    #[error(
        "{path} is a pickle or TorchScript file, which is a program and never opened; convert it to safetensors first, in Python: \
         import torch, safetensors.torch as s; w = torch.load(path, map_location='cpu', weights_only=True); \
         w = w.get('state_dict', w); s.save_file({{n: t.contiguous().clone() for n, t in w.items() if torch.is_tensor(t)}}, \
         'model.safetensors')"
    )]
    Pickle { path: PathBuf },
    #[error("{path} is no usable safetensors file: {why}")]
    Safetensors { path: PathBuf, why: String },
    #[error("{path} has a safetensors header of {bytes} bytes; at most {most} are accepted")]
    HeaderTooLarge { path: PathBuf, bytes: u64, most: u64 },
    #[error("{path}: `{field}` {why}")]
    Config { path: PathBuf, field: String, why: String },
    #[error(
        "tensor `{name}` of shape {expected:?} is missing from {origin}; get the checkpoint anew, and whole"
    )]
    MissingTensor { origin: String, name: String, expected: Vec<i64> },
    #[error(
        "tensor `{name}` in {origin} has shape {found:?}, where {expected:?} is needed; not all of it is of one kind: get it anew"
    )]
    Shape { origin: String, name: String, found: Vec<i64>, expected: Vec<i64> },
    #[error(
        "tensor `{name}` in {origin} holds {found}; F32, F16 or BF16 is needed: get the file in one of these"
    )]
    Kind { origin: String, name: String, found: String },
    #[error(
        "tensor `{name}` in {origin} holds values that are no numbers: the file is broken, or was saved so; get it anew"
    )]
    NotFinite { origin: String, name: String },
    #[error("the tokenizer in {path} cannot be used: {why}; get the one that belongs to the checkpoint")]
    Tokenizer { path: PathBuf, why: String },
    #[error("{path} could not be loaded: {why}")]
    Panicked { path: PathBuf, why: String },
    #[error(
        "{name} takes {:.1} GB of memory, and {:.1} GB are free; close other programs, or choose a smaller model",
        *needed as f64 / 1e9, *free as f64 / 1e9
    )]
    Room { name: String, needed: u64, free: u64 },
    #[error("libtorch: {0}")]
    Torch(#[from] tch::TchError),
    #[error("it was no longer wanted")]
    Interrupted,
}

impl LoadError {
    /// The same of the file itself, where a configuration was refused that did not know where it lies.
    pub(crate) fn at(self, path: &Path) -> Self {
        match self {
            Self::Config { field, why, .. } => Self::Config { path: path.into(), field, why },
            other => other,
        }
    }

    /// Whether it is of the file itself, which will be refused as often as it is read.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Safetensors { .. }
                | Self::MissingTensor { .. }
                | Self::Shape { .. }
                | Self::Kind { .. }
                | Self::NotFinite { .. }
        )
    }

    /// The same with its place in what lies at `model`, where a configuration was refused that knows only its own. A single file
    /// has none beside itself.
    pub(crate) fn within(self, model: &Path) -> Self {
        match self {
            Self::Config { path, field, why } if path.is_relative() => {
                let path = if model.is_dir() { model.join(path) } else { model.into() };
                Self::Config { path, field, why }
            }
            other => other,
        }
    }

    pub(crate) fn config(path: impl Into<PathBuf>, field: &str, why: impl Into<String>) -> Self {
        Self::Config { path: path.into(), field: field.into(), why: why.into() }
    }
}

/// Why a picture could not be made. The model stays usable.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SampleError {
    #[error("{field}: {why}")]
    Setting { field: &'static str, why: String },
    #[error("the {what} holds values that are no numbers; try other settings or another model")]
    NotFinite { what: &'static str },
    #[error(
        "tensor `{name}` in {origin} holds values that are too large for the precision that it is computed in; choose another model, or float32"
    )]
    Weights { origin: String, name: String },
    #[error("the tensor library failed: {0}")]
    Torch(String),
    #[error("there is too little memory for a picture of this size; choose a smaller one, or fewer at once")]
    Memory,
    #[error("it was no longer wanted")]
    Interrupted,
}

impl SampleError {
    /// What went wrong in the tensor library, as far as its words tell.
    pub(crate) fn failed(why: String) -> Self {
        if crate::memory::was_lacking(&why) { Self::Memory } else { Self::Torch(why) }
    }

    pub(crate) fn setting(field: &'static str, why: impl Into<String>) -> Self {
        Self::Setting { field, why: why.into() }
    }
}

/// A pass through a network that its caller no longer wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

impl From<Interrupted> for SampleError {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

/// Asks whether a pass is still wanted: between the blocks of a network, each of which takes a while.
pub(crate) fn ask(still_wanted: &dyn Fn() -> bool) -> Result<(), Interrupted> {
    if still_wanted() { Ok(()) } else { Err(Interrupted) }
}

/// What a pass gave that is always wanted.
pub(crate) fn unasked<T>(pass: impl FnOnce(&dyn Fn() -> bool) -> Result<T, Interrupted>) -> T {
    match pass(&|| true) {
        Ok(made) => made,
        Err(Interrupted) => unreachable!("a pass that is always wanted is never interrupted"),
    }
}

/// Runs `work`, turning a panic of the tensor library (its operations have no other way to fail in
/// arithmetic expressions) into its message.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).map_err(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        // libtorch appends its own stack; the first line says what was wrong.
        let text = text.unwrap_or_else(|| "it panicked without a message".into());
        // An error that was unwrapped is quoted, with its ends of lines as two letters.
        let line = text.lines().next().unwrap_or_default();
        let line = line.split("\\n").next().unwrap_or_default();
        let quoted = "called `Result::unwrap()` on an `Err` value: Torch(\"";
        line.strip_prefix(quoted).map_or(line, |inner| inner.trim_end_matches("\")")).to_owned()
    })
}
