//! Attention on a processor; `attention.cpp` says how.

use crate::{CTensor, Error, made};
use std::ffi::{c_char, c_int};
use tch::Tensor;

unsafe extern "C" {
    fn pentimento_attend(
        made: *mut *mut CTensor,
        q: *const CTensor,
        k: *const CTensor,
        v: *const CTensor,
        heads: i64,
        why: *mut c_char,
        room: usize,
    ) -> c_int;
}

/// What queries [B, N, C] gather from keys and values [B, M, C], in so many heads; float32 or bfloat16, without a mask
/// and without gradients.
///
/// # Errors
/// If this processor has no such kernels, or the shapes or kinds do not fit.
pub fn attend(query: &Tensor, key: &Tensor, value: &Tensor, heads: i64) -> Result<Tensor, Error> {
    let [q, k, v] = [query, key, value].map(|tensor| tensor.as_ptr().cast());
    // SAFETY: the tensors outlive the call, which makes one of its own.
    unsafe { made(|made, why, room| pentimento_attend(made, q, k, v, heads, why, room)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    fn random(shape: [i64; 3], kind: Kind) -> Tensor {
        Tensor::randn(shape, (Kind::Float, Device::Cpu)).to_kind(kind)
    }

    fn split(x: &Tensor, heads: i64) -> Tensor {
        let (batch, tokens, channels) = x.size3().unwrap();
        x.view([batch, tokens, heads, channels / heads]).transpose(1, 2)
    }

    /// As it is written down, in float64.
    fn exact(query: &Tensor, key: &Tensor, value: &Tensor, heads: i64) -> Tensor {
        let split = |x: &Tensor| split(&x.to_kind(Kind::Double), heads);
        let width = (query.size()[2] / heads) as f64;
        let scores = split(query).matmul(&split(key).transpose(2, 3)) / width.sqrt();
        scores.softmax(-1, Kind::Double).matmul(&split(value)).transpose(1, 2).reshape(query.size())
    }

    fn decibels(made: &Tensor, exact: &Tensor) -> f64 {
        let power = |x: &Tensor| x.square().mean(Kind::Double).double_value(&[]);
        10.0 * (power(exact) / power(&(made.to_kind(Kind::Double) - exact))).log10()
    }

    fn libtorchs(query: &Tensor, key: &Tensor, value: &Tensor, heads: i64) -> Tensor {
        let [q, k, v] = [query, key, value].map(|x| split(x, heads));
        let mixed =
            Tensor::scaled_dot_product_attention(&q, &k, &v, None::<&Tensor>, 0.0, false, None, false);
        mixed.transpose(1, 2).reshape(query.size())
    }

    #[test]
    fn every_shape_is_as_exact_as_libtorchs_own() {
        for kind in [Kind::Float, Kind::BFloat16] {
            for (batch, rows, keys, heads, width) in [
                (1, 64, 64, 4, 32),
                (2, 100, 77, 2, 40),
                (1, 65, 1300, 3, 8),
                (1, 1, 1, 1, 2),
                (2, 16, 513, 1, 160),
            ] {
                let channels = heads * width;
                let query = random([batch, rows, channels], kind) * 3.0;
                let [key, value] = [(); 2].map(|()| random([batch, keys, channels], kind));
                let made = attend(&query, &key, &value, heads).expect("oneDNN has kernels for it");
                let exact = exact(&query, &key, &value, heads);
                let theirs = decibels(&libtorchs(&query, &key, &value, heads), &exact);
                let found = decibels(&made, &exact);
                let what = format!("{kind:?} {rows}x{keys}, {heads} heads of {width}");
                assert!(found > theirs.min(140.0) - 3.0, "{what}: {found:.1} dB, libtorch's {theirs:.1}");
            }
        }
    }

    #[test]
    fn scores_that_grow_from_key_to_key_are_corrected() {
        let key =
            Tensor::arange(2000, (Kind::Float, Device::Cpu)).view([1, 2000, 1]).repeat([1, 1, 2]) / 20.0;
        let (query, value) =
            (Tensor::ones([1, 3, 2], (Kind::Float, Device::Cpu)), random([1, 2000, 2], Kind::Float));
        let made = attend(&query, &key, &value, 1).expect("oneDNN has kernels for it");
        assert!(decibels(&made, &exact(&query, &key, &value, 1)) > 110.0);
    }

    #[test]
    fn what_is_no_number_stays_none() {
        let key = random([1, 8, 4], Kind::Float);
        let query = &key * f64::NAN;
        let made = attend(&query, &key, &key, 1).expect("oneDNN has kernels for it");
        assert_eq!(made.isnan().sum(Kind::Int64).int64_value(&[]), made.numel() as i64);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let (query, key) = (random([1, 4, 8], Kind::Float), random([1, 4, 6], Kind::Float));
        assert!(attend(&query, &key, &key, 1).is_err());
        assert!(attend(&query, &query.to_kind(Kind::BFloat16), &query, 1).is_err());
        assert!(attend(&key, &key, &key, 2).is_err(), "heads of an odd width");
    }
}
