//! Muon for matrices and kernels, AdamW for everything else.
//!
//! Muon (Jordan et al., "Muon: An optimizer for hidden layers in neural networks", 2024) replaces the
//! momentum of a matrix by the nearest orthogonal one; the factor 0.2 sqrt(max(m, n)) makes its steps as
//! large as AdamW's (Liu et al., "Muon is Scalable for LLM Training", 2025), so both share one rate.

use super::device::shares;
use super::mixed::flattened;
use std::collections::BTreeMap;
use std::thread;
use tch::{Kind, Tensor, nn, no_grad};

const MOMENTUM: f64 = 0.95;
const BETAS: (f64, f64) = (0.9, 0.99);
/// Matrices with a side shorter than this have no directions worth making equal.
const NARROW: i64 = 16;

/// Both kinds of variables of one store, with their momenta. Nothing of it outlives a run.
pub struct Optimizer {
    variables: BTreeMap<String, Tensor>,
    /// Of those variables that have a gradient when the first step is taken, as in every later one.
    parts: Option<Parts>,
    /// Weight decay, a share of the rate.
    decay: f64,
    step: i32,
}

struct Parts {
    /// One share for each core.
    matrices: Vec<Vec<Matrices>>,
    rest: Adam,
}

impl Optimizer {
    pub fn new(store: &nn::VarStore, decay: f64) -> Self {
        Self { variables: store.variables().into_iter().collect(), parts: None, decay, step: 0 }
    }

    /// One step at `rate` along the gradients, whose norm is first cut to 1; clears them.
    pub fn step(&mut self, rate: f64) {
        self.step += 1;
        let parts = self.parts.get_or_insert_with(|| no_grad(|| Parts::of(&self.variables)));
        let (decay, step) = (self.decay, self.step);
        let (gradients, rest) = no_grad(|| parts.clipped());
        thread::scope(|scope| {
            for (share, gradients) in parts.matrices.iter_mut().zip(gradients) {
                scope.spawn(move || {
                    tch::set_num_threads(1);
                    let pairs = share.iter_mut().zip(gradients);
                    no_grad(|| pairs.for_each(|(matrices, gradient)| matrices.step(&gradient, rate, decay)));
                });
            }
            no_grad(|| parts.rest.step(&rest, rate, decay, step));
        });
    }
}

impl Parts {
    fn of(variables: &BTreeMap<String, Tensor>) -> Self {
        let moving = variables.iter().filter(|(_, variable)| variable.grad().defined());
        let clone = |(_, variable): (&String, &Tensor)| variable.shallow_clone();
        let (matrices, rest): (Vec<_>, Vec<_>) =
            moving.partition(|(name, variable)| is_matrix(name, variable));
        let mut matrices: Vec<Tensor> = matrices.into_iter().map(clone).collect();
        matrices.sort_by_key(|matrix| (cost(matrix), matrix.size()));
        // A GPU would be done with one matrix long before the next is asked for.
        let together = |a: &Tensor, b: &Tensor| a.device().is_cuda() && a.size() == b.size();
        let groups: Vec<Matrices> = matrices.chunk_by(together).map(Matrices::new).collect();
        let count = shares(groups.len());
        let mut shares: Vec<Vec<Matrices>> = (0..count).map(|_| Vec::new()).collect();
        groups.into_iter().enumerate().for_each(|(at, group)| shares[at % count].push(group));
        Self { matrices: shares, rest: Adam::new(&rest.into_iter().map(clone).collect::<Vec<_>>()) }
    }

    /// The gradients of the matrices and of the rest, brought down to a norm of 1 where it is more; clears them.
    fn clipped(&mut self) -> (Vec<Vec<Tensor>>, Tensor) {
        let take = |share: &mut Vec<Matrices>| share.iter_mut().map(|group| group.flat.take()).collect();
        let matrices: Vec<Vec<Tensor>> = self.matrices.iter_mut().map(take).collect();
        let rest = self.rest.flat.take();
        let all = matrices.iter().flatten().chain([&rest]);
        let squares: Vec<Tensor> = all.map(|gradient| gradient.square().sum(Kind::Float)).collect();
        let norm = Tensor::stack(&squares, 0).sum(Kind::Float).sqrt();
        let scale = (norm + 1e-6).reciprocal().clamp_max(1.0);
        let scaled = |gradient: Tensor| gradient * &scale;
        let matrices = matrices.into_iter().map(|share| share.into_iter().map(scaled).collect()).collect();
        (matrices, scaled(rest))
    }
}

/// Variables whose values lie one after the other in memory, so that one operation changes all of them.
struct Flat {
    variables: Vec<Tensor>,
    /// [sum of their sizes]
    values: Tensor,
}

impl Flat {
    fn new(variables: &[Tensor]) -> Self {
        let values = flattened(variables.iter().map(Tensor::detach));
        let mut variables: Vec<Tensor> = variables.iter().map(Tensor::shallow_clone).collect();
        let mut at = 0;
        for variable in &mut variables {
            let count = variable.numel() as i64;
            variable.set_data(&values.narrow(0, at, count).view(variable.size().as_slice()));
            at += count;
        }
        Self { variables, values }
    }

    /// Their gradients in the same order, which are cleared.
    fn take(&mut self) -> Tensor {
        let taken = flattened(self.variables.iter().map(Tensor::grad));
        self.variables.iter_mut().for_each(Tensor::zero_grad);
        taken
    }

    fn go(&mut self, direction: &Tensor, length: f64, decay: f64) {
        let _ = self.values.g_mul_scalar_(1.0 - decay);
        let _ = self.values.g_sub_(&(direction * length));
    }
}

/// Matrices of one shape.
struct Matrices {
    flat: Flat,
    momentum: Tensor,
    /// [N, outputs, inputs]
    shape: [i64; 3],
}

impl Matrices {
    fn new(matrices: &[Tensor]) -> Self {
        let flat = Flat::new(matrices);
        let outputs = matrices[0].size()[0];
        let shape = [matrices.len() as i64, outputs, matrices[0].numel() as i64 / outputs];
        Self { momentum: flat.values.zeros_like(), flat, shape }
    }

    fn step(&mut self, gradient: &Tensor, rate: f64, decay: f64) {
        let _ = self.momentum.lerp_(gradient, 1.0 - MOMENTUM);
        let ahead = gradient.lerp(&self.momentum, MOMENTUM).view(self.shape);
        let length = 0.2 * (self.shape[1].max(self.shape[2]) as f64).sqrt();
        self.flat.go(&orthogonal(&ahead).flatten(0, -1), rate * length, rate * decay);
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

fn cost(variable: &Tensor) -> i64 {
    let (short, long) = sides(variable);
    short * short * long
}

/// Matrices [N, m, n] after five Newton-Schulz steps of the fifth degree: singular values end between 0.7 and
/// 1.2.
fn orthogonal(matrices: &Tensor) -> Tensor {
    let wide = matrices.size()[1] <= matrices.size()[2];
    let mut x = if wide { matrices.shallow_clone() } else { matrices.transpose(1, 2) };
    let norms = x.square().sum_dim_intlist([1, 2].as_slice(), true, Kind::Float).sqrt();
    x = (x / (norms + 1e-7)).to_kind(Kind::BFloat16);
    for _ in 0..5 {
        let square = x.matmul(&x.transpose(1, 2));
        let bent = &square * -4.7750 + square.matmul(&square) * 2.0315;
        x = &x * 3.4445 + bent.matmul(&x);
    }
    let x = x.to_kind(Kind::Float);
    if wide { x } else { x.transpose(1, 2) }
}

struct Adam {
    flat: Flat,
    mean: Tensor,
    square: Tensor,
}

impl Adam {
    fn new(variables: &[Tensor]) -> Self {
        let flat = Flat::new(variables);
        Self { mean: flat.values.zeros_like(), square: flat.values.zeros_like(), flat }
    }

    fn step(&mut self, gradient: &Tensor, rate: f64, decay: f64, step: i32) {
        let _ = self.mean.lerp_(gradient, 1.0 - BETAS.0);
        let _ = self.square.lerp_(&gradient.square(), 1.0 - BETAS.1);
        let (mean, square) = (1.0 - BETAS.0.powi(step), 1.0 - BETAS.1.powi(step));
        let direction = (&self.mean / mean) / ((&self.square / square).sqrt() + 1e-8);
        self.flat.go(&direction, rate, rate * decay);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    #[test]
    fn a_direction_has_singular_values_near_one() {
        for shape in [[3, 24, 60], [3, 60, 24]] {
            let made = orthogonal(
                &(Tensor::randn(shape, (Kind::Float, Device::Cpu))
                    * Tensor::from_slice(&[1.0_f32, 9.0, 0.1]).view([3, 1, 1])),
            );
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
        let mut last = f64::MAX;
        for step in 0..300 {
            let x = Tensor::randn([64, 32], (Kind::Float, Device::Cpu));
            let error = (x.matmul(&weight) + &bias - x.matmul(&truth) - 0.5).square().mean(Kind::Float);
            error.backward();
            optimizer.step(0.03 * (1.0 - f64::from(step) / 300.0));
            last = error.double_value(&[]);
        }
        assert!(last < 1e-3, "{last}");
        let parts = optimizer.parts.expect("steps were taken");
        assert_eq!((parts.matrices.iter().flatten().count(), parts.rest.flat.variables.len()), (1, 1));
        assert!(!weight.grad().defined() || weight.grad().abs().sum(Kind::Float).double_value(&[]) == 0.0);
    }
}
