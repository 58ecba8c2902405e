//! The mode for tensors that nobody differentiates, which tch knows as `no_grad` alone: an operation is dispatched with
//! less ado.

use std::ffi::c_void;
use std::marker::PhantomData;

unsafe extern "C" {
    fn pentimento_inference_begin() -> *mut c_void;
    fn pentimento_inference_end(mode: *mut c_void);
}

/// The mode of one thread, until it is dropped. It stays on its thread.
struct Mode(*mut c_void, PhantomData<*const ()>);

impl Mode {
    fn begin() -> Self {
        // SAFETY: it is ended on the same thread, in the reverse order, since nobody else can hold one.
        Self(unsafe { pentimento_inference_begin() }, PhantomData)
    }
}

impl Drop for Mode {
    fn drop(&mut self) {
        // SAFETY: begun once, ended once.
        unsafe { pentimento_inference_end(self.0) }
    }
}

/// Works without gradients. What tensors are made here may be read everywhere, and changed in their place only here.
pub fn inferring<T>(work: impl FnOnce() -> T) -> T {
    let _mode = Mode::begin();
    work()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind, Tensor};

    #[test]
    fn what_is_made_while_inferring_has_no_gradient_and_may_be_read_afterwards() {
        let weight = Tensor::ones([2, 2], (Kind::Float, Device::Cpu)).set_requires_grad(true);
        let mut made = inferring(|| weight.matmul(&weight));
        assert!(!made.requires_grad());
        let sum = tch::no_grad(|| made.sum(Kind::Float));
        assert_eq!(sum.double_value(&[]), 8.0);
        assert!(made.f_zero_().is_err(), "it is changed in its place only there");
        assert!(weight.matmul(&weight).requires_grad(), "the mode has ended");
    }

    #[test]
    fn the_mode_ends_with_a_panic() {
        let caught = std::panic::catch_unwind(|| inferring(|| panic!("in the midst of it")));
        assert!(caught.is_err());
        let weight = Tensor::ones([1], (Kind::Float, Device::Cpu)).set_requires_grad(true);
        assert!((&weight + 1.0).requires_grad());
    }
}
