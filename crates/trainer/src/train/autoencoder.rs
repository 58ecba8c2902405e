//! The autoencoder: sharp pictures from latents that are previews already.
//!
//! What latents do not tell, a decoder that is only asked to be near paints as the mean of all that it could
//! be, which is smooth. A critic asks for textures that could be true instead (Esser et al., "Taming
//! Transformers for High-Resolution Image Synthesis", 2021).

use super::critic::Critic;
use super::device::{device, shares};
use super::hinge;
use super::loss::{psnr, reproduction};
use super::mixed::{Variables, backward_side_by_side, channels_last, copies, detached, moved, shared};
use super::optimizer::Optimizer;
use super::pairs::{Pairs, colours, to_tensor};
use super::progress::Progress;
use super::state::{Average, Kept};
use crate::rng::Rng;
use crate::runs::Ledger;
use sampler::autoencoder_tiny::{AutoencoderTiny, AutoencoderTinyConfig};
use sampler::layers::{Conv2d, ConvShape};
use sampler::weights::Weights;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};
use tch::{Kind, Tensor, nn, no_grad};

const CROP: i64 = 96;
/// Pixels along a latent's side.
const LATENT: i64 = 8;
/// Weight decay, a share of the rate.
const DECAY: f64 = 0.02;
/// Steps of a run after which the critic is trusted fully, and its learning rate.
const TRUSTED: f64 = 300.0;
const CRITIC_RATE: f64 = 1e-3;
/// Variables of the linear preview, beside the autoencoder's own.
const PREVIEW: &str = "preview";

pub fn config() -> AutoencoderTinyConfig {
    AutoencoderTinyConfig {
        encoder_block_out_channels: vec![32; 4],
        decoder_block_out_channels: vec![32; 4],
        ..AutoencoderTinyConfig::default()
    }
}

/// A smaller one for the same latents, for pictures that follow the pen: nothing happens at full size, nor
/// at half of it, but what must.
pub fn distilled_config() -> AutoencoderTinyConfig {
    AutoencoderTinyConfig {
        num_encoder_blocks: vec![0, 0, 2, 2],
        num_decoder_blocks: vec![3, 3, 0, 0],
        ..config()
    }
}

/// Which part a run changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// Latents stay as they are, and with them every denoiser that was trained on them.
    Decoder,
    /// The smaller autoencoder, which learns the latents of the whole one.
    Distilled,
}

impl Part {
    /// Its architecture.
    pub fn config(self) -> AutoencoderTinyConfig {
        if self == Part::Distilled { distilled_config() } else { config() }
    }

    /// What a list of runs calls it.
    fn words(self) -> &'static str {
        match self {
            Part::Whole => "autoencoder",
            Part::Decoder => "decoder alone",
            Part::Distilled => "smaller autoencoder",
        }
    }

    /// What its state is called.
    pub fn name(self) -> &'static str {
        if self == Part::Distilled { "autoencoder_distilled" } else { "autoencoder" }
    }
}

/// What one run is told.
pub struct Plan<'a> {
    pub folder: &'a Path,
    pub minutes: f64,
    /// The highest learning rate.
    pub rate: f64,
    pub batch: usize,
    pub part: Part,
    /// How much the critic's wish weighs beside the truth; 0 asks for the truth alone.
    pub adversarial: f64,
}

/// Trains for the plan's minutes, from what its folder keeps of earlier runs.
pub fn train(pairs: &Pairs, plan: &Plan) -> Result<(), Box<dyn Error>> {
    let Plan { folder, part, rate, batch, adversarial, .. } = *plan;
    let mut store = nn::VarStore::new(device());
    build(&Weights::fresh(&store.root()), part)?;
    let kept = Kept::new(folder, part.name());
    let teacher = match part {
        Part::Distilled => {
            Tensor::read_safetensors(Kept::new(folder, "autoencoder").file("average.safetensors"))?
        }
        _ => Vec::new(),
    };
    let teacher = no_grad(|| moved(copies(&teacher.into_iter().collect(), Kind::BFloat16)));
    let (mut average, step) = kept.resume(&mut store)?;
    let mut optimizer = Optimizer::new(&store, DECAY);
    // Begun anew in every run: it learns faster than the decoder does.
    let critic = nn::VarStore::new(device());
    Critic::new(&Weights::fresh(&critic.root()), config().latent_channels)?;
    let mut critic_optimizer = Optimizer::new(&critic, 0.0);
    let options = format!("batch {batch}, rate {rate}, crops of {CROP}, adversarial {adversarial}");
    let ledger = Ledger::begin(folder, part.words(), options, trained_on(pairs.len()));
    let mut progress = Progress::new(folder, part.name(), plan.minutes, step, ledger)?;
    let mut rng = Rng::new(0x00AE_0000 + step);
    let (mut saved, mut of_run) = (Instant::now(), 0);
    loop {
        let truth = crops(pairs, batch, &mut rng)?;
        let lesson = |truth| Lesson {
            truth,
            teacher: shared(&teacher),
            critic: critic.variables(),
            adversarial: adversarial * ((of_run + 1) as f64 / TRUSTED).min(1.0),
        };
        let lessons: Vec<_> = truth.chunk(shares(batch) as i64, 0).into_iter().map(lesson).collect();
        let count = lessons.len() as f64;
        let loss = backward_side_by_side(&store, lessons, |variables, lesson: Lesson| match part {
            Part::Distilled => Ok(lesson.distilled_loss(variables)? / count),
            _ => Ok(lesson.loss(variables, part)? / count),
        })?;
        optimizer.step(progress.rate(rate, of_run));
        if adversarial > 0.0 {
            critic_optimizer.step(CRITIC_RATE);
        }
        of_run += 1;
        average.update(&store, progress.step);
        progress.stepped(loss, batch)?;
        if saved.elapsed() > Duration::from_secs(120) || progress.is_over() {
            kept.keep(&store, &average, progress.step)?;
            progress.keep()?;
            println!("held out: {:.2} dB", held_out(pairs, &average, part)?);
            saved = Instant::now();
        }
        if progress.is_over() {
            return Ok(());
        }
    }
}

fn build(weights: &Weights, part: Part) -> Result<(AutoencoderTiny, Conv2d), Box<dyn Error>> {
    let autoencoder = AutoencoderTiny::new(weights, &part.config())?;
    let preview = Conv2d::new(&weights.at(PREVIEW), ConvShape::point(config().latent_channels, 3))?;
    Ok((autoencoder, preview))
}

/// What one thread of one step works on.
struct Lesson {
    /// [B, 3, CROP, CROP] in -1..1.
    truth: Tensor,
    /// The whole autoencoder, for the smaller one.
    teacher: Variables,
    /// Its gradients are added up where the loss is made.
    critic: Variables,
    /// How much its wish weighs.
    adversarial: f64,
}

impl Lesson {
    fn loss(self, variables: &Variables, part: Part) -> Result<Tensor, Box<dyn Error>> {
        let kind = Kind::BFloat16;
        let (autoencoder, preview) = build(&Weights::from_tensors(copies(variables, kind)), part)?;
        let encode = || autoencoder.encode(&channels_last(&self.truth.to_kind(kind)));
        let latents = match part {
            Part::Decoder => no_grad(encode),
            _ => encode(),
        };
        let loss = self.decoded(&autoencoder, &latents)?;
        if part == Part::Decoder {
            return Ok(loss);
        }
        let small = self.truth.avg_pool2d([LATENT; 2], [LATENT; 2], [0, 0], false, true, None);
        let seen = preview.forward(&latents).to_kind(Kind::Float);
        Ok(loss + (seen - small).square().mean(Kind::Float) * 0.5 + spread(&latents) * 0.05)
    }

    /// Half of it learns the teacher's latents, the other half to decode them.
    fn distilled_loss(self, variables: &Variables) -> Result<Tensor, Box<dyn Error>> {
        let kind = Kind::BFloat16;
        let (student, _) = build(&Weights::from_tensors(copies(variables, kind)), Part::Distilled)?;
        let (teacher, _) = build(&Weights::from_tensors(shared(&self.teacher)), Part::Whole)?;
        let pictures = channels_last(&self.truth.to_kind(kind));
        let latents = no_grad(|| teacher.encode(&pictures));
        let error = (student.encode(&pictures) - &latents).to_kind(Kind::Float).square().mean(Kind::Float);
        Ok(self.decoded(&student, &latents)? + error)
    }

    /// How far what is decoded is from the truth, and from what the critic takes for true.
    fn decoded(&self, autoencoder: &AutoencoderTiny, latents: &Tensor) -> Result<Tensor, Box<dyn Error>> {
        // The denoiser's latents are never exact; the decoder should not mind.
        let shaken = latents + latents.randn_like() * 0.03;
        let made = autoencoder.decode(&shaken).to_kind(Kind::Float);
        let loss = reproduction(&made, &self.truth);
        if self.adversarial == 0.0 {
            return Ok(loss);
        }
        let taught = gradient(&made, |made| reproduction(made, &self.truth));
        let wish = self.wish(&made, &latents.detach())?;
        Ok(hinge::wishing(&loss, &made, &wish, &taught, self.adversarial))
    }

    /// The gradient by pictures of how untrue they look to the critic; teaches the critic.
    fn wish(&self, made: &Tensor, latents: &Tensor) -> Result<Tensor, Box<dyn Error>> {
        let kind = Kind::BFloat16;
        let build = |variables: &Variables| {
            Critic::new(&Weights::from_tensors(copies(variables, kind)), config().latent_channels)
        };
        let still = build(&detached(&self.critic))?;
        let look = |pictures: &Tensor| channels_last(&pictures.to_kind(kind));
        let wish = gradient(made, |made| still.doubt(&look(made), latents));
        build(&self.critic)?.error(&look(&made.detach()), &look(&self.truth), latents).backward();
        Ok(wish)
    }
}

/// The gradient of `what` at `point`, which stays as it is.
fn gradient(point: &Tensor, what: impl Fn(&Tensor) -> Tensor) -> Tensor {
    let point = point.detach().set_requires_grad(true);
    what(&point).backward();
    point.grad()
}

/// How far each channel is from mean 0 and variance 1, which the noise schedule expects.
fn spread(latents: &Tensor) -> Tensor {
    let latents = latents.to_kind(Kind::Float);
    let mean = latents.mean_dim([0, 2, 3].as_slice(), true, Kind::Float);
    let variance = (&latents - &mean).square().mean_dim([0, 2, 3].as_slice(), true, Kind::Float);
    mean.square().mean(Kind::Float) + (variance - 1.0).square().mean(Kind::Float)
}

/// Crops of pictures, and every fourth of a sketch: both are encoded when a picture is made. Latents begin
/// where they do in a whole picture, since the squares of pixel art do too.
fn crops(pairs: &Pairs, count: usize, rng: &mut Rng) -> Result<Tensor, Box<dyn Error>> {
    let training = trained_on(pairs.len());
    let places = (pairs.size() as i64 - CROP) / LATENT + 1;
    let mut batch = Vec::with_capacity(count);
    for slot in 0..count {
        let index = rng.below(training);
        let mut place = || rng.below(places as usize) as i64 * LATENT;
        let (x, y) = (place(), place());
        let rows = y as usize..(y + CROP) as usize;
        let rgb = match slot % 4 {
            3 => pairs.sketch_rows(index, rng.below(pairs.sketches()), rows)?,
            _ => pairs.picture_rows(index, rows)?,
        };
        batch.push(Tensor::from_slice(&rgb).view([CROP, pairs.size() as i64, 3]).narrow(1, x, CROP));
    }
    Ok(colours(&Tensor::stack(&batch, 0).to_device(device())))
}

/// How many of `count` pairs are trained on; the last ones are held out.
pub fn trained_on(count: usize) -> usize {
    count - (count / 20).clamp(1, 256).min(count)
}

/// Mean PSNR in dB over 32 held-out pictures, at their full size.
pub fn held_out(pairs: &Pairs, average: &Average, part: Part) -> Result<f64, Box<dyn Error>> {
    let (autoencoder, _) = build(&average.weights(), part)?;
    let first = trained_on(pairs.len());
    let count = (pairs.len() - first).min(32);
    let mut total = 0.0;
    for index in first..first + count {
        let truth = to_tensor(&pairs.picture(index)?, pairs.size()).unsqueeze(0).to_device(device());
        total += no_grad(|| psnr(&autoencoder.decode(&autoencoder.encode(&truth)), &truth));
    }
    Ok(total / count as f64)
}
