//! Tells true latents from made ones, by what the frozen teacher sees in them.
//!
//! Sauer et al., "Fast High-Resolution Image Synthesis with Latent Adversarial Diffusion Distillation", 2024:
//! the teacher judges at every level of noise and is told the sketch and the words already, so that small
//! heads on its features are enough. The words weigh in by projection (Miyato and Koyama, "cGANs with
//! Projection Discriminator", 2018).

use super::hinge;
use sampler::LoadError;
use sampler::layers::{Conv2d, ConvShape, GroupNorm, Linear};
use sampler::unet::UNetConfig;
use sampler::weights::Weights;
use tch::{Kind, Tensor};

/// Channels of a head.
const WIDTH: i64 = 64;

pub struct Discriminator(Vec<Head>);

/// Looks at one stage, place by place.
struct Head {
    first: Conv2d,
    norm: GroupNorm,
    second: Conv2d,
    score: Conv2d,
    words: Linear,
}

impl Discriminator {
    /// For the features of a UNet of this shape.
    pub fn new(weights: &Weights, unet: &UNetConfig) -> Result<Self, LoadError> {
        let stages = &unet.block_out_channels;
        let text = unet.cross_attention_dim.get(stages.len() - 1);
        let head = |(n, channels): (usize, &i64)| {
            let weights = weights.at(n);
            Ok(Head {
                first: Conv2d::new(&weights.at("first"), ConvShape::same(*channels, WIDTH))?,
                norm: GroupNorm::new(&weights.at("norm"), 16, WIDTH, 1e-5)?,
                second: Conv2d::new(&weights.at("second"), ConvShape::same(WIDTH, WIDTH))?,
                score: Conv2d::new(&weights.at("score"), ConvShape::point(WIDTH, 1))?,
                words: Linear::without_bias(&weights.at("words"), text, WIDTH)?,
            })
        };
        Ok(Self(stages.iter().chain(stages.last()).enumerate().map(head).collect::<Result<_, LoadError>>()?))
    }

    /// How true each place of each stage looks, beside the words [B, N, T]: one [B, 1, h, w] for each of
    /// `features`; above 0 for true.
    fn scores(&self, features: &[Tensor], words: &Tensor) -> Vec<Tensor> {
        let words = words.mean_dim([1].as_slice(), false, None);
        let score = |(head, seen): (&Head, &Tensor)| head.score(seen, &words).to_kind(Kind::Float);
        self.0.iter().zip(features).map(score).collect()
    }

    /// What whoever made the samples is to make less of.
    pub fn doubt(&self, made: &[Tensor], words: &Tensor) -> Tensor {
        hinge::doubt(&self.scores(made, words))
    }

    /// What the discriminator is to make less of.
    pub fn error(&self, made: &[Tensor], truth: &[Tensor], words: &Tensor) -> Tensor {
        hinge::error(&self.scores(made, words), &self.scores(truth, words))
    }
}

impl Head {
    fn score(&self, seen: &Tensor, words: &Tensor) -> Tensor {
        let seen = self.norm.forward(&self.first.forward(seen)).silu();
        let seen = self.second.forward(&seen).silu();
        let fitting = &seen * self.words.forward(words).unsqueeze(-1).unsqueeze(-1);
        let fitting = fitting.sum_dim_intlist([1].as_slice(), true, None) / (WIDTH as f64).sqrt();
        self.score.forward(&seen) + fitting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::diffusion::unet_config;
    use crate::train::optimizer::Optimizer;
    use tch::{Device, nn};

    /// Features of so many samples: noise, and for those that look true a pattern of channels in it.
    fn features(count: i64, like_truth: bool) -> Vec<Tensor> {
        let stages = unet_config().block_out_channels;
        let noise = |(n, channels): (usize, &i64)| {
            let side = 16 >> n;
            let noise = Tensor::randn([count, *channels, side, side], (Kind::Float, Device::Cpu));
            let pattern = Tensor::linspace(-1.0, 1.0, *channels, (Kind::Float, Device::Cpu));
            if like_truth { noise + pattern.view([1, -1, 1, 1]) } else { noise }
        };
        stages.iter().chain(stages.last()).enumerate().map(noise).collect()
    }

    #[test]
    fn learns_to_tell_what_differs() {
        tch::manual_seed(3);
        let store = nn::VarStore::new(Device::Cpu);
        let judge = Discriminator::new(&Weights::fresh(&store.root()), &unet_config()).expect("a shape");
        let words = Tensor::zeros([8, 2, 128], (Kind::Float, Device::Cpu));
        let mut optimizer = Optimizer::new(&store, 0.0);
        for _ in 0..60 {
            judge.error(&features(8, false), &features(8, true), &words).backward();
            optimizer.step(2e-3);
        }
        let doubt = |like_truth| judge.doubt(&features(8, like_truth), &words).double_value(&[]);
        assert!(doubt(false) > 0.5 && doubt(true) < -0.5, "{} {}", doubt(false), doubt(true));
    }
}
