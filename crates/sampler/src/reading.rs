//! How a checkpoint is read: to where, as what, and who is told how far it is.

use std::rc::Rc;
use tch::{Device, Kind};

/// Told of the bytes of each tensor, as they lie in the file; says whether to read on.
pub type Told = Rc<dyn Fn(u64) -> bool>;

/// How weights are read.
#[derive(Clone)]
pub struct Reading {
    pub device: Device,
    /// What the UNet and the text encoders compute in: `Float`, or `Half` or `BFloat16` in half of the memory
    /// (see [`crate::suited_kind`]).
    pub kind: Kind,
    pub told: Told,
}

impl Reading {
    /// In float32, to the reference's last digits.
    pub fn exact(device: Device) -> Self {
        Self { device, kind: Kind::Float, told: Rc::new(|_| true) }
    }

    /// The same in another kind.
    pub fn as_kind(&self, kind: Kind) -> Self {
        Self { kind, ..self.clone() }
    }
}
