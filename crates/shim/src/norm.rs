//! Group normalisation on a processor; `norm.cpp` says how. libtorch's own takes few positions one by one where channels
//! are innermost, and SiLU takes as long again.

use crate::{CTensor, Error, made};
use std::ffi::{c_char, c_int};
use tch::Tensor;

unsafe extern "C" {
    fn pentimento_group_norm(
        made: *mut *mut CTensor,
        x: *const CTensor,
        groups: i64,
        weight: *const CTensor,
        bias: *const CTensor,
        eps: f64,
        silu: c_int,
        why: *mut c_char,
        room: usize,
    ) -> c_int;
}

/// Channels have to be a multiple of this.
pub const LANES: i64 = 16;

/// `x` [B, C, H, W] with channels innermost, float32 or bfloat16, normalised in groups, weighed, and if `silu` multiplied
/// by its sigmoid; without gradients. Weights [C] are of its kind.
///
/// # Errors
/// If channels are not innermost or no multiple of 16, or shapes or kinds do not fit.
pub fn group_norm(
    x: &Tensor,
    groups: i64,
    (weight, bias): (&Tensor, &Tensor),
    eps: f64,
    silu: bool,
) -> Result<Tensor, Error> {
    let [x, weight, bias] = [x, weight, bias].map(|tensor| tensor.as_ptr().cast());
    // SAFETY: the tensors outlive the call, which makes one of its own.
    unsafe {
        made(|made, why, room| {
            pentimento_group_norm(made, x, groups, weight, bias, eps, silu.into(), why, room)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    #[test]
    fn every_shape_is_normalised_as_libtorch_does() {
        for (kind, most) in [(Kind::Float, 2e-5), (Kind::BFloat16, 0.06)] {
            for (batch, channels, height, width, groups) in [
                (1, 48, 32, 32, 16),
                (2, 80, 16, 12, 16),
                (1, 32, 1, 1, 4),
                (3, 160, 5, 7, 32),
                (1, 16, 40, 64, 1),
            ] {
                let random = |shape: &[i64]| Tensor::randn(shape, (Kind::Float, Device::Cpu)).to_kind(kind);
                let x = (random(&[batch, height, width, channels]) * 3.0 + 5.0).permute([0, 3, 1, 2]);
                let (weight, bias) = (random(&[channels]), random(&[channels]));
                let wide = |x: &Tensor| x.to_kind(Kind::Double);
                let plain =
                    wide(&x).group_norm(groups, Some(&wide(&weight)), Some(&wide(&bias)), 1e-5, false);
                for (silu, plain) in [(false, plain.shallow_clone()), (true, plain.silu())] {
                    let made = group_norm(&x, groups, (&weight, &bias), 1e-5, silu).expect("it fits");
                    assert_eq!(made.stride(), x.stride(), "channels stay innermost");
                    let off = (wide(&made) - plain).abs().max().double_value(&[]);
                    assert!(
                        off < most,
                        "{kind:?} {channels} channels in {groups} groups, silu {silu}: {off}"
                    );
                }
            }
        }
    }

    #[test]
    fn flat_areas_are_summed_up_exactly() {
        let flat = |value: f64| {
            Tensor::full([1, 512, 512, 16], value, (Kind::Float, Device::Cpu)).permute([0, 3, 1, 2])
        };
        let x = flat(0.9) + flat(1e-3) * Tensor::randn([512, 1], (Kind::Float, Device::Cpu));
        let (weight, bias) =
            (Tensor::ones([16], (Kind::Float, Device::Cpu)), Tensor::zeros([16], (Kind::Float, Device::Cpu)));
        let made = group_norm(&x, 1, (&weight, &bias), 1e-5, false).expect("it fits");
        let wide = |x: &Tensor| x.to_kind(Kind::Double);
        let plain = wide(&x).group_norm(1, Some(&wide(&weight)), Some(&wide(&bias)), 1e-5, false);
        let off = (wide(&made) - plain).abs().max().double_value(&[]);
        assert!(off < 1e-3, "{off}");
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let made = |channels: i64, groups: i64, weights: i64| {
            let x = Tensor::zeros([1, 4, 4, channels], (Kind::Float, Device::Cpu)).permute([0, 3, 1, 2]);
            let weight = Tensor::zeros([weights], (Kind::Float, Device::Cpu));
            group_norm(&x, groups, (&weight, &weight), 1e-5, false)
        };
        assert!(made(32, 8, 32).is_ok());
        for (channels, groups, weights) in [(24, 8, 24), (32, 5, 32), (32, 8, 16), (32, 0, 32)] {
            assert!(made(channels, groups, weights).is_err(), "{channels} channels in {groups} groups");
        }
        let planes = Tensor::zeros([1, 32, 4, 4], (Kind::Float, Device::Cpu));
        let weight = Tensor::zeros([32], (Kind::Float, Device::Cpu));
        assert!(group_norm(&planes, 8, (&weight, &weight), 1e-5, false).is_err());
    }
}
