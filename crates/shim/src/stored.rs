//! Numbers as they lie in a file, made a tensor in one go; `stored.cpp` says how. libtorch's own way takes those of half
//! precision one by one, copies with one thread, and does not look at what it copies.

use crate::{CTensor, Error, checked};
use std::ffi::{c_char, c_int};
use std::ptr;
use tch::{Kind, Tensor};

unsafe extern "C" {
    fn pentimento_stored(
        made: *mut *mut CTensor,
        from: *const u8,
        sizes: *const i64,
        dims: usize,
        stored: i8,
        wanted: i8,
        why: *mut c_char,
        room: usize,
    ) -> c_int;
}

/// The number that libtorch has for a kind that is converted here.
fn number_of(kind: Kind) -> Result<i8, Error> {
    match kind {
        Kind::Half => Ok(5),
        Kind::Float => Ok(6),
        Kind::BFloat16 => Ok(15),
        other => Err(Error(format!("{other:?} is not converted here"))),
    }
}

/// These numbers of the kind `stored` as a tensor of this shape in a processor's memory: as they are, or converted to the
/// nearest of the kind `wanted`, ties to even. None, if one of them is infinite or no number.
///
/// # Errors
/// If there are not as many as the shape says, or such a conversion is not built: all are between `Half`, `BFloat16` and
/// `Float`, and none leads to `Half`.
pub fn read(bytes: &[u8], shape: &[i64], stored: Kind, wanted: Kind) -> Result<Option<Tensor>, Error> {
    let [from, to] = [number_of(stored)?, number_of(wanted)?];
    let count = shape.iter().try_fold(1_usize, |count, &n| count.checked_mul(usize::try_from(n).ok()?));
    if count.and_then(|count| count.checked_mul(stored.elt_size_in_bytes())) != Some(bytes.len()) {
        return Err(Error(format!("{} bytes are no tensor of {shape:?}", bytes.len())));
    }
    let (from_bytes, sizes, dims) = (bytes.as_ptr(), shape.as_ptr(), shape.len());
    let mut made = ptr::null_mut();
    // SAFETY: the bytes are as many as the shape and the kind say, and outlive the call.
    checked(|why, room| unsafe {
        pentimento_stored(&mut made, from_bytes, sizes, dims, from, to, why, room)
    })?;
    // SAFETY: the tensor is new, so nobody else frees it.
    Ok((!made.is_null()).then(|| unsafe { Tensor::from_ptr(made.cast()) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    const CONVERSIONS: [(Kind, Kind); 7] = [
        (Kind::Half, Kind::Half),
        (Kind::Half, Kind::BFloat16),
        (Kind::Half, Kind::Float),
        (Kind::BFloat16, Kind::BFloat16),
        (Kind::BFloat16, Kind::Float),
        (Kind::Float, Kind::Float),
        (Kind::Float, Kind::BFloat16),
    ];

    fn bytes(x: &Tensor) -> Vec<u8> {
        let mut bytes = vec![0; x.numel() * x.kind().elt_size_in_bytes()];
        x.copy_data_u8(&mut bytes, x.numel());
        bytes
    }

    /// All finite numbers of two bytes, or many of four, several times, so that threads share the work.
    fn numbers(kind: Kind) -> Tensor {
        let all = Tensor::arange(1 << 16, (Kind::Int, Device::Cpu));
        let all = match kind {
            // Every sign and exponent, with all that decides how the last bits are rounded.
            Kind::Float => (&all * 65_536 + (&all * 40_503).remainder(65_536)).view_dtype(Kind::Float),
            _ => all.to_kind(Kind::Int16).view_dtype(kind),
        };
        all.masked_select(&all.isfinite()).repeat([3])
    }

    #[test]
    fn every_number_is_what_libtorch_makes_of_it() {
        for (stored, wanted) in CONVERSIONS {
            let all = numbers(stored);
            for skipped in [0, 1, 15] {
                let these = all.narrow(0, skipped, all.size()[0] - skipped).contiguous();
                let made = read(&bytes(&these), &these.size(), stored, wanted).unwrap().unwrap();
                let whole = if wanted == Kind::Float { Kind::Int } else { Kind::Int16 };
                let (ours, theirs) = (made.view_dtype(whole), these.to_kind(wanted).view_dtype(whole));
                assert!(ours.equal(&theirs), "{stored:?} to {wanted:?}");
            }
        }
    }

    #[test]
    fn one_that_is_no_number_is_found_wherever_it_is() {
        for (stored, wanted) in CONVERSIONS {
            for count in [1, 15, 16, 17, 200_003] {
                let fine = Tensor::full([count], 60_000.0, (stored, Device::Cpu));
                assert!(read(&bytes(&fine), &[count], stored, wanted).unwrap().is_some());
                for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                    for place in [0, count / 2, count - 1] {
                        let broken = fine.copy();
                        let _ = broken.narrow(0, place, 1).fill_(odd);
                        let read = read(&bytes(&broken), &[count], stored, wanted).unwrap();
                        assert!(read.is_none(), "{odd} at {place} of {count}, {stored:?} to {wanted:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn shapes_are_kept_numbers_may_lie_anywhere_and_other_kinds_and_counts_are_refused() {
        let x = Tensor::randn([3, 5, 2], (Kind::Float, Device::Cpu));
        let shifted = [&[0][..], &bytes(&x)].concat();
        assert!(read(&shifted[1..], &[3, 5, 2], Kind::Float, Kind::Float).unwrap().unwrap().equal(&x));
        assert_eq!(read(&[], &[0, 5], Kind::Half, Kind::Float).unwrap().unwrap().size(), [0, 5]);
        assert_eq!(read(&[0, 0], &[], Kind::Half, Kind::Half).unwrap().unwrap().dim(), 0);
        for (shape, stored, wanted) in [
            (&[3_i64, 5, 3][..], Kind::Float, Kind::Float),
            (&[-3, -10], Kind::Float, Kind::Float),
            (&[i64::MAX, 4], Kind::Float, Kind::Float),
            (&[3, 5, 2], Kind::Float, Kind::Half),
            (&[15], Kind::Int64, Kind::Float),
        ] {
            assert!(read(&bytes(&x), shape, stored, wanted).is_err(), "{shape:?}, {stored:?} to {wanted:?}");
        }
    }
}
