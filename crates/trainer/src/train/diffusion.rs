//! The denoiser and the text encoder, trained together on latents to predict v.

use super::cases::{Cases, Described, LeftOut, Shown};
use super::device::{device, shares};
use super::mixed::{Variables, backward_side_by_side, channels_last, copies};
use super::noise::{TIMESTEPS, alphas_cumprod, diffuse, table, v_weights};
use super::optimizer::Optimizer;
use super::progress::Progress;
use super::state::Kept;
use crate::rng::Rng;
use crate::runs::Ledger;
use sampler::text::{ClipText, TextConfig};
use sampler::unet::{PerStage, UNet, UNetConfig};
use sampler::weights::Weights;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};
use tch::{Kind, Tensor, nn};

/// Tokens that a prompt may have, start and end included.
pub const WORDS: i64 = 48;
/// What is left out so that guidance has something to lead away from.
const LEFT_OUT: LeftOut = LeftOut { everything: 0.06, canvas: 0.05, sketch: 0.08, words: 0.15 };
/// Weight decay, a share of the rate.
const DECAY: f64 = 0.02;

pub fn unet_config() -> UNetConfig {
    // Attention at 8x8 and 4x4 latents only: above that it costs more than it tells.
    let down = ["DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"];
    let up = ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"];
    UNetConfig {
        sample_size: Some(32),
        in_channels: 8,
        out_channels: 4,
        down_block_types: down.map(String::from).into(),
        up_block_types: up.map(String::from).into(),
        block_out_channels: vec![48, 80, 128, 160],
        layers_per_block: PerStage::One(1),
        cross_attention_dim: PerStage::One(128),
        attention_head_dim: PerStage::One(4),
        norm_num_groups: 16,
        ..UNetConfig::default()
    }
}

/// `vocabulary` and the ids are the tokenizer's.
pub fn text_config(vocabulary: usize, bos: i64, eos: i64) -> TextConfig {
    TextConfig {
        vocab_size: vocabulary as i64,
        hidden_size: 128,
        intermediate_size: 512,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        max_position_embeddings: WORDS,
        projection_dim: 128,
        pad_token_id: Some(eos),
        bos_token_id: Some(bos),
        eos_token_id: Some(eos),
        ..TextConfig::default()
    }
}

/// What one run is told.
pub struct Plan<'a> {
    pub folder: &'a Path,
    pub minutes: f64,
    /// The highest learning rate.
    pub rate: f64,
    pub batch: usize,
    /// Side of the pieces that are trained on, in latents: smaller ones are quicker, and teach everything
    /// but the composition.
    pub crop: i64,
    pub text: TextConfig,
}

/// Trains for the plan's minutes, from what its folder keeps of earlier runs.
///
/// Weights fit any size of latents, so a run on small pictures may come before one on large ones.
pub fn train(described: &Described, plan: &Plan) -> Result<(), Box<dyn Error>> {
    let mut store = nn::VarStore::new(device());
    let fresh = Weights::fresh(&store.root());
    build(&fresh, &plan.text)?;
    let kept = Kept::new(plan.folder, "diffusion");
    let (mut average, step) = kept.resume(&mut store)?;
    let mut optimizer = Optimizer::new(&store, DECAY);
    let cases = Cases::new(described, LEFT_OUT, plan.crop);
    let options = format!("batch {}, rate {}, {2}x{2} latents", plan.batch, plan.rate, plan.crop);
    let ledger = Ledger::begin(plan.folder, "denoiser and text encoder", options, cases.pictures());
    let mut progress = Progress::new(plan.folder, "diffusion", plan.minutes, step, ledger)?;
    let noises = Noises::new();
    let mut rng = Rng::new(0x00D1_FF00 + step);
    tch::manual_seed(step as i64);
    let (mut saved, mut of_run) = (Instant::now(), 0);
    loop {
        let shares = shares(plan.batch);
        let drawn =
            (0..shares).map(|_| noises.add(cases.draw(plan.batch / shares, &mut rng), &mut rng)).collect();
        let loss = backward_side_by_side(&store, drawn, |variables, case: Case| {
            Ok(case.loss(variables, &plan.text)? / shares as f64)
        })?;
        optimizer.step(progress.rate(plan.rate, of_run));
        of_run += 1;
        average.update(&store, progress.step);
        progress.stepped(loss, plan.batch / shares * shares)?;
        if saved.elapsed() > Duration::from_secs(120) || progress.is_over() {
            kept.keep(&store, &average, progress.step)?;
            progress.keep()?;
            saved = Instant::now();
        }
        if progress.is_over() {
            return Ok(());
        }
    }
}

/// Both networks, below the names that the state files use.
pub fn build(weights: &Weights, text: &TextConfig) -> Result<(UNet, ClipText), Box<dyn Error>> {
    Ok((UNet::new(&weights.at("unet"), &unet_config())?, ClipText::new(&weights.at("text"), text)?))
}

/// The noise schedule as tables.
struct Noises {
    alphas: Tensor,
    weights: Tensor,
}

impl Noises {
    fn new() -> Self {
        let alphas = alphas_cumprod();
        Self { weights: table(&v_weights(&alphas)), alphas: table(&alphas) }
    }

    /// Gives each case a time and noise of its own.
    fn add(&self, shown: Shown, rng: &mut Rng) -> Case {
        let count = shown.clean.size()[0] as usize;
        // One from each part of the schedule: the loss varies less from batch to batch.
        let time = |n: usize, rng: &mut Rng| (n as f32 + rng.unit()) / count as f32 * TIMESTEPS as f32;
        let times: Vec<i64> = (0..count).map(|n| (time(n, rng) as i64).min(TIMESTEPS - 1)).collect();
        let times = Tensor::from_slice(&times).to_device(device());
        let noise = shown.clean.randn_like();
        let (noisy, v) = diffuse(&shown.clean, &noise, &self.alphas.index_select(0, &times));
        let weights = self.weights.index_select(0, &times);
        Case { input: Tensor::cat(&[noisy, shown.sketch], 1), v, weights, times, ids: shown.ids }
    }
}

/// What one thread of one step works on.
struct Case {
    /// Noisy latents and sketches, [B, 8, h, w].
    input: Tensor,
    v: Tensor,
    weights: Tensor,
    times: Tensor,
    ids: Tensor,
}

impl Case {
    fn loss(self, variables: &Variables, text: &TextConfig) -> Result<Tensor, Box<dyn Error>> {
        let kind = Kind::BFloat16;
        let (unet, text) = build(&Weights::from_tensors(copies(variables, kind)), text)?;
        let input = channels_last(&self.input.to_kind(kind));
        let predicted = unet.forward(&input, &self.times, &text.forward(&self.ids)).to_kind(Kind::Float);
        let errors = (predicted - self.v).square().mean_dim([1, 2, 3].as_slice(), false, Kind::Float);
        Ok((errors * self.weights).mean(Kind::Float))
    }
}
