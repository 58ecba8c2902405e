//! How much of a batch the UNet takes at once: all of it where memory allows, else parts, one after the other.

use crate::error::{Interrupted, caught};
use crate::memory;
use crate::unet::UNetConfig;
use std::cell::Cell;
use tch::{Device, Kind, Tensor};

/// Numbers that are in memory at once for each number of the widest layer at full size: skips, and the gates of
/// transformers.
const AT_ONCE: u64 = 32;

/// Rows of a batch that one pass takes.
pub(super) struct Rows(Cell<i64>);

impl Rows {
    /// For latents [B, C, h, w].
    pub fn suited(unet: &UNetConfig, kind: Kind, latents: [i64; 4], device: Device) -> Self {
        let [_, _, height, width] = latents;
        let row = height * width * unet.block_out_channels[0];
        let bytes = row as u64 * kind.elt_size_in_bytes() as u64 * AT_ONCE;
        let most = memory::at_once(device) / bytes.max(1);
        Self(Cell::new(most.clamp(1, i64::MAX as u64) as i64))
    }

    #[cfg(test)]
    pub fn at_most(rows: i64) -> Self {
        Self(Cell::new(rows))
    }

    /// `pass` of `rows` rows, given the first and the count of each part; after `make_room` of fewer at once from
    /// then on, where memory was lacking.
    ///
    /// # Errors
    /// If not even one row fits, or `pass` fails for another reason.
    pub fn in_parts(
        &self,
        rows: i64,
        make_room: impl Fn(),
        pass: impl Fn(i64, i64) -> Result<Tensor, Interrupted>,
    ) -> Result<Result<Tensor, Interrupted>, String> {
        let mut made: Vec<Tensor> = Vec::new();
        let mut first = 0;
        while first < rows {
            let count = self.0.get().min(rows - first);
            match caught(|| pass(first, count)) {
                Ok(Ok(part)) => made.push(part),
                Ok(Err(Interrupted)) => return Ok(Err(Interrupted)),
                Err(why) if memory::was_lacking(&why) && count > 1 => {
                    self.0.set(count / 2);
                    make_room();
                    continue;
                }
                Err(why) => return Err(why),
            }
            first += count;
        }
        Ok(Ok(if made.len() == 1 { made.remove(0) } else { Tensor::cat(&made, 0) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch() -> Tensor {
        Tensor::arange(7, (Kind::Int64, Device::Cpu))
    }

    #[test]
    fn what_does_not_fit_is_made_in_parts_and_is_the_same() {
        let rows = Rows(Cell::new(i64::MAX));
        let tried = Cell::new(0);
        let pass = |first: i64, count: i64| {
            tried.set(tried.get() + 1);
            assert!(count <= 2, "CUDA out of memory. Tried to allocate 2.00 GiB");
            Ok(batch().narrow(0, first, count) * 2)
        };
        let made = rows.in_parts(7, || (), pass).unwrap().unwrap();
        assert!(made.equal(&(batch() * 2)));
        // 7, 3 and 1: and what fits is remembered.
        assert_eq!((rows.0.get(), tried.get()), (1, 9));
        let _ = rows.in_parts(7, || (), pass).unwrap().unwrap();
        assert_eq!(tried.get(), 16);
    }

    #[test]
    fn where_nothing_fits_it_says_what_to_do() {
        let rows = Rows(Cell::new(i64::MAX));
        let refuse = |_: i64, _: i64| -> Result<Tensor, Interrupted> {
            panic!("DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes")
        };
        let why = rows.in_parts(4, || (), refuse).unwrap_err();
        let said = crate::SampleError::failed(why).to_string();
        assert!(said.contains("choose a smaller one"), "{said}");
    }

    #[test]
    fn another_failure_is_no_reason_to_try_again() {
        let rows = Rows(Cell::new(i64::MAX));
        let fail = |_: i64, _: i64| -> Result<Tensor, Interrupted> { panic!("a broken operation") };
        assert_eq!(rows.in_parts(4, || (), fail).unwrap_err(), "a broken operation");
    }
}
