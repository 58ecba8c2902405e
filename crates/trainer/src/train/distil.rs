//! The denoiser in few steps without guidance, learned from its own guided steps.
//!
//! Salimans and Ho, "Progressive Distillation for Fast Sampling of Diffusion Models", 2022, with the
//! guidance inside the teacher's steps as in Meng et al., "On Distillation of Guided Diffusion Models",
//! 2023. That alone smooths what a few steps cannot decide, so a discriminator asks that where a step leads
//! looks like the truth (Lin et al., "SDXL-Lightning: Progressive Adversarial Diffusion Distillation", 2024).
//! Words and autoencoder stay the teacher's.

use super::cases::{Cases, Described, LeftOut, Shown};
use super::device::{device, shares};
use super::diffusion::{build, unet_config};
use super::discriminator::Discriminator;
use super::hinge;
use super::mixed::{Variables, backward_side_by_side, channels_last, copies, detached, moved, shared};
use super::noise::{TIMESTEPS, alphas_cumprod, table};
use super::optimizer::Optimizer;
use super::progress::Progress;
use super::state::Kept;
use crate::rng::Rng;
use crate::runs::Ledger;
use sampler::text::TextConfig;
use sampler::unet::UNet;
use sampler::weights::Weights;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};
use tch::{Kind, Tensor, nn, no_grad};

/// Steps that the student takes from noise to picture, trailing spacing; each learns from two of the teacher.
pub const STEPS: i64 = 4;
/// Steps for pictures that follow the pen; each learns from two of the student's own.
pub const LIVE_STEPS: i64 = 2;
/// The discriminator looks at where a step leads with at most so much more noise, in timesteps.
const VEIL: i64 = 250;
/// Steps of a run after which the discriminator is trusted fully, and its learning rate.
const TRUSTED: f64 = 100.0;
const DISCRIMINATOR_RATE: f64 = 1e-3;
/// What people see: always a canvas, nearly always words.
const LEFT_OUT: LeftOut = LeftOut { everything: 0.0, canvas: 0.0, sketch: 0.06, words: 0.10 };
const DECAY: f64 = 0.01;

/// What one run is told.
pub struct Plan<'a> {
    pub folder: &'a Path,
    pub minutes: f64,
    /// The highest learning rate.
    pub rate: f64,
    pub batch: usize,
    /// Scale of the guidance that the student takes in.
    pub guidance: f64,
    /// How much the discriminator's wish weighs beside the teacher's; 0 asks the teacher alone.
    pub adversarial: f64,
    /// A model folder that knows few steps already: what sets its distilled UNet apart from its UNet is added
    /// to the denoiser to start from (Ilharco et al., "Editing Models with Task Arithmetic", 2023).
    pub skill: Option<&'a Path>,
    pub text: TextConfig,
}

/// Trains for the plan's minutes, from what its folder keeps of earlier runs; at first from the teacher,
/// which is the average of the denoiser's runs there.
pub fn train(described: &Described, plan: &Plan) -> Result<(), Box<dyn Error>> {
    let teacher: Variables =
        Tensor::read_safetensors(Kept::new(plan.folder, "diffusion").file("average.safetensors"))?
            .into_iter()
            .collect();
    let kept = Kept::new(plan.folder, "distilled");
    if !kept.file("step").is_file() {
        let skill = plan.skill.map(skill).transpose()?.unwrap_or_default();
        let unet = teacher.iter().filter(|(name, _)| name.starts_with("unet."));
        let start = |(name, tensor): (&String, &Tensor)| match skill.get(name) {
            Some(apart) => (name.clone(), tensor + apart),
            None => (name.clone(), tensor.shallow_clone()),
        };
        kept.start(&unet.map(start).collect())?;
    }
    let teacher = no_grad(|| moved(copies(&teacher, Kind::BFloat16)));
    let mut store = nn::VarStore::new(device());
    UNet::new(&Weights::fresh(&store.root()).at("unet"), &unet_config())?;
    let (mut average, step) = kept.resume(&mut store)?;
    let mut optimizer = Optimizer::new(&store, DECAY);
    let cases = Cases::new(described, LEFT_OUT, described.latents.pictures.size()[2]);
    let Plan { batch, rate, guidance, adversarial, .. } = plan;
    let options = format!("batch {batch}, rate {rate}, guidance {guidance}, adversarial {adversarial}");
    let ledger = Ledger::begin(plan.folder, "distilled denoiser", options, cases.pictures());
    let mut progress = Progress::new(plan.folder, "distilled", plan.minutes, step, ledger)?;
    let nothing = Tensor::from_slice(&described.nothing).unsqueeze(0).to_device(device());
    let schedule = alphas_cumprod();
    // Begun anew in every run: it learns faster than the student does.
    let heads = nn::VarStore::new(device());
    Discriminator::new(&Weights::fresh(&heads.root()), &unet_config())?;
    let mut heads_optimizer = Optimizer::new(&heads, 0.0);
    let mut rng = Rng::new(0xD157_1100 + step);
    tch::manual_seed(step as i64);
    let (mut saved, mut of_run) = (Instant::now(), 0);
    loop {
        let shares = shares(plan.batch);
        let per = plan.batch / shares;
        let before = no_grad(|| copies(&average.variables(), Kind::BFloat16));
        let lesson = |first: i64, rng: &mut Rng| Lesson {
            first,
            shown: cases.draw(per, rng),
            nothing: nothing.shallow_clone(),
            teacher: shared(&teacher),
            before: shared(&before),
            heads: heads.variables(),
            adversarial: plan.adversarial * (of_run as f64 / TRUSTED).min(1.0),
            alphas: table(&schedule),
        };
        let lessons = (0..shares as i64).map(|n| lesson(n * per as i64, &mut rng)).collect();
        let loss = backward_side_by_side(&store, lessons, |variables, lesson: Lesson| {
            Ok(lesson.loss(variables, plan)? / shares as f64)
        })?;
        optimizer.step(progress.rate(plan.rate, of_run));
        if plan.adversarial > 0.0 {
            heads_optimizer.step(DISCRIMINATOR_RATE);
        }
        of_run += 1;
        average.update(&store, progress.step);
        progress.stepped(loss, per * shares)?;
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

/// What sets the distilled UNet of a model folder apart from its UNet, by the names of a state.
fn skill(folder: &Path) -> Result<Variables, Box<dyn Error>> {
    let read = |part: &str| -> Result<Variables, Box<dyn Error>> {
        let tensors = crate::folder::read(&folder.join(part).join("diffusion_pytorch_model.safetensors"))?;
        Ok(tensors.into_iter().map(|(name, t)| (format!("unet.{name}"), t.to_kind(Kind::Float))).collect())
    };
    let before = read("unet")?;
    let apart = |(name, tensor): (String, Tensor)| Some((name.clone(), tensor - before.get(&name)?));
    Ok(read("unet_distilled")?.into_iter().filter_map(apart).collect())
}

/// What one thread of one step works on.
struct Lesson {
    /// Number of its first case in the batch.
    first: i64,
    shown: Shown,
    /// Token ids of no words, [1, N].
    nothing: Tensor,
    teacher: Variables,
    /// The student's average.
    before: Variables,
    /// The discriminator, whose gradients are added up where the loss is made.
    heads: Variables,
    /// How much the discriminator's wish weighs.
    adversarial: f64,
    alphas: Tensor,
}

/// Where steps begin, [B, ...] each.
struct Start {
    sample: Tensor,
    times: Tensor,
    sketch: Tensor,
    words: Tensor,
}

impl Lesson {
    fn loss(self, variables: &Variables, plan: &Plan) -> Result<Tensor, Box<dyn Error>> {
        let unet = |weights: Weights| UNet::new(&weights.at("unet"), &unet_config());
        let (teacher, text) = build(&Weights::from_tensors(shared(&self.teacher)), &plan.text)?;
        let before = unet(Weights::from_tensors(shared(&self.before)))?;
        let student = unet(Weights::from_tensors(copies(variables, Kind::BFloat16)))?;
        let Shown { clean, sketch, ids } = &self.shown;
        let (words, nothing) = no_grad(|| (text.forward(ids), text.forward(&self.nothing)));
        // Half of the cases for each number of steps, every step equally often.
        let count = clean.size()[0];
        let half = count / 2;
        let spans = [(0, half, STEPS), (half, count - half, LIVE_STEPS)];
        let lengths: Vec<i64> =
            spans.iter().flat_map(|(_, n, of)| vec![TIMESTEPS / of; *n as usize]).collect();
        let time = |(n, length): (i64, &i64)| TIMESTEPS - 1 - n * length % TIMESTEPS;
        let times: Vec<i64> = (self.first..).zip(&lengths).map(time).collect();
        let [times, lengths] =
            [&times, &lengths].map(|values| Tensor::from_slice(values).to_device(device()));
        let start = self.level(&times);
        let all = Start {
            sample: start.mix(clean, &clean.randn_like()),
            times,
            sketch: sketch.shallow_clone(),
            words,
        };
        let end = &all.times - &lengths;
        let v = no_grad(|| {
            let guided = |at: &Start| {
                let without = Start {
                    sample: at.sample.shallow_clone(),
                    times: at.times.shallow_clone(),
                    sketch: at.sketch.zeros_like(),
                    words: nothing.expand_as(&at.words),
                };
                let without = without.v(&teacher);
                &without + (at.v(&teacher) - &without) * plan.guidance
            };
            let own = |at: &Start| at.v(&before);
            let part = |(first, count, steps): (i64, i64, i64)| {
                let part = all.narrow(first, count);
                let half = TIMESTEPS / steps / 2;
                if steps == STEPS {
                    self.two_steps(part, half, guided)
                } else {
                    self.two_steps(part, half, own)
                }
            };
            let ends = Tensor::cat(&spans.map(part), 0);
            start.v_between(&all.sample, &ends, &self.level(&end))
        });
        let made = all.v(&student);
        let loss = (&made - &v).square().mean(Kind::Float);
        if plan.adversarial == 0.0 {
            return Ok(loss);
        }
        let wish = self.wish(&all, &made.detach(), &end, &teacher)?;
        let taught = (made.detach() - v) * (2.0 / made.numel() as f64);
        Ok(hinge::wishing(&loss, &made, &wish, &taught, self.adversarial))
    }

    /// Where two steps lead.
    fn two_steps(&self, mut at: Start, length: i64, v: impl Fn(&Start) -> Tensor) -> Tensor {
        for _ in 0..2 {
            let next = &at.times - length;
            at.sample = self.level(&at.times).step(&at.sample, &v(&at), &self.level(&next));
            at.times = next;
        }
        at.sample
    }

    /// The gradient by `v` [B, 4, h, w] of how untrue the samples look that it leads to at `end`; teaches the
    /// discriminator.
    fn wish(
        &self,
        start: &Start,
        v: &Tensor,
        end: &Tensor,
        teacher: &UNet,
    ) -> Result<Tensor, Box<dyn Error>> {
        let v = v.detach().set_requires_grad(true);
        let there = self.level(end);
        let reached = self.level(&start.times).step(&start.sample, &v, &there);
        let times = end + Tensor::randint(VEIL, end.size(), (Kind::Int64, end.device())) + 1;
        let level = self.level(&times);
        let look = |sample: Tensor| {
            let Start { sketch, words, .. } = start;
            let input = channels_last(&Tensor::cat(&[&sample, sketch], 1).to_kind(Kind::BFloat16));
            teacher.features(&input, &times, words)
        };
        let made = look(level.veil(&reached, &there));
        let truth = no_grad(|| look(level.mix(&self.shown.clean, &v.randn_like())));
        let build = |heads: Variables| Discriminator::new(&Weights::from_tensors(heads), &unet_config());
        let still = detached(&self.heads);
        build(copies(&still, Kind::BFloat16))?.doubt(&made, &start.words).backward();
        let made: Vec<Tensor> = made.iter().map(Tensor::detach).collect();
        build(copies(&self.heads, Kind::BFloat16))?.error(&made, &truth, &start.words).backward();
        Ok(v.grad())
    }

    /// Noise at these times; before the first it is none.
    fn level(&self, times: &Tensor) -> Level {
        let alphas = self.alphas.index_select(0, &times.clamp_min(0));
        let alphas = alphas.where_self(&times.ge(0), &Tensor::from(1.0_f32)).view([-1, 1, 1, 1]);
        Level { signal: alphas.sqrt(), noise: (-alphas + 1.0).clamp_min(0.0).sqrt() }
    }
}

impl Start {
    fn narrow(&self, first: i64, count: i64) -> Self {
        let part = |tensor: &Tensor| tensor.narrow(0, first, count);
        let Self { sample, times, sketch, words } = self;
        Self { sample: part(sample), times: part(times), sketch: part(sketch), words: part(words) }
    }

    /// What a network predicts for a step from here.
    fn v(&self, unet: &UNet) -> Tensor {
        let input = channels_last(&Tensor::cat(&[&self.sample, &self.sketch], 1).to_kind(Kind::BFloat16));
        unet.forward(&input, &self.times, &self.words).to_kind(Kind::Float)
    }
}

/// How much of a sample is picture and how much noise, [B, 1, 1, 1] each.
struct Level {
    signal: Tensor,
    noise: Tensor,
}

impl Level {
    fn mix(&self, clean: &Tensor, noise: &Tensor) -> Tensor {
        &self.signal * clean + &self.noise * noise
    }

    /// One step of DDIM with a prediction of v.
    fn step(&self, sample: &Tensor, v: &Tensor, next: &Level) -> Tensor {
        let clean = &self.signal * sample - &self.noise * v;
        let noise = &self.signal * v + &self.noise * sample;
        next.mix(&clean, &noise)
    }

    /// A sample from `there` with the noise added that it lacks here.
    fn veil(&self, sample: &Tensor, there: &Level) -> Tensor {
        let ratio = &self.signal / &there.signal;
        let lacking = (self.noise.square() - (&ratio * &there.noise).square()).clamp_min(0.0).sqrt();
        ratio * sample + lacking * sample.randn_like()
    }

    /// The v with which one step leads from `sample` here to `end` there.
    fn v_between(&self, sample: &Tensor, end: &Tensor, there: &Level) -> Tensor {
        let ratio = &there.noise / &self.noise;
        let clean = (end - &ratio * sample) / (&there.signal - ratio * &self.signal);
        (&self.signal * sample - clean) / &self.noise
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    fn level(alpha: f64) -> Level {
        let alpha = Tensor::from_slice(&[alpha]).view([1, 1, 1, 1]);
        Level { signal: alpha.sqrt(), noise: (-alpha + 1.0).sqrt() }
    }

    #[test]
    fn one_step_with_the_target_ends_where_two_of_the_teacher_do() {
        for (from, between, to) in [(0.0, 0.1, 0.2), (0.2, 0.5, 0.6), (0.6, 0.8, 1.0)] {
            let random = || Tensor::randn([1, 4, 3, 3], (Kind::Double, Device::Cpu));
            let (start, end) = (level(from), level(to));
            let sample = random();
            let taught =
                level(between).step(&start.step(&sample, &random(), &level(between)), &random(), &end);
            let v = start.v_between(&sample, &taught, &end);
            let off = (start.step(&sample, &v, &end) - &taught).abs().max().double_value(&[]);
            assert!(off < 1e-10, "{from} to {to}: {off}");
        }
    }

    #[test]
    fn a_veiled_sample_is_as_noisy_as_one_from_there() {
        tch::manual_seed(4);
        let clean = Tensor::full([1, 1, 64, 64], 3.0, (Kind::Double, Device::Cpu));
        for (from, to) in [(1.0, 0.6), (0.8, 0.3), (0.5, 0.5)] {
            let sample = level(from).mix(&clean, &clean.randn_like());
            let veiled = level(to).veil(&sample, &level(from));
            let (mean, spread) = (veiled.mean(Kind::Double), veiled.std(true));
            assert!((mean.double_value(&[]) - 3.0 * f64::sqrt(to)).abs() < 0.05, "{from} to {to}");
            assert!((spread.double_value(&[]) - f64::sqrt(1.0 - to)).abs() < 0.05, "{from} to {to}");
        }
    }

    #[test]
    fn a_skill_is_what_sets_the_distilled_apart() {
        let folder = tempfile::tempdir().expect("a folder");
        for (part, value) in [("unet", 1.5), ("unet_distilled", 2.0)] {
            let tensor = Tensor::full([2, 3], value, (Kind::Half, Device::Cpu));
            std::fs::create_dir(folder.path().join(part)).expect("a folder");
            let file = folder.path().join(part).join("diffusion_pytorch_model.safetensors");
            Tensor::write_safetensors(&[("conv_in.weight", tensor)], file).expect("written");
        }
        let skill = skill(folder.path()).expect("both are there");
        let half = Tensor::full([2, 3], 0.5, (Kind::Float, Device::Cpu));
        assert!(skill.len() == 1 && skill["unet.conv_in.weight"].equal(&half));
    }
}
