//! Muon for matrices and kernels, AdamW for everything else.
//!
//! Muon (Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024) replaces the
//! momentum of a matrix by the nearest orthogonal one; the factor 0.2 sqrt(max(m, n)) makes its steps as
//! large as AdamW's (Liu et al., "Muon is Scalable for LLM Training", 2025), so both share one rate.

use crate::cores::cores;
use std::collections::BTreeMap;
use std::thread;
use tch::{Kind, Tensor, nn, no_grad};

const MOMENTUM: f64 = 0.95;
const BETAS: (f64, f64) = (0.9, 0.99);
/// Matrices with a side shorter than this have no directions worth making equal.
const NARROW: i64 = 16;

/// Both kinds of variables of one store, with their momenta. Nothing of it outlives a run.
pub struct Optimizer {
    /// One share for each core.
    matrices: Vec<Vec<Matrix>>,
    rest: Vec<Adam>,
    /// Weight decay, a share of the rate.
    decay: f64,
    step: i32,
}

struct Matrix {
    variable: Tensor,
    momentum: Tensor,
}

struct Adam {
    variable: Tensor,
    mean: Tensor,
    square: Tensor,
}

impl Optimizer {
    pub fn new(store: &nn::VarStore, decay: f64) -> Self {
        let variables: BTreeMap<_, _> = store.variables().into_iter().collect();
        let (mut matrices, mut rest) = (Vec::new(), Vec::new());
        for (name, variable) in variables {
            let zeros = || variable.detach().zeros_like();
            if is_matrix(&name, &variable) {
                matrices.push(Matrix { momentum: zeros(), variable });
            } else {
                rest.push(Adam { mean: zeros(), square: zeros(), variable });
            }
        }
        matrices.sort_by_key(|matrix| matrix.cost());
        let mut shares: Vec<Vec<Matrix>> = (0..cores()).map(|_| Vec::new()).collect();
        let count = shares.len();
        matrices.into_iter().enumerate().for_each(|(at, matrix)| shares[at % count].push(matrix));
        Self { matrices: shares, rest, decay, step: 0 }
    }

    /// One step at `rate` along the gradients, whose norm is first cut to 1; clears them.
    pub fn step(&mut self, rate: f64) {
        self.step += 1;
        let scale = no_grad(|| self.clip());
        let (decay, step) = (self.decay, self.step);
        thread::scope(|scope| {
            for share in &mut self.matrices {
                scope.spawn(move || {
                    tch::set_num_threads(1);
                    no_grad(|| share.iter_mut().for_each(|matrix| matrix.step(rate, decay, scale)));
                });
            }
            no_grad(|| self.rest.iter_mut().for_each(|adam| adam.step(rate, decay, scale, step)));
        });
    }

    /// What brings the norm of all gradients down to 1.
    fn clip(&self) -> f64 {
        let matrices = self.matrices.iter().flatten().map(|matrix| &matrix.variable);
        let gradients = matrices.chain(self.rest.iter().map(|adam| &adam.variable)).map(Tensor::grad);
        let squares: Vec<Tensor> =
            gradients.filter(Tensor::defined).map(|gradient| gradient.square().sum(Kind::Float)).collect();
        let norm = Tensor::stack(&squares, 0).sum(Kind::Float).sqrt().double_value(&[]);
        (1.0 / (norm + 1e-6)).min(1.0)
    }
}

/// Embeddings are tables of rows, not maps.
fn is_matrix(name: &str, variable: &Tensor) -> bool {
    variable.dim() >= 2 && sides(variable).0 >= NARROW && !name.contains("embedding.weight")
}

/// The shorter and the longer side of a variable as a matrix of outputs and inputs.
fn sides(variable: &Tensor) -> (i64, i64) {
    let outputs = variable.size()[0];
    let inputs = variable.numel() as i64 / outputs.max(1);
    (outputs.min(inputs), outputs.max(inputs))
}

/// Takes the gradient of a variable, so that the next pass starts from nothing.
fn take_gradient(variable: &mut Tensor, scale: f64) -> Option<Tensor> {
    let gradient = variable.grad();
    let taken = gradient.defined().then(|| gradient * scale);
    variable.zero_grad();
    taken
}

impl Matrix {
    fn cost(&self) -> i64 {
        let (short, long) = sides(&self.variable);
        short * short * long
    }

    fn step(&mut self, rate: f64, decay: f64, scale: f64) {
        let Some(gradient) = take_gradient(&mut self.variable, scale) else { return };
        let _ = self.momentum.lerp_(&gradient, 1.0 - MOMENTUM);
        let ahead = gradient.lerp(&self.momentum, MOMENTUM);
        let size = self.variable.size();
        let direction = orthogonal(&ahead.reshape([size[0], -1])).reshape(size.as_slice());
        let length = 0.2 * (sides(&self.variable).1 as f64).sqrt();
        let _ = self.variable.g_mul_scalar_(1.0 - rate * decay);
        let _ = self.variable.g_sub_(&(direction * (rate * length)));
    }
}

/// Five Newton-Schulz steps of the fifth degree: singular values end between 0.7 and 1.2.
fn orthogonal(matrix: &Tensor) -> Tensor {
    let wide = matrix.size()[0] <= matrix.size()[1];
    let mut x = if wide { matrix.shallow_clone() } else { matrix.transpose(0, 1) };
    x = (&x / (x.norm() + 1e-7)).to_kind(Kind::BFloat16);
    for _ in 0..5 {
        let square = x.matmul(&x.transpose(0, 1));
        let bent = &square * -4.7750 + square.matmul(&square) * 2.0315;
        x = &x * 3.4445 + bent.matmul(&x);
    }
    let x = x.to_kind(Kind::Float);
    if wide { x } else { x.transpose(0, 1) }
}

impl Adam {
    fn step(&mut self, rate: f64, decay: f64, scale: f64, step: i32) {
        let Some(gradient) = take_gradient(&mut self.variable, scale) else { return };
        let _ = self.mean.lerp_(&gradient, 1.0 - BETAS.0);
        let _ = self.square.lerp_(&gradient.square(), 1.0 - BETAS.1);
        let (mean, square) = (1.0 - BETAS.0.powi(step), 1.0 - BETAS.1.powi(step));
        let direction = (&self.mean / mean) / ((&self.square / square).sqrt() + 1e-8);
        let _ = self.variable.g_mul_scalar_(1.0 - rate * decay);
        let _ = self.variable.g_sub_(&(direction * rate));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    #[test]
    fn a_direction_has_singular_values_near_one() {
        for shape in [[24, 60], [60, 24]] {
            let made = orthogonal(&Tensor::randn(shape, (Kind::Float, Device::Cpu)));
            let values = made.svd(true, false).1;
            assert_eq!(made.size(), shape);
            assert!(values.min().double_value(&[]) > 0.5, "{values:?}");
            assert!(values.max().double_value(&[]) < 1.4, "{values:?}");
        }
    }

    /// A linear map and its bias are found again from what they do.
    #[test]
    fn a_map_is_learned_from_examples() {
        tch::manual_seed(1);
        let store = nn::VarStore::new(Device::Cpu);
        let weight = store.root().randn("weight", &[32, 32], 0.0, 0.1);
        let bias = store.root().zeros("bias", &[32]);
        let truth = Tensor::randn([32, 32], (Kind::Float, Device::Cpu)) * 0.1;
        let mut optimizer = Optimizer::new(&store, 0.0);
        assert_eq!((optimizer.matrices.iter().flatten().count(), optimizer.rest.len()), (1, 1));
        let mut last = f64::MAX;
        for step in 0..300 {
            let x = Tensor::randn([64, 32], (Kind::Float, Device::Cpu));
            let error = (x.matmul(&weight) + &bias - x.matmul(&truth) - 0.5).square().mean(Kind::Float);
            error.backward();
            optimizer.step(0.03 * (1.0 - f64::from(step) / 300.0));
            last = error.double_value(&[]);
        }
        assert!(last < 1e-3, "{last}");
        assert!(!weight.grad().defined() || weight.grad().abs().sum(Kind::Float).double_value(&[]) == 0.0);
    }
}
