//! A small classifier that tells styles and hours apart, trained on true pictures; its features are what
//! distances between sets of pictures are measured in.

use super::cases::{HOURS, hour_of, style_of};
use crate::cores::{cores, on_all_cores};
use crate::paint::paint;
use crate::rng::Rng;
use crate::scene::Scene;
use crate::styles::{STYLES, Style};
use crate::train::mixed::{Variables, backward_side_by_side, channels_last, copies};
use crate::train::optimizer::Optimizer;
use crate::train::state::Average;
use sampler::LoadError;
use sampler::layers::{Conv2d, ConvShape, GroupNorm, Linear};
use sampler::weights::Weights;
use std::error::Error;
use tch::{Device, Kind, Tensor, nn, no_grad};

/// Side of what it looks at, in pixels, and of the pieces that it learns from.
pub const SIDE: i64 = 128;
const PIECE: i64 = 112;
/// Pictures it learns from, and the seed of their first scene: neither the model's nor the held-out ones.
const PICTURES: u64 = 6_000;
const FIRST: u64 = 1 << 41;
const STEPS: u64 = 1_500;
const BATCH: usize = 64;
const RATE: f64 = 2e-3;
/// Channels from layer to layer, each half the size of the one before; the last are the features.
const CHANNELS: [i64; 6] = [3, 32, 64, 96, 96, 64];

pub struct Judge(Network);

/// What was found right, of how many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Right {
    pub style: f64,
    pub hour: f64,
}

struct Network {
    layers: Vec<(Conv2d, GroupNorm)>,
    style: Linear,
    hour: Linear,
}

impl Network {
    fn new(weights: &Weights) -> Result<Self, LoadError> {
        let layer = |(n, pair): (usize, &[i64])| {
            let (weights, shape) = (weights.at(n), ConvShape::same(pair[0], pair[1]));
            let conv = Conv2d::new(&weights.at("conv"), ConvShape { stride: 2, ..shape })?;
            Ok((conv, GroupNorm::new(&weights.at("norm"), 8, pair[1], 1e-5)?))
        };
        let features = CHANNELS[CHANNELS.len() - 1];
        Ok(Self {
            layers: CHANNELS.windows(2).enumerate().map(layer).collect::<Result<_, LoadError>>()?,
            style: Linear::new(&weights.at("style"), features, STYLES.len() as i64)?,
            hour: Linear::new(&weights.at("hour"), features, HOURS.len() as i64)?,
        })
    }

    fn features(&self, pictures: &Tensor) -> Tensor {
        let seen = self
            .layers
            .iter()
            .fold(pictures.shallow_clone(), |x, (conv, norm)| norm.forward(&conv.forward(&x)).relu());
        seen.mean_dim([2, 3].as_slice(), false, None)
    }
}

/// Pictures [B, 3, 256, 256] in -1..1 as the judge looks at them.
pub fn seen(pictures: &Tensor) -> Tensor {
    pictures.adaptive_avg_pool2d([SIDE, SIDE])
}

/// Some pictures and what they are.
struct Shown {
    /// [B, 3, PIECE, PIECE]
    pieces: Tensor,
    styles: Tensor,
    /// Below 0 where there is none to tell.
    hours: Tensor,
}

impl Shown {
    fn loss(self, variables: &Variables) -> Result<Tensor, Box<dyn Error>> {
        let network = Network::new(&Weights::from_tensors(copies(variables, Kind::BFloat16)))?;
        let features = network.features(&channels_last(&self.pieces.to_kind(Kind::BFloat16)));
        let guess = |head: &Linear| head.forward(&features).to_kind(Kind::Float);
        let loss = |guess: Tensor, wanted: &Tensor| {
            guess.cross_entropy_loss::<Tensor>(wanted, None, tch::Reduction::Sum, -100, 0.0)
        };
        Ok((loss(guess(&network.style), &self.styles) + loss(guess(&network.hour), &self.hours))
            / BATCH as f64)
    }
}

impl Judge {
    /// Learns for a minute or two; `size` is that of the pictures to come.
    pub fn train(size: u32) -> Result<Self, Box<dyn Error>> {
        let made = on_all_cores(FIRST..FIRST + PICTURES, |seed| {
            let scene = Scene::random(seed);
            let picture = crate::train::pairs::to_tensor(&paint(&scene, size), size as usize);
            let small = seen(&picture.unsqueeze(0)).squeeze_dim(0).to_kind(Kind::Half);
            (small, style_of(&scene), hour_of(&scene).unwrap_or(-100))
        });
        tch::manual_seed(7);
        let store = nn::VarStore::new(Device::Cpu);
        Network::new(&Weights::fresh(&store.root()))?;
        let mut optimizer = Optimizer::new(&store, 0.05);
        let mut average = Average::of(&store);
        let mut rng = Rng::new(FIRST);
        let mut draw = |count: usize| {
            let chosen: Vec<_> = (0..count).map(|_| &made[rng.below(made.len())]).collect();
            let mut piece = |picture: &Tensor| {
                let mut corner = || rng.below((SIDE - PIECE + 1) as usize) as i64;
                let piece = picture.narrow(1, corner(), PIECE).narrow(2, corner(), PIECE);
                let turned = rng.chance(0.5);
                if turned { piece.flip([2]) } else { piece }
            };
            Shown {
                pieces: Tensor::stack(&chosen.iter().map(|made| piece(&made.0)).collect::<Vec<_>>(), 0),
                styles: Tensor::from_slice(&chosen.iter().map(|made| made.1).collect::<Vec<_>>()),
                hours: Tensor::from_slice(&chosen.iter().map(|made| made.2).collect::<Vec<_>>()),
            }
        };
        let shares = cores().min(BATCH);
        for step in 0..STEPS {
            let shares = (0..shares).map(|_| draw(BATCH / shares)).collect();
            backward_side_by_side(&store, shares, |variables, shown: Shown| shown.loss(variables))?;
            optimizer.step(RATE * (1.0 - step as f64 / STEPS as f64).max(0.02));
            average.update(&store, step);
        }
        Ok(Self(Network::new(&average.weights())?))
    }

    /// What it sees in pictures [B, 3, SIDE, SIDE]: [B, F].
    pub fn features(&self, pictures: &Tensor) -> Tensor {
        self.0.features(pictures)
    }

    /// The same for many pictures, a few at a time.
    pub fn all_features(&self, pictures: &Tensor) -> Tensor {
        let parts = pictures.split(BATCH as i64, 0);
        no_grad(|| Tensor::cat(&parts.iter().map(|part| self.features(part)).collect::<Vec<_>>(), 0))
    }

    /// What pictures of each style are taken for, in words.
    pub fn styles_told(&self, features: &Tensor, scenes: &[&Scene]) -> String {
        let told: Vec<i64> = no_grad(|| Vec::try_from(self.0.style.forward(features).argmax(1, false)))
            .expect("one number for each picture");
        let line = |style: &Style| {
            let own: Vec<_> = scenes.iter().zip(&told).filter(|(scene, _)| scene.style == *style).collect();
            let as_this =
                |other: &Style| own.iter().filter(|(_, told)| STYLES[**told as usize] == *other).count();
            let shares = STYLES.iter().map(|other| (other, as_this(other))).filter(|(_, count)| *count > 0);
            let shares: Vec<_> = shares.map(|(other, count)| format!("{other:?} {count}")).collect();
            format!("{style:?}, told as {}", shares.join(", "))
        };
        STYLES.iter().map(line).collect::<Vec<_>>().join("; ")
    }

    /// Shares of the features that are taken for what they should be.
    pub fn right(&self, features: &Tensor, scenes: &[&Scene]) -> Right {
        let share = |found: &Tensor, wanted: Vec<Option<i64>>| {
            let found: Vec<i64> = Vec::try_from(found.argmax(1, false)).expect("numbers");
            let judged: Vec<_> = found.iter().zip(wanted).filter_map(|(f, w)| w.map(|w| *f == w)).collect();
            judged.iter().filter(|right| **right).count() as f64 / judged.len().max(1) as f64
        };
        no_grad(|| Right {
            style: share(&self.0.style.forward(features), scenes.iter().map(|s| Some(style_of(s))).collect()),
            hour: share(&self.0.hour.forward(features), scenes.iter().map(|s| hour_of(s)).collect()),
        })
    }
}
