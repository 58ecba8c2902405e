//! Convolutions on a processor whose weights lie in the order that oneDNN computes in. libtorch's own reorder them in
//! each call, which takes longer than the convolution itself where pictures are small and channels many.

use crate::{CTensor, Error, made};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use tch::Tensor;

unsafe extern "C" {
    fn pentimento_pack(
        made: *mut *mut CTensor,
        weight: *const CTensor,
        padding: i64,
        stride: i64,
        input: *const i64,
        why: *mut c_char,
        room: usize,
    ) -> c_int;
    fn pentimento_packed_conv2d(
        made: *mut *mut CTensor,
        x: *const CTensor,
        weight: *const CTensor,
        bias: *const CTensor,
        padding: i64,
        stride: i64,
        then: *const c_char,
        why: *mut c_char,
        room: usize,
    ) -> c_int;
}

/// What is done to each value of the result, in the same go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    Nothing,
    Relu,
}

impl Then {
    fn name(self) -> &'static CStr {
        match self {
            Self::Nothing => c"none",
            Self::Relu => c"relu",
        }
    }
}

/// Weights [O, I, k, k] in the order that is fastest for an input of size `input` [B, I, H, W]. `Tensor::to_dense`
/// gives them back, to the bit.
///
/// # Errors
/// If this processor or this libtorch has no such convolution of their kind.
pub fn pack(weight: &Tensor, padding: i64, stride: i64, input: &[i64; 4]) -> Result<Tensor, Error> {
    // SAFETY: the tensors and the four sizes outlive the call, which makes a tensor of its own.
    unsafe {
        made(|made, why, room| {
            pentimento_pack(made, weight.as_ptr().cast(), padding, stride, input.as_ptr(), why, room)
        })
    }
}

/// `x` [B, I, H, W] convolved with packed weights; what it gives has channels innermost. It knows nothing of gradients.
///
/// # Errors
/// If the shapes or kinds do not fit.
pub fn conv2d(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    padding: i64,
    stride: i64,
    then: Then,
) -> Result<Tensor, Error> {
    let bias = bias.map_or(ptr::null(), |bias| bias.as_ptr().cast());
    let ([x, weight], then) = ([x, weight].map(|tensor| tensor.as_ptr().cast()), then.name().as_ptr());
    // SAFETY: the tensors and the name outlive the call, which makes a tensor of its own.
    unsafe {
        made(|made, why, room| {
            pentimento_packed_conv2d(made, x, weight, bias, padding, stride, then, why, room)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn packed_weights_convolve_as_plain_ones_do() {
        let random = |shape: &[i64]| Tensor::randn(shape, (Kind::Float, Device::Cpu));
        for (input, output, kernel, stride) in [(8, 48, 3, 1), (48, 48, 3, 2), (20, 7, 1, 1)] {
            let (x, bias) = (random(&[2, input, 16, 12]), random(&[output]));
            let weight = random(&[output, input, kernel, kernel]);
            let packed =
                pack(&weight, kernel / 2, stride, &[2, input, 16, 12]).expect("oneDNN computes in float32");
            assert!(packed.to_dense(None, false).equal(&weight), "they come back to the bit");
            let (stride, padding) = ([stride; 2], [kernel / 2; 2]);
            let plain = x.conv2d(&weight, Some(&bias), stride, padding, [1, 1], 1);
            for (then, plain) in [(Then::Nothing, plain.shallow_clone()), (Then::Relu, plain.relu())] {
                let made = conv2d(&x, &packed, Some(&bias), kernel / 2, stride[0], then).expect("it fits");
                assert!(made.allclose(&plain, 1e-4, 1e-4, false));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let weight = Tensor::zeros([4, 4, 3, 3], (Kind::Float, Device::Cpu));
        let packed = pack(&weight, 1, 1, &[1, 4, 8, 8]).expect("oneDNN computes in float32");
        let x = Tensor::zeros([1, 5, 8, 8], (Kind::Float, Device::Cpu));
        assert!(conv2d(&x, &packed, None, 1, 1, Then::Nothing).is_err());
        assert!(pack(&weight.to_kind(Kind::Int64), 1, 1, &[1, 4, 8, 8]).is_err());
    }
}
