//! One safetensors file, mapped into memory and read tensor by tensor.

use crate::LoadError;
use memmap2::Mmap;
use safetensors::{Dtype, SafeTensors};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use tch::{Device, Kind, Tensor};

/// A header of a million entries takes a gigabyte to parse; the largest honest ones are under 1 MiB.
const HEADER_MOST: u64 = 16 << 20;

/// A mapped file whose header has been checked: every tensor lies inside the file.
pub(crate) struct Checkpoint {
    path: PathBuf,
    map: Mmap,
}

impl Checkpoint {
    pub(crate) fn open(path: &Path) -> Result<Self, LoadError> {
        let read = |source| LoadError::Read { path: path.into(), source };
        let mut file = File::open(path).map_err(read)?;
        let mut start = [0; 8];
        let broken = |why: String| LoadError::Safetensors { path: path.into(), why };
        file.read_exact(&mut start).map_err(|_| broken("it is shorter than its own header".into()))?;
        if is_pickle(&start) {
            return Err(LoadError::Pickle { path: path.into() });
        }
        let header = u64::from_le_bytes(start);
        if header > HEADER_MOST {
            return Err(LoadError::HeaderTooLarge { path: path.into(), bytes: header, most: HEADER_MOST });
        }
        // SAFETY: the map is read-only; as every memory-mapped loader, it relies on nobody truncating
        // a model file that is in use.
        let map = unsafe { Mmap::map(&file) }.map_err(read)?;
        SafeTensors::deserialize(&map).map_err(|e| broken(format!("{e:?}")))?;
        Ok(Self { path: path.into(), map })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Copies every tensor to `device`, converted to `kind`; integer tensors keep their kind.
    pub(crate) fn read_all(&self, device: Device, kind: Kind) -> Result<Vec<(String, Tensor)>, LoadError> {
        let broken = |why: String| LoadError::Safetensors { path: self.path.clone(), why };
        let tensors = SafeTensors::deserialize(&self.map).map_err(|e| broken(format!("{e:?}")))?;
        let mut all = Vec::with_capacity(tensors.len());
        for (name, view) in tensors.iter() {
            let Some(stored) = kind_of(view.dtype()) else {
                return Err(LoadError::Kind {
                    origin: self.path.display().to_string(),
                    name: name.into(),
                    found: format!("{:?}", view.dtype()),
                });
            };
            let shape: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
            let tensor = Tensor::f_from_data_size(view.data(), &shape, stored)?;
            let wanted = if tensor.is_floating_point() { kind } else { stored };
            all.push((name.to_owned(), tensor.f_to_device(device)?.f_to_kind(wanted)?));
        }
        Ok(all)
    }
}

/// A zip (what torch.save and TorchScript write) or a bare pickle of protocol 2 to 5.
fn is_pickle(start: &[u8; 8]) -> bool {
    start.starts_with(b"PK\x03\x04") || (start[0] == 0x80 && (2..=5).contains(&start[1]) && start[2] != 0)
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
