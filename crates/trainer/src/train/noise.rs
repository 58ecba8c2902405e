//! The noise schedule that the model is trained and sampled with.

use super::device::device;
use tch::{Kind, Tensor};

pub const TIMESTEPS: i64 = 1000;

/// Cumulative products of alpha for "scaled_linear" betas from 0.00085 to 0.012, rescaled to zero
/// terminal SNR (Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023).
pub fn alphas_cumprod() -> Vec<f64> {
    let (low, high) = (0.00085_f64.sqrt(), 0.012_f64.sqrt());
    let mut product = 1.0;
    let roots: Vec<f64> = (0..TIMESTEPS)
        .map(|t| {
            let beta = (low + (high - low) * t as f64 / (TIMESTEPS - 1) as f64).powi(2);
            product *= 1.0 - beta;
            product.sqrt()
        })
        .collect();
    let (first, last) = (roots[0], roots[roots.len() - 1]);
    roots.iter().map(|root| ((root - last) * first / (first - last)).powi(2)).collect()
}

/// Weights of the squared error of v: min-SNR-5 (Hang et al. 2023), but never below `FLOOR`, since
/// it vanishes at zero SNR, where the composition is decided.
pub fn v_weights(alphas: &[f64]) -> Vec<f64> {
    const GAMMA: f64 = 5.0;
    const FLOOR: f64 = 0.3;
    alphas
        .iter()
        .map(|alpha| {
            let snr = alpha / (1.0 - alpha).max(1e-9);
            (snr.min(GAMMA) / (snr + 1.0)).max(FLOOR)
        })
        .collect()
}

/// Clean latents, noise and the square roots at each sample's time to (noisy latents, v).
pub fn diffuse(clean: &Tensor, noise: &Tensor, alphas: &Tensor) -> (Tensor, Tensor) {
    let signal = alphas.sqrt().view([-1, 1, 1, 1]);
    let spread = (alphas.ones_like() - alphas).clamp_min(0.0).sqrt().view([-1, 1, 1, 1]);
    (&signal * clean + &spread * noise, &signal * noise - &spread * clean)
}

/// Tables as tensors where training computes, for indexing by time.
pub fn table(values: &[f64]) -> Tensor {
    Tensor::from_slice(values).to_kind(Kind::Float).to_device(device())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_step_is_pure_noise_and_the_first_nearly_clean() {
        let alphas = alphas_cumprod();
        assert_eq!(alphas.len(), 1000);
        assert!(alphas[999].abs() < 1e-12, "{}", alphas[999]);
        assert!((alphas[0] - 0.99915).abs() < 1e-9, "{}", alphas[0]);
        assert!(alphas.windows(2).all(|pair| pair[1] < pair[0]));
    }

    #[test]
    fn v_at_pure_noise_is_the_clean_picture_negated() {
        let clean = Tensor::randn([2, 4, 3, 3], (Kind::Float, tch::Device::Cpu));
        let noise = Tensor::randn([2, 4, 3, 3], (Kind::Float, tch::Device::Cpu));
        let (noisy, v) = diffuse(&clean, &noise, &Tensor::zeros([2], (Kind::Float, tch::Device::Cpu)));
        assert!(noisy.allclose(&noise, 1e-6, 1e-6, false));
        assert!(v.allclose(&-clean, 1e-6, 1e-6, false));
    }
}
