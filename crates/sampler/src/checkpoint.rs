//! One safetensors file, mapped into memory and read tensor by tensor.

use crate::LoadError;
use crate::weights::is_finite;
use memmap2::{Mmap, UncheckedAdvice};
use safetensors::tensor::TensorInfo;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use shim::stored;
use std::collections::HashMap;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use tch::{Device, Kind, Tensor};

/// A header of a million entries takes a gigabyte to parse; the largest honest ones are under 1 MiB.
const HEADER_MOST: u64 = 16 << 20;

/// Of what was read the pages are let go: a tensor of so many bytes would be in memory twice.
const WORTH_FORGETTING: usize = 256 << 10;

/// A mapped file whose header has been checked: every tensor lies inside the file.
pub(crate) struct Checkpoint {
    path: PathBuf,
    map: Mmap,
    /// Where the tensors' bytes begin.
    start: usize,
    entries: HashMap<String, TensorInfo>,
    metadata: HashMap<String, String>,
}

/// What is wrong with a file, as one says it who wants to know what to do.
fn damage(why: &SafeTensorError) -> String {
    match why {
        SafeTensorError::MetadataIncompleteBuffer
        | SafeTensorError::InvalidHeaderLength
        | SafeTensorError::HeaderTooSmall => {
            "its length is not what its header says; it was not copied or downloaded whole: get it anew"
                .into()
        }
        SafeTensorError::InvalidHeader(_) | SafeTensorError::InvalidHeaderDeserialization(_) => {
            "its header is no JSON; it is damaged, or something else: get it anew".into()
        }
        other => {
            format!("its header and its tensors do not fit together ({other:?}); it is damaged: get it anew")
        }
    }
}

fn unknown_kind(path: &Path, name: &str, found: Dtype) -> LoadError {
    LoadError::Kind { origin: path.display().to_string(), name: name.into(), found: format!("{found:?}") }
}

fn is_of_eight_bits(kind: Dtype) -> bool {
    matches!(kind, Dtype::F8_E4M3 | Dtype::F8_E5M2)
}

/// What else comes in the place of a checkpoint, or under its name, by how it begins.
fn stranger(start: &[u8; 8]) -> Option<&'static str> {
    let begins = |with: &str| start.starts_with(with.as_bytes());
    match () {
        () if begins("version ") => Some("a pointer of Git LFS"),
        () if begins("GGUF") => Some("of the GGUF kind, which is not supported"),
        () if begins("<") => Some("a web page"),
        () if start.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => {
            Some("a text")
        }
        () => None,
    }
}

impl Checkpoint {
    pub(crate) fn open(path: &Path) -> Result<Self, LoadError> {
        let read = |why| LoadError::Read { path: path.into(), why };
        let mut file = File::open(path).map_err(|source| match source.kind() {
            ErrorKind::NotFound => LoadError::Missing { path: path.into() },
            _ => read(source),
        })?;
        let mut start = [0; 8];
        let broken = |why: String| LoadError::Safetensors { path: path.into(), why };
        file.read_exact(&mut start).map_err(|_| broken("it is shorter than its own header".into()))?;
        if is_pickle(&start) {
            return Err(LoadError::Pickle { path: path.into() });
        }
        if let Some(what) = stranger(&start) {
            return Err(broken(format!("it is {what}; get the file itself")));
        }
        let header = u64::from_le_bytes(start);
        if header > HEADER_MOST {
            return Err(LoadError::HeaderTooLarge { path: path.into(), bytes: header, most: HEADER_MOST });
        }
        // SAFETY: the map is read-only; as every memory-mapped loader, it relies on nobody truncating
        // a model file that is in use.
        let map = unsafe { Mmap::map(&file) }.map_err(read)?;
        let (header, known) = SafeTensors::read_metadata(&map).map_err(|why| broken(damage(&why)))?;
        let entries: HashMap<_, _> =
            known.tensors().into_iter().map(|(name, info)| (name, info.clone())).collect();
        // Told before anybody chooses it: a file of eight bits holds them in most of its tensors.
        let eighth =
            entries.iter().filter(|(_, info)| is_of_eight_bits(info.dtype)).min_by_key(|entry| entry.0);
        if let Some((name, info)) = eighth {
            return Err(unknown_kind(path, name, info.dtype));
        }
        let metadata = known.metadata().clone().unwrap_or_default();
        Ok(Self { path: path.into(), start: 8 + header, map, entries, metadata })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// The shape of a tensor, if the file holds it.
    pub(crate) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.entries.get(name).map(|info| info.shape.as_slice())
    }

    /// Bytes of a tensor in the file.
    pub(crate) fn bytes(&self, name: &str) -> u64 {
        self.entries.get(name).map_or(0, |info| (info.data_offsets.1 - info.data_offsets.0) as u64)
    }

    /// Bytes and elements of the tensors that are used.
    pub(crate) fn size(&self, is_used: impl Fn(&str) -> bool) -> (u64, u64) {
        let used = self.entries.iter().filter(|(name, _)| is_used(name));
        let size = |info: &TensorInfo| {
            let (start, end) = info.data_offsets;
            ((end - start) as u64, info.shape.iter().product::<usize>() as u64)
        };
        used.map(|(_, info)| size(info)).fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// What the file says of itself.
    pub(crate) fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key).map(String::as_str)
    }

    /// # Errors
    /// If the file holds such a tensor, and its numbers are of a kind that is not supported.
    pub(crate) fn check_kind(&self, name: &str) -> Result<(), LoadError> {
        match self.entries.get(name).filter(|info| kind_of(info.dtype).is_none()) {
            Some(info) => Err(unknown_kind(&self.path, name, info.dtype)),
            None => Ok(()),
        }
    }

    /// Copies a tensor, if the file holds it, to `device`, converted to `kind`; integers keep their kind.
    ///
    /// # Errors
    /// If it is of a kind that is not supported, or holds what is no number.
    pub(crate) fn read(&self, name: &str, device: Device, kind: Kind) -> Result<Option<Tensor>, LoadError> {
        let Some(info) = self.entries.get(name) else { return Ok(None) };
        let Some(found) = kind_of(info.dtype) else {
            return Err(unknown_kind(&self.path, name, info.dtype));
        };
        let shape: Vec<i64> = info.shape.iter().map(|&n| n as i64).collect();
        let bytes = &self.map[self.start + info.data_offsets.0..self.start + info.data_offsets.1];
        let wanted = if is_floating_point(found) { kind } else { found };
        // Over a bus they go as they are.
        let here = if device == Device::Cpu { wanted } else { found };
        let read = match stored::read(bytes, &shape, found, here) {
            Ok(read) => read,
            Err(_) => {
                let read = Tensor::f_from_data_size(bytes, &shape, found)?;
                is_finite(&read).then_some(read)
            }
        };
        let not_finite =
            || LoadError::NotFinite { origin: self.path.display().to_string(), name: name.into() };
        let tensor = read.ok_or_else(not_finite)?.f_to_device(device)?.f_to_kind(wanted)?;
        if bytes.len() >= WORTH_FORGETTING {
            // SAFETY: pages of a read-only map of a file are read from it again if somebody asks for them.
            let _ = unsafe {
                let start = self.start + info.data_offsets.0;
                self.map.unchecked_advise_range(UncheckedAdvice::DontNeed, start, bytes.len())
            };
        }
        Ok(Some(tensor))
    }
}

/// A zip (what torch.save and TorchScript write) or a bare pickle of protocol 2 to 5.
fn is_pickle(start: &[u8; 8]) -> bool {
    start.starts_with(b"PK\x03\x04") || (start[0] == 0x80 && (2..=5).contains(&start[1]) && start[2] != 0)
}

fn is_floating_point(kind: Kind) -> bool {
    matches!(kind, Kind::Float | Kind::Half | Kind::BFloat16 | Kind::Double)
}

fn kind_of(dtype: Dtype) -> Option<Kind> {
    Some(match dtype {
        Dtype::F32 => Kind::Float,
        Dtype::F16 => Kind::Half,
        Dtype::BF16 => Kind::BFloat16,
        Dtype::F64 => Kind::Double,
        Dtype::I64 => Kind::Int64,
        Dtype::I32 => Kind::Int,
        _ => return None,
    })
}
