//! What suits a machine is found by trying.

use crate::error::caught;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tch::{Device, Kind, Tensor, no_grad};

/// A cheaper kind has to be this much faster to be worth its rounding: near a tie, two starts on one machine
/// would give different pictures.
pub(super) const WORTH: f64 = 1.25;

/// The kind that is cheaper than float32: a GPU's half precision, which has more digits, or that of processors,
/// which has float32's range.
pub(super) fn cheaper(device: Device) -> Kind {
    if device.is_cuda() { Kind::Half } else { Kind::BFloat16 }
}

/// In what kind large networks are fastest here: `Half` on a GPU, `BFloat16` on a processor that computes with it,
/// else `Float`. A processor is tried for a moment, once, so that all parts of a model get the same answer.
pub fn suited_kind(device: Device) -> Kind {
    static PROCESSOR: OnceLock<Kind> = OnceLock::new();
    if device.is_cuda() { cheaper(device) } else { *PROCESSOR.get_or_init(try_processor) }
}

fn try_processor() -> Kind {
    let device = Device::Cpu;
    let time = |kind: Kind| {
        let made = |shape: &[i64]| Tensor::zeros(shape, (kind, device));
        let (picture, kernel) = (made(&[1, 320, 32, 32]), made(&[320, 320, 3, 3]));
        let (tokens, matrix) = (made(&[1024, 320]), made(&[2560, 320]));
        quickest(|| {
            let _ = picture.conv2d::<Tensor>(&kernel, None, [1, 1], [1, 1], [1, 1], 1);
            let _ = tokens.linear::<Tensor>(&matrix, None);
        })
    };
    // What this processor lacks is no reason to fail.
    match caught(|| (time(Kind::Float), time(Kind::BFloat16))) {
        Ok((float, cheap)) if cheap.mul_f64(WORTH) <= float => Kind::BFloat16,
        _ => Kind::Float,
    }
}

/// The shortest of three times, after one to warm up.
pub(super) fn quickest(work: impl Fn()) -> Duration {
    let time = || {
        let begun = Instant::now();
        no_grad(&work);
        begun.elapsed()
    };
    time();
    [time(), time(), time()].into_iter().min().unwrap_or_default()
}
