//! Half precision to bfloat16; `half.cpp` says how. libtorch's own takes numbers one by one.

use crate::{CTensor, Error, made};
use std::ffi::{c_char, c_int};
use tch::Tensor;

unsafe extern "C" {
    fn pentimento_half_to_bfloat16(
        made: *mut *mut CTensor,
        x: *const CTensor,
        why: *mut c_char,
        room: usize,
    ) -> c_int;
}

/// The same numbers as bfloat16, to the nearest, ties to even; without gradients.
///
/// # Errors
/// If `x` is of another kind, not contiguous, or on a GPU.
pub fn to_bfloat16(x: &Tensor) -> Result<Tensor, Error> {
    let x = x.as_ptr().cast();
    // SAFETY: the tensor outlives the call, which makes one of its own.
    unsafe { made(|made, why, room| pentimento_half_to_bfloat16(made, x, why, room)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn every_number_is_what_libtorch_makes_of_it() {
        let all = Tensor::arange(1 << 16, (Kind::Int, Device::Cpu)).to_kind(Kind::Int16);
        // Several times, so that threads share the work.
        let halves = all.view_dtype(Kind::Half).repeat([3]);
        for skipped in [0, 1, 15] {
            let halves = halves.narrow(0, skipped, halves.size()[0] - skipped).contiguous();
            let made = to_bfloat16(&halves).unwrap();
            let (nan, theirs) = (halves.isnan(), halves.to_kind(Kind::BFloat16));
            assert!(made.isnan().equal(&nan));
            let bits = |x: &Tensor| x.where_self(&nan.logical_not(), &x.zeros_like()).view_dtype(Kind::Int16);
            assert!(bits(&made).equal(&bits(&theirs)));
        }
    }

    #[test]
    fn shapes_are_kept_and_other_kinds_refused() {
        let x = Tensor::randn([3, 5, 2], (Kind::Float, Device::Cpu)).to_kind(Kind::Half);
        assert_eq!(to_bfloat16(&x).unwrap().size(), [3, 5, 2]);
        assert_eq!(to_bfloat16(&x.narrow(0, 0, 0)).unwrap().size(), [0, 5, 2]);
        assert!(to_bfloat16(&x.to_kind(Kind::Float)).is_err());
        assert!(to_bfloat16(&x.transpose(0, 1)).is_err());
    }
}
