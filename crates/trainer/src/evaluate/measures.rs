//! How near pictures are to other pictures.

use tch::{Kind, Tensor};

/// Fréchet distance between two sets of features [N, F], each taken for a normal distribution (Heusel et
/// al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", 2017).
pub fn frechet(a: &Tensor, b: &Tensor) -> f64 {
    let (mean_a, cov_a) = normal(a);
    let (mean_b, cov_b) = normal(b);
    let root = symmetric_root(&cov_a);
    let mixed = root.matmul(&cov_b).matmul(&root);
    let both = eigenvalues(&mixed).clamp_min(0.0).sqrt().sum(Kind::Double);
    let apart = (mean_a - mean_b).square().sum(Kind::Double);
    (apart + cov_a.trace() + cov_b.trace() - both * 2.0).double_value(&[])
}

fn normal(features: &Tensor) -> (Tensor, Tensor) {
    let x = features.to_kind(Kind::Double);
    let mean = x.mean_dim([0].as_slice(), false, Kind::Double);
    let off = &x - &mean;
    let covariance = off.transpose(0, 1).matmul(&off) / (x.size()[0] - 1) as f64;
    (mean, covariance)
}

fn symmetric_root(matrix: &Tensor) -> Tensor {
    let (values, vectors) = matrix.linalg_eigh("L");
    let roots = values.clamp_min(0.0).sqrt();
    (&vectors * roots.unsqueeze(0)).matmul(&vectors.transpose(0, 1))
}

fn eigenvalues(matrix: &Tensor) -> Tensor {
    // Symmetric but for rounding.
    ((matrix + matrix.transpose(0, 1)) * 0.5).linalg_eigh("L").0
}

/// Mean absolute difference of colours in -1..1 at an eighth of the size; [1, 3, H, W] both.
pub fn colour_distance(a: &Tensor, b: &Tensor) -> f64 {
    let small = |x: &Tensor| x.avg_pool2d([8, 8], [8, 8], [0, 0], false, true, None);
    (small(a) - small(b)).abs().mean(Kind::Float).double_value(&[])
}

/// Correlation of where edges are and how strong, at a quarter of the size; [1, 3, H, W] both.
pub fn edge_agreement(a: &Tensor, b: &Tensor) -> f64 {
    let (a, b) = (edges(a), edges(b));
    let (a, b) = (&a - a.mean(Kind::Float), &b - b.mean(Kind::Float));
    let norm = |x: &Tensor| x.square().sum(Kind::Float).sqrt().double_value(&[]);
    (&a * &b).sum(Kind::Float).double_value(&[]) / (norm(&a) * norm(&b)).max(1e-9)
}

fn edges(picture: &Tensor) -> Tensor {
    let weights = Tensor::from_slice(&[0.30_f32, 0.59, 0.11]).view([1, 3, 1, 1]);
    let light = (picture * weights).sum_dim_intlist([1].as_slice(), true, Kind::Float);
    let light = light.avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None);
    let step = |dim: i64| {
        let length = light.size()[dim as usize] - 1;
        let along = light.narrow(dim, 1, length) - light.narrow(dim, 0, length);
        let other = 5 - dim;
        along.narrow(other, 0, light.size()[other as usize] - 1)
    };
    let steepness = (step(2).square() + step(3).square()).sqrt();
    steepness.avg_pool2d([2, 2], [2, 2], [0, 0], true, true, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    #[test]
    fn the_distance_of_normal_distributions_is_what_the_formula_says() {
        tch::manual_seed(3);
        let a = Tensor::randn([20_000, 3], (Kind::Double, Device::Cpu));
        let b = Tensor::randn([20_000, 3], (Kind::Double, Device::Cpu)) * 2.0 + 1.0;
        // Means apart by 1 in each of 3 dimensions, standard deviations 1 and 2: 3 + 3 (1 + 4 - 2 * 2).
        assert!((frechet(&a, &b) - 6.0).abs() < 0.2, "{}", frechet(&a, &b));
        assert!(frechet(&a, &a).abs() < 1e-6);
    }

    #[test]
    fn edges_agree_with_themselves_and_not_with_others() {
        tch::manual_seed(4);
        let picture = || {
            Tensor::randn([1, 3, 8, 8], (Kind::Float, Device::Cpu)).upsample_nearest2d([64, 64], None, None)
        };
        let (a, b) = (picture(), picture());
        assert!((edge_agreement(&a, &a) - 1.0).abs() < 1e-5);
        assert!(edge_agreement(&a, &b) < 0.9);
        assert_eq!(colour_distance(&a, &a), 0.0);
    }
}
