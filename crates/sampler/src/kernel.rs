//! The weights of a convolution, in the order in memory that suits what computes with them.

use crate::layers::{channels_last, is_tensor_core};
use crate::memory;
use shim::packed::{self, Then};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tch::{Device, Kind, Tensor};

/// A square kernel [out, in, k, k], how far it steps, and what is put around its input.
pub struct Kernel {
    weight: Weight,
    padding: i64,
    stride: i64,
}

enum Weight {
    Plain(Tensor),
    Shared(Shared),
}

/// A weight that all networks made of a checkpoint share. It is in memory once, plain or packed.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Mutex<Packed>>);

struct Packed {
    weight: Tensor,
    /// The input size that it is packed for; another is slow in this order, so it is packed anew.
    size: Option<[i64; 4]>,
    /// This processor has no such convolution.
    refused: bool,
}

impl Kernel {
    /// A weight that may be another's too, and may change.
    pub(crate) fn plain(mut weight: Tensor, padding: i64, stride: i64) -> Self {
        if is_tensor_core(&weight) {
            // In the place of the one that was read, which LoRAs are added to: it would be in memory twice.
            weight.set_data(&channels_last(&weight));
        }
        Self { weight: Weight::Plain(weight), padding, stride }
    }

    pub(crate) fn shared(weight: Shared, padding: i64, stride: i64) -> Self {
        Self { weight: Weight::Shared(weight), padding, stride }
    }

    /// `x` [B, in, H, W] convolved. From packed weights it comes with channels innermost, whatever `x` has.
    pub(crate) fn convolve(&self, x: &Tensor, bias: Option<&Tensor>, then: Then) -> Tensor {
        let packed = match &self.weight {
            Weight::Shared(shared) if !x.requires_grad() => shared.packed(x, self.padding, self.stride),
            _ => None,
        };
        if let Some(weight) = packed {
            return packed::conv2d(x, &weight, bias, self.padding, self.stride, then)
                .unwrap_or_else(|why| panic!("{why}"));
        }
        let weight = match &self.weight {
            Weight::Plain(weight) => weight.shallow_clone(),
            Weight::Shared(shared) => shared.plain(),
        };
        let made = x.conv2d(&weight, bias, [self.stride; 2], [self.padding; 2], [1, 1], 1);
        match then {
            Then::Nothing => made,
            Then::Relu => made.relu(),
        }
    }
}

impl Shared {
    /// Takes a weight that nobody else holds, if it is of a kind that processors have such convolutions for.
    pub(crate) fn of(weight: &Tensor) -> Option<Self> {
        let suits = weight.device() == Device::Cpu && matches!(weight.kind(), Kind::Float | Kind::BFloat16);
        suits.then(|| {
            let packed = Packed { weight: weight.shallow_clone(), size: None, refused: false };
            Self(Arc::new(Mutex::new(packed)))
        })
    }

    /// [out, in, k, k]
    pub(crate) fn shape(&self) -> Vec<i64> {
        self.lock().weight.size()
    }

    pub(crate) fn kind(&self) -> Kind {
        self.lock().weight.kind()
    }

    /// In the order of its dimensions, to the bit as it was read.
    pub(crate) fn plain(&self) -> Tensor {
        self.lock().plain()
    }

    /// In the order that is fastest for inputs like `x`, if this processor knows one.
    fn packed(&self, x: &Tensor, padding: i64, stride: i64) -> Option<Tensor> {
        let (batch, channels, height, width) = x.size4().ok()?;
        let size = [batch, channels, height, width];
        let mut this = self.lock();
        if this.refused {
            return None;
        }
        if this.size != Some(size) {
            let plain = this.plain();
            match packed::pack(&plain, padding, stride, &size) {
                Ok(weight) => (this.weight, this.size) = (weight, Some(size)),
                Err(why) => {
                    // What lacks memory now may have it later.
                    let refused = !memory::was_lacking(&why.0);
                    *this = Packed { weight: plain, size: None, refused };
                    return None;
                }
            }
        }
        Some(this.weight.shallow_clone())
    }

    fn lock(&self) -> MutexGuard<'_, Packed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Packed {
    fn plain(&self) -> Tensor {
        if self.size.is_some() { self.weight.to_dense(None, false) } else { self.weight.shallow_clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_weight_serves_every_size_and_stays_what_it_was() {
        for (kind, most) in [(Kind::Float, 1e-4), (Kind::BFloat16, 0.25)] {
            let random = |shape: &[i64]| Tensor::randn(shape, (Kind::Float, Device::Cpu)).to_kind(kind);
            let weight = random(&[24, 16, 3, 3]);
            let shared = Shared::of(&weight).unwrap();
            let kernel = Kernel::shared(shared.clone(), 1, 2);
            for (batch, height, width) in [(1, 16, 16), (2, 16, 16), (1, 8, 24), (1, 16, 16)] {
                let x = random(&[batch, 16, height, width]);
                let made = kernel.convolve(&x, None, Then::Relu);
                let plain = x.conv2d::<Tensor>(&weight, None, [2, 2], [1, 1], [1, 1], 1).relu();
                assert!(made.allclose(&plain, most, most, false), "{kind:?} {height}x{width}");
                assert!(shared.plain().equal(&weight));
                let packed = shared.lock();
                assert!(packed.refused || packed.size == Some([batch, 16, height, width]));
                assert!(kind != Kind::Float || !packed.refused, "oneDNN computes in float32");
            }
        }
    }

    #[test]
    fn a_gradient_goes_through_it() {
        let shared = Shared::of(&Tensor::ones([1, 1, 1, 1], (Kind::Float, Device::Cpu))).unwrap();
        let x = Tensor::ones([1, 1, 2, 2], (Kind::Float, Device::Cpu)).set_requires_grad(true);
        Kernel::shared(shared, 0, 1).convolve(&x, None, Then::Nothing).sum(Kind::Float).backward();
        assert_eq!(x.grad().sum(Kind::Float).double_value(&[]), 4.0);
    }
}
