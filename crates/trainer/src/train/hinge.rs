//! The game between whoever makes samples and whoever tells them from true ones: the hinge (Lim and Ye,
//! "Geometric GAN", 2017). Scores are above 0 for true, a tensor of them for each way of looking.

use tch::{Kind, Tensor};

/// What whoever made the samples is to make less of.
pub fn doubt(made: &[Tensor]) -> Tensor {
    mean(made.iter().map(|score| -score))
}

/// What whoever judges is to make less of.
pub fn error(made: &[Tensor], truth: &[Tensor]) -> Tensor {
    let made = made.iter().map(|score| (score + 1.0).relu());
    let truth = truth.iter().map(|score| (-score + 1.0).relu());
    mean(made.chain(truth))
}

/// `loss` with a gradient at `made` that also follows `wish`, which counts `weight` times as much as what is
/// `taught`, so that the weight means the same from first to last.
pub fn wishing(loss: &Tensor, made: &Tensor, wish: &Tensor, taught: &Tensor, weight: f64) -> Tensor {
    let wish = wish * (taught.norm() / (wish.norm() + 1e-12)) * weight;
    let along = (made * wish).sum(Kind::Float);
    loss + &along - along.detach()
}

/// The mean of the means, however many places a way of looking has.
fn mean(parts: impl Iterator<Item = Tensor>) -> Tensor {
    let means: Vec<Tensor> = parts.map(|part| part.mean(Kind::Float)).collect();
    Tensor::stack(&means, 0).mean(Kind::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_turns_the_gradient_and_leaves_the_loss() {
        let made = Tensor::from_slice(&[3.0_f32, 4.0]).set_requires_grad(true);
        let taught = Tensor::from_slice(&[0.0_f32, 2.0]);
        let loss = (&made * &taught).sum(Kind::Float);
        let wishing = wishing(&loss, &made, &Tensor::from_slice(&[-10.0_f32, 0.0]), &taught, 0.5);
        assert!((wishing.double_value(&[]) - 8.0).abs() < 1e-6);
        wishing.backward();
        assert!(made.grad().allclose(&Tensor::from_slice(&[-1.0_f32, 2.0]), 1e-6, 1e-6, false));
    }
}
