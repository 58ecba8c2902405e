//! The conditional UNet (Rombach et al. 2022), diffusers' `UNet2DConditionModel`.

mod attention;
mod blocks;
mod config;
mod controlnet;
mod replay;
pub(crate) mod resnet;
pub(crate) mod time;

pub use config::{PerStage, UNetConfig};
pub use controlnet::{ControlNet, ControlNetConfig, Residuals};
pub use replay::Replays;

use crate::LoadError;
use crate::error::{Interrupted, unasked};
use crate::layers::{Conv2d, ConvShape, GroupNorm, channels_last, is_tensor_core};
use crate::weights::Weights;
use blocks::{Pass, Stage};
use tch::{Kind, Tensor};
use time::{AddedEmbedding, TimeEmbedding};

/// Predicts noise, velocity or the clean latent from a noisy latent, a time and words.
pub struct UNet {
    config: UNetConfig,
    conv_in: Conv2d,
    time: TimeEmbedding,
    added: Option<AddedEmbedding>,
    down: Vec<Stage>,
    middle: Stage,
    up: Vec<Stage>,
    norm_out: GroupNorm,
    conv_out: Conv2d,
}

/// The words' keys and values in every cross-attention: constant for a job, so made once.
pub struct TextKeys(Vec<attention::Words>);

impl UNet {
    pub fn new(weights: &Weights, config: &UNetConfig) -> Result<Self, LoadError> {
        config.validate()?;
        let stages = config.block_out_channels.len();
        let first = config.block_out_channels[0];
        let groups = config.norm_num_groups;
        Ok(Self {
            config: config.clone(),
            conv_in: Conv2d::new(&weights.at("conv_in"), ConvShape::same(config.in_channels, first))?,
            time: TimeEmbedding::new(&weights.at("time_embedding"), config)?,
            added: AddedEmbedding::new(&weights.at("add_embedding"), config)?,
            down: (0..stages).map(|stage| Stage::down(weights, config, stage)).collect::<Result<_, _>>()?,
            middle: Stage::middle(weights, config)?,
            up: (0..stages).map(|index| Stage::up(weights, config, index)).collect::<Result<_, _>>()?,
            norm_out: GroupNorm::new(&weights.at("conv_norm_out"), groups, first, config.norm_eps)?,
            conv_out: Conv2d::new(&weights.at("conv_out"), ConvShape::same(first, config.out_channels))?,
        })
    }

    pub fn config(&self) -> &UNetConfig {
        &self.config
    }

    /// `sample` [B, in, H, W], `timesteps` [B] (or [1] for all), `text` [B, N, cross_attention_dim];
    /// gives [B, out, H, W].
    pub fn forward(&self, sample: &Tensor, timesteps: &Tensor, text: &Tensor) -> Tensor {
        let time = self.embed_time(timesteps, None, sample.kind());
        unasked(|wanted| self.forward_while(sample, &time, &self.text_keys(text), wanted))
    }

    /// Timesteps [B] to embeddings [B, 4 C]; `guidance` [1, time_cond_proj_dim] for networks that are told it.
    pub fn embed_time(&self, timesteps: &Tensor, guidance: Option<&Tensor>, kind: Kind) -> Tensor {
        self.time.forward(timesteps, guidance, kind)
    }

    /// What is added to the time embedding, [B, 4 C], for networks that are told pooled words [B, P] and sizes
    /// [N] in pixels.
    pub fn embed_added(&self, pooled: &Tensor, sizes: &Tensor) -> Option<Tensor> {
        self.added.as_ref().map(|added| added.forward(pooled, sizes))
    }

    /// Keys and values of `text` [B, N, cross_attention_dim] for every cross-attention.
    pub fn text_keys(&self, text: &Tensor) -> TextKeys {
        TextKeys::of(self.down.iter().chain([&self.middle]).chain(&self.up), text)
    }

    /// As `forward`, with what is constant made before, asking between blocks whether the result is
    /// still wanted. `time` is [B, 4 C] or [1, 4 C].
    pub fn forward_while(
        &self,
        sample: &Tensor,
        time: &Tensor,
        text: &TextKeys,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Tensor, Interrupted> {
        self.controlled_while(sample, time, text, None, still_wanted)
    }

    /// The same with what a ControlNet adds.
    pub fn controlled_while(
        &self,
        sample: &Tensor,
        time: &Tensor,
        text: &TextKeys,
        control: Option<&Residuals>,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Tensor, Interrupted> {
        let mut pass = Pass { time: time.silu(), words: text.0.iter(), still_wanted };
        let (mut x, mut skips) = self.descend(sample, &mut pass)?;
        if let Some(control) = control {
            skips.iter_mut().zip(&control.skips).for_each(|(skip, more)| *skip = &*skip + more);
            x += &control.middle;
        }
        for stage in &self.up {
            x = stage.ascend(x, &mut skips, &mut pass)?;
        }
        Ok(self.conv_out.forward(&self.norm_out.forward_silu(&x)))
    }

    /// What the way down and the middle see in a sample, as `forward` is given it: [B, C, h, w] for each
    /// stage, the finest first, then for the middle.
    pub fn features(&self, sample: &Tensor, timesteps: &Tensor, text: &Tensor) -> Vec<Tensor> {
        let time = self.embed_time(timesteps, None, sample.kind()).silu();
        let text = self.text_keys(text);
        let mut pass = Pass { time, words: text.0.iter(), still_wanted: &|| true };
        let Ok((middle, mut seen)) = self.descend(sample, &mut pass) else {
            unreachable!("a pass that is always wanted is never interrupted")
        };
        // The last of each size: a change of size begins the next stage.
        let sizes: Vec<_> = seen.iter().map(Tensor::size).collect();
        let last = |n: usize| sizes.get(n + 1).is_none_or(|next| next[2..] != sizes[n][2..]);
        let mut index = 0..;
        seen.retain(|_| index.next().is_some_and(last));
        seen.push(middle);
        seen
    }

    /// The way down and through the middle; what it gives, and what the way up will need.
    fn descend(&self, sample: &Tensor, pass: &mut Pass) -> Result<(Tensor, Vec<Tensor>), Interrupted> {
        let sample = if is_tensor_core(sample) { channels_last(sample) } else { sample.shallow_clone() };
        descend(self.conv_in.forward(&sample), &self.down, &self.middle, pass)
    }
}

impl TextKeys {
    /// Whether both are of the same shapes.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let shapes = |keys: &Self| keys.0.iter().map(|(key, _)| (key.size(), key.kind())).collect::<Vec<_>>();
        shapes(self) == shapes(other)
    }

    /// Those of some rows of a batch.
    pub(crate) fn rows(&self, first: i64, count: i64) -> Self {
        let rows = |tensor: &Tensor| tensor.narrow(0, first, count);
        Self(self.0.iter().map(|(key, value)| (rows(key), rows(value))).collect())
    }

    /// The same in memory of its own.
    pub(crate) fn copy(&self) -> Self {
        Self(self.0.iter().map(|(key, value)| (key.copy(), value.copy())).collect())
    }

    /// Takes the values of others of the same shapes, where it is in memory.
    pub(crate) fn become_like(&mut self, other: &Self) {
        for ((key, value), (other_key, other_value)) in self.0.iter_mut().zip(&other.0) {
            key.copy_(other_key);
            value.copy_(other_value);
        }
    }

    fn of<'s>(stages: impl Iterator<Item = &'s Stage>, text: &Tensor) -> Self {
        let mut words = Vec::new();
        stages.for_each(|stage| stage.words(text, &mut words));
        Self(words)
    }
}

/// Down the stages and through the middle; what it gives, and what was there at each step of the way.
fn descend(
    start: Tensor,
    down: &[Stage],
    middle: &Stage,
    pass: &mut Pass,
) -> Result<(Tensor, Vec<Tensor>), Interrupted> {
    let mut skips = vec![start.shallow_clone()];
    let mut x = start;
    for stage in down {
        x = stage.descend(x, &mut skips, pass)?;
    }
    Ok((middle.cross(x, pass)?, skips))
}
