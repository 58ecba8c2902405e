//! Unit Gaussian noise that depends on the seed alone.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use tch::Tensor;

/// Noise of `shape` on the CPU as f32: ChaCha8 keyed by the seed, through Box and Muller's transform
/// (1958) in f64. No global generator is touched, so a picture is the same alone, in a batch and
/// beside other jobs, and on every machine up to the rounding of its `ln` and `cos`.
pub fn gaussian(seed: u64, shape: &[i64]) -> Tensor {
    let count = shape.iter().product::<i64>() as usize;
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    let mut values = Vec::with_capacity(count + 1);
    while values.len() < count {
        // In (0, 1], so that the logarithm is finite.
        let radius = (-2.0 * (1.0 - unit(&mut generator)).ln()).sqrt();
        let angle = std::f64::consts::TAU * unit(&mut generator);
        values.extend([(radius * angle.cos()) as f32, (radius * angle.sin()) as f32]);
    }
    Tensor::from_slice(&values[..count]).reshape(shape)
}

/// The noise of a run: each picture's depends on its own seed alone.
pub struct Noises {
    pub seeds: Vec<u64>,
    /// Of one picture.
    pub shape: Vec<i64>,
}

impl Noises {
    /// What the run begins with, [pictures, ...].
    pub fn first(&self) -> Tensor {
        self.stacked(|seed| gaussian(seed, &self.shape))
    }

    /// What comes in at step `index`, from 0.
    pub fn of_step(&self, index: usize) -> Tensor {
        // Far from the seeds that people choose, and another for each step (the golden ratio in 64 bits).
        let step = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(index as u64 + 1);
        self.stacked(|seed| gaussian(seed ^ step, &self.shape))
    }

    fn stacked(&self, one: impl Fn(u64) -> Tensor) -> Tensor {
        Tensor::stack(&self.seeds.iter().map(|&seed| one(seed)).collect::<Vec<_>>(), 0)
    }
}

/// Uniform in [0, 1) with 53 bits.
fn unit(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Kind;

    #[test]
    fn noise_is_unit_gaussian_and_repeats() {
        let noise = gaussian(7, &[4, 64, 64]);
        assert!(noise.mean(Kind::Float).double_value(&[]).abs() < 0.03);
        assert!((noise.std(true).double_value(&[]) - 1.0).abs() < 0.03);
        assert!(noise.equal(&gaussian(7, &[4, 64, 64])));
        assert!(!noise.equal(&gaussian(8, &[4, 64, 64])));
    }

    #[test]
    fn the_stream_never_changes() {
        let first: Vec<f32> = Vec::try_from(gaussian(1, &[3])).unwrap();
        for (have, want) in first.iter().zip(FIRST) {
            assert!((have - want).abs() < 1e-6, "{first:?}");
        }
    }

    #[test]
    fn each_step_has_noise_of_its_own_that_never_changes() {
        let noises = Noises { seeds: vec![1, 2], shape: vec![3] };
        assert!(noises.first().get(0).equal(&gaussian(1, &[3])));
        let [first, second] = [0, 1].map(|index| noises.of_step(index));
        assert!(!first.equal(&second) && !first.get(0).equal(&first.get(1)));
        assert!(second.get(1).equal(&gaussian(0x3C6E_F372_FE94_F82A ^ 2, &[3])));
    }

    /// What seed 1 begins with, so that pictures can be made again from their settings.
    const FIRST: [f32; 3] = [0.88815296, 0.49105835, 0.2580899];
}
