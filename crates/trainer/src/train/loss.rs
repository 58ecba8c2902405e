//! What a reproduction is judged by.

use tch::{Kind, Reduction, Tensor};

/// L1 over pixels, over their horizontal and vertical differences, and over the pictures at a half
/// and a quarter of their size. [B, 3, H, W] both; H and W multiples of 4.
///
/// No pretrained perceptual network is to be had; differences reward edges, small sizes reward tone.
pub fn reproduction(made: &Tensor, truth: &Tensor) -> Tensor {
    let mut total = l1(made, truth) + edges(made, truth);
    let (mut made, mut truth) = (made.shallow_clone(), truth.shallow_clone());
    for _ in 0..2 {
        made = half(&made);
        truth = half(&truth);
        total = total + l1(&made, &truth) * 0.5;
    }
    total
}

fn l1(a: &Tensor, b: &Tensor) -> Tensor {
    a.l1_loss(b, Reduction::Mean)
}

fn edges(made: &Tensor, truth: &Tensor) -> Tensor {
    let step = |x: &Tensor, dim| {
        let length = x.size()[dim as usize] - 1;
        x.narrow(dim, 1, length) - x.narrow(dim, 0, length)
    };
    l1(&step(made, 2), &step(truth, 2)) + l1(&step(made, 3), &step(truth, 3))
}

fn half(x: &Tensor) -> Tensor {
    x.avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None)
}

/// Peak signal-to-noise ratio in dB of pictures in -1..1, clamped as they are shown.
pub fn psnr(made: &Tensor, truth: &Tensor) -> f64 {
    let error = (made.clamp(-1.0, 1.0) - truth).to_kind(Kind::Float).square().mean(Kind::Float);
    10.0 * (4.0 / error.double_value(&[]).max(1e-12)).log10()
}
