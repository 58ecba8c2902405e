//! A small classifier that tells styles and hours apart, trained on true pictures; its features are what
//! distances between sets of pictures are measured in.

use super::cases::{HOURS, hour_of, style_of};
use crate::cores::on_all_cores;
use crate::paint::paint;
use crate::scene::Scene;
use crate::styles::STYLES;
use tch::nn::{self, Module, ModuleT, OptimizerConfig};
use tch::{Device, Kind, Tensor, no_grad};

/// Side of what it looks at, in pixels.
pub const SIDE: i64 = 128;
/// Pictures it learns from, and the seed of their first scene: neither the model's nor the held-out ones.
const PICTURES: u64 = 4_000;
const FIRST: u64 = 1 << 41;
const EPOCHS: usize = 8;
const BATCH: i64 = 64;
const FEATURES: i64 = 64;

pub struct Judge {
    body: nn::SequentialT,
    style: nn::Linear,
    hour: nn::Linear,
    _store: nn::VarStore,
}

/// What was found right, of how many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Right {
    pub style: f64,
    pub hour: f64,
}

/// Pictures [B, 3, 256, 256] in -1..1 as the judge looks at them.
pub fn seen(pictures: &Tensor) -> Tensor {
    pictures.adaptive_avg_pool2d([SIDE, SIDE])
}

impl Judge {
    /// Learns for a minute or two; `size` is that of the pictures to come.
    pub fn train(size: u32) -> Self {
        tch::manual_seed(7);
        let store = nn::VarStore::new(Device::Cpu);
        let root = store.root();
        let conv = |name: &str, from, to| {
            nn::conv2d(
                &root / name,
                from,
                to,
                3,
                nn::ConvConfig { stride: 2, padding: 1, ..Default::default() },
            )
        };
        let norm = |name: &str, channels| nn::group_norm(&root / name, 8, channels, Default::default());
        let mut body = nn::seq_t();
        for (n, (from, to)) in [(3, 24), (24, 48), (48, 64), (64, FEATURES)].into_iter().enumerate() {
            body = body.add(conv(&format!("conv{n}"), from, to)).add(norm(&format!("norm{n}"), to));
            body = body.add_fn(|x| x.relu());
        }
        let linear = |name: &str, to| nn::linear(&root / name, FEATURES, to, Default::default());
        let (style, hour) = (linear("style", STYLES.len() as i64), linear("hour", HOURS.len() as i64));
        let judge = Self { body, style, hour, _store: store };
        judge.learn(size);
        judge
    }

    fn learn(&self, size: u32) {
        let made = on_all_cores(FIRST..FIRST + PICTURES, |seed| {
            let scene = Scene::random(seed);
            (
                crate::train::pairs::to_tensor(&paint(&scene, size), size as usize),
                style_of(&scene),
                hour_of(&scene),
            )
        });
        let pictures: Vec<Tensor> = made.iter().map(|(picture, ..)| seen(&picture.unsqueeze(0))).collect();
        let pictures = Tensor::cat(&pictures, 0);
        let styles = Tensor::from_slice(&made.iter().map(|made| made.1).collect::<Vec<_>>());
        let hours = Tensor::from_slice(&made.iter().map(|made| made.2.unwrap_or(-100)).collect::<Vec<_>>());
        let mut optimizer = nn::AdamW::default().build(&self._store, 2e-3).expect("an optimizer");
        let steps = EPOCHS as i64 * (PICTURES as i64 / BATCH);
        for step in 0..steps {
            let part = Tensor::randint(PICTURES as i64, [BATCH], (Kind::Int64, Device::Cpu));
            optimizer.set_lr(2e-3 * (1.0 - step as f64 / steps as f64).max(0.02));
            let features = self.features(&pictures.index_select(0, &part));
            let (style, hour) = (self.style.forward(&features), self.hour.forward(&features));
            let loss = style.cross_entropy_for_logits(&styles.index_select(0, &part));
            // Pictures without an hour are left out.
            let hours = hours.index_select(0, &part);
            let loss =
                loss + hour.cross_entropy_loss::<Tensor>(&hours, None, tch::Reduction::Mean, -100, 0.0);
            optimizer.backward_step(&loss);
        }
    }

    /// What it sees in pictures [B, 3, SIDE, SIDE], [B, FEATURES].
    pub fn features(&self, pictures: &Tensor) -> Tensor {
        self.body.forward_t(pictures, false).mean_dim([2, 3].as_slice(), false, Kind::Float)
    }

    /// The same for many pictures, a few at a time.
    pub fn all_features(&self, pictures: &Tensor) -> Tensor {
        let parts = pictures.split(BATCH, 0);
        no_grad(|| Tensor::cat(&parts.iter().map(|part| self.features(part)).collect::<Vec<_>>(), 0))
    }

    /// Shares of the features that are taken for what they should be.
    pub fn right(&self, features: &Tensor, scenes: &[&Scene]) -> Right {
        let share = |found: &Tensor, wanted: Vec<Option<i64>>| {
            let found: Vec<i64> = Vec::try_from(found.argmax(1, false)).expect("numbers");
            let judged: Vec<_> = found.iter().zip(wanted).filter_map(|(f, w)| w.map(|w| *f == w)).collect();
            judged.iter().filter(|right| **right).count() as f64 / judged.len().max(1) as f64
        };
        no_grad(|| Right {
            style: share(&self.style.forward(features), scenes.iter().map(|s| Some(style_of(s))).collect()),
            hour: share(&self.hour.forward(features), scenes.iter().map(|s| hour_of(s)).collect()),
        })
    }
}
