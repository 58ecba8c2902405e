//! The denoiser and the text encoder, trained together on latents to predict v.

use super::autoencoder::trained_on;
use super::latents::Latents;
use super::mixed::{Variables, backward_side_by_side, channels_last, copies, cores};
use super::noise::{TIMESTEPS, alphas_cumprod, diffuse, table, v_weights};
use super::optimizer::Optimizer;
use super::progress::Progress;
use super::state::Kept;
use crate::rng::Rng;
use sampler::text::{ClipText, TextConfig};
use sampler::unet::{PerStage, UNet, UNetConfig};
use sampler::weights::Weights;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};
use tch::{Device, Kind, Tensor, nn};

/// Share of cases with neither sketch nor words, which guidance leads away from.
const NOTHING: f32 = 0.06;
/// Share of cases with white paper for a sketch, which is what the studio's empty canvas is.
const NO_SKETCH: f32 = 0.08;
/// Share of cases with zeros, which is what the sampler gives where there is no canvas at all.
const NO_CANVAS: f32 = 0.05;
/// Tokens that a prompt may have, start and end included.
pub const WORDS: i64 = 48;
/// Share of cases without words, for guidance.
const NO_WORDS: f32 = 0.15;

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
    /// Token ids of the captions of each picture, and of no words at all, each `WORDS` long.
    pub captions: Vec<Vec<Vec<i64>>>,
    pub nothing: Vec<i64>,
}

/// Trains for the plan's minutes, from what its folder keeps of earlier runs.
///
/// Weights fit any size of latents, so a run on small pictures may come before one on large ones.
pub fn train(latents: &Latents, plan: &Plan) -> Result<(), Box<dyn Error>> {
    let mut store = nn::VarStore::new(Device::Cpu);
    let fresh = Weights::fresh(&store.root());
    build(&fresh, &plan.text)?;
    let kept = Kept::new(plan.folder, "diffusion");
    let (mut average, step) = kept.resume(&mut store)?;
    let mut optimizer = Optimizer::new(&store, DECAY);
    let mut progress = Progress::new(&plan.folder.join("diffusion.log"), plan.minutes, step)?;
    let cases = Cases::new(latents, plan);
    let mut rng = Rng::new(0x00D1_FF00 + step);
    tch::manual_seed(step as i64);
    let (mut saved, mut of_run) = (Instant::now(), 0);
    loop {
        let shares = cores();
        let cases = (0..shares).map(|_| cases.draw(plan.batch / shares, &mut rng)).collect();
        let loss = backward_side_by_side(&store, cases, |variables, case| {
            Ok(case.loss(variables, &plan.text)? / shares as f64)
        })?;
        optimizer.step(progress.rate(plan.rate, of_run));
        of_run += 1;
        average.update(&store, progress.step);
        progress.stepped(loss, plan.batch / shares * shares)?;
        if saved.elapsed() > Duration::from_secs(120) || progress.is_over() {
            kept.keep(&store, &average, progress.step)?;
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

struct Cases<'a> {
    latents: &'a Latents,
    plan: &'a Plan<'a>,
    training: usize,
    alphas: Tensor,
    weights: Tensor,
}

impl<'a> Cases<'a> {
    fn new(latents: &'a Latents, plan: &'a Plan<'a>) -> Self {
        let alphas = alphas_cumprod();
        let weights = table(&v_weights(&alphas));
        Self {
            latents,
            plan,
            training: trained_on(latents.pictures.size()[0] as usize),
            alphas: table(&alphas),
            weights,
        }
    }

    /// `count` cases with times and noise of their own.
    fn draw(&self, count: usize, rng: &mut Rng) -> Case {
        let (clean, sketch, ids) = self.batch(count, rng);
        // One from each part of the schedule: the loss varies less from batch to batch.
        let time = |n: usize, rng: &mut Rng| (n as f32 + rng.unit()) / count as f32 * TIMESTEPS as f32;
        let times: Vec<i64> = (0..count).map(|n| (time(n, rng) as i64).min(TIMESTEPS - 1)).collect();
        let times = Tensor::from_slice(&times);
        let noise = clean.randn_like();
        let (noisy, v) = diffuse(&clean, &noise, &self.alphas.index_select(0, &times));
        let weights = self.weights.index_select(0, &times);
        Case { input: Tensor::cat(&[noisy, sketch], 1), v, weights, times, ids }
    }

    /// Cuts the same random piece out of a picture and its sketch, [4, h, w] each.
    fn piece(&self, rng: &mut Rng) -> impl Fn(Tensor) -> Tensor + use<> {
        let size = self.latents.pictures.size();
        let side = self.plan.crop.min(size[2]);
        let mut corner = |room: i64| rng.below((room - side + 1) as usize) as i64;
        let (y, x) = (corner(size[2]), corner(size[3]));
        move |latent| latent.narrow(1, y, side).narrow(2, x, side)
    }

    /// Clean latents and sketches [B, 4, h, w], token ids [B, N].
    fn batch(&self, count: usize, rng: &mut Rng) -> (Tensor, Tensor, Tensor) {
        let per = self.latents.sketches.size()[1] as usize;
        let (mut clean, mut sketches, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..count {
            let index = rng.below(self.training);
            let piece = self.piece(rng);
            clean.push(piece(self.latents.pictures.get(index as i64)));
            let nothing = rng.chance(NOTHING);
            sketches.push(piece(match rng.unit() {
                share if nothing || share < NO_CANVAS => self.latents.blank.get(0).zeros_like(),
                share if share < NO_CANVAS + NO_SKETCH => self.latents.blank.get(0),
                _ => self.latents.sketches.get(index as i64).get(rng.below(per) as i64),
            }));
            let captions = &self.plan.captions[index];
            let words = if nothing || rng.chance(NO_WORDS) {
                &self.plan.nothing
            } else {
                &captions[rng.below(captions.len())]
            };
            ids.extend_from_slice(words);
        }
        let stack = |parts: &[Tensor]| Tensor::stack(parts, 0).to_kind(Kind::Float);
        let ids = Tensor::from_slice(&ids).view([count as i64, -1]);
        (stack(&clean), stack(&sketches), ids)
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
