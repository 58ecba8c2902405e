//! Tells true pictures from decoded ones, patch by patch.
//!
//! Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks", 2017, here beside the
//! latents: a texture has to be the one that they stand for. Fine patches know chalk from oil, coarse ones
//! whether it lies where it should.

use super::hinge;
use sampler::LoadError;
use sampler::layers::{Conv2d, ConvShape, GroupNorm};
use sampler::weights::Weights;
use tch::{Kind, Tensor};

/// Channels at a half, a quarter and an eighth of the size.
const CHANNELS: [i64; 3] = [32, 64, 96];
const SLOPE: f64 = 0.2;

pub struct Critic {
    half: Conv2d,
    quarter: (Conv2d, GroupNorm),
    eighth: (Conv2d, GroupNorm),
    latents: Conv2d,
    mixed: (Conv2d, GroupNorm),
    fine: Conv2d,
    coarse: Conv2d,
}

impl Critic {
    /// For latents of so many channels, each of which stands for 8x8 pixels.
    pub fn new(weights: &Weights, latent_channels: i64) -> Result<Self, LoadError> {
        let [half, quarter, eighth] = CHANNELS;
        let halving = |from, to| ConvShape { stride: 2, ..ConvShape::same(from, to) };
        let layer = |name: &str, shape: ConvShape, channels| -> Result<_, LoadError> {
            let weights = weights.at(name);
            let conv = Conv2d::new(&weights.at("conv"), shape)?;
            Ok((conv, GroupNorm::new(&weights.at("norm"), 8, channels, 1e-5)?))
        };
        Ok(Self {
            half: Conv2d::new(&weights.at("half"), halving(3, half))?,
            quarter: layer("quarter", halving(half, quarter), quarter)?,
            eighth: layer("eighth", halving(quarter, eighth), eighth)?,
            latents: Conv2d::new(&weights.at("latents"), ConvShape::same(latent_channels, eighth))?,
            mixed: layer("mixed", ConvShape::same(eighth, eighth), eighth)?,
            fine: Conv2d::new(&weights.at("fine"), ConvShape::same(quarter, 1))?,
            coarse: Conv2d::new(&weights.at("coarse"), ConvShape::same(eighth, 1))?,
        })
    }

    /// How true each patch of `pictures` [B, 3, H, W] looks as what `latents` [B, C, H/8, W/8] stand for;
    /// above 0 for true.
    fn scores(&self, pictures: &Tensor, latents: &Tensor) -> Vec<Tensor> {
        let leaky = |x: Tensor| x.maximum(&(&x * SLOPE));
        let through = |(conv, norm): &(Conv2d, GroupNorm), x: &Tensor| norm.forward(&conv.forward(x));
        let quarter = leaky(through(&self.quarter, &leaky(self.half.forward(pictures))));
        let eighth = leaky(through(&self.eighth, &quarter) + self.latents.forward(latents));
        let coarse = self.coarse.forward(&leaky(through(&self.mixed, &eighth)));
        [self.fine.forward(&quarter), coarse].map(|scores| scores.to_kind(Kind::Float)).into()
    }

    /// What the decoder is to make less of.
    pub fn doubt(&self, made: &Tensor, latents: &Tensor) -> Tensor {
        hinge::doubt(&self.scores(made, latents))
    }

    /// What the critic is to make less of.
    pub fn error(&self, made: &Tensor, truth: &Tensor, latents: &Tensor) -> Tensor {
        hinge::error(&self.scores(made, latents), &self.scores(truth, latents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::optimizer::Optimizer;
    use tch::{Device, nn};

    #[test]
    fn learns_to_tell_what_is_smoothed() {
        tch::manual_seed(5);
        let store = nn::VarStore::new(Device::Cpu);
        let critic = Critic::new(&Weights::fresh(&store.root()), 4).expect("a shape");
        let latents = Tensor::zeros([4, 4, 4, 4], (Kind::Float, Device::Cpu));
        let grain = || Tensor::randn([4, 3, 32, 32], (Kind::Float, Device::Cpu));
        let smooth = || grain().avg_pool2d([3, 3], [1, 1], [1, 1], false, true, None);
        let mut optimizer = Optimizer::new(&store, 0.0);
        for _ in 0..60 {
            critic.error(&smooth(), &grain(), &latents).backward();
            optimizer.step(2e-3);
        }
        let doubt = |seen: Tensor| critic.doubt(&seen, &latents).double_value(&[]);
        let (of_smooth, of_grain) = (doubt(smooth()), doubt(grain()));
        assert!(of_smooth > 0.5 && of_grain < -0.5, "{of_smooth} {of_grain}");
    }
}
