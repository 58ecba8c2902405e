//! The denoiser in few steps without guidance, learned from its own guided steps.
//!
//! Salimans and Ho, "Progressive Distillation for Fast Sampling of Diffusion Models", 2022, with the
//! guidance inside the teacher's steps as in Meng et al., "On Distillation of Guided Diffusion Models",
//! 2023. Words and autoencoder stay the teacher's.

use super::cases::{Cases, Described, LeftOut, Shown};
use super::diffusion::{build, unet_config};
use super::mixed::{Variables, backward_side_by_side, channels_last, copies, shared};
use super::noise::{TIMESTEPS, alphas_cumprod, table};
use super::optimizer::Optimizer;
use super::progress::Progress;
use super::state::Kept;
use crate::cores::cores;
use crate::rng::Rng;
use crate::runs::Ledger;
use sampler::text::TextConfig;
use sampler::unet::UNet;
use sampler::weights::Weights;
use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};
use tch::{Device, Kind, Tensor, nn, no_grad};

/// Steps that the student takes from noise to picture, trailing spacing.
pub const STEPS: i64 = 4;
/// Steps that show nearly the same, for pictures that follow the pen.
pub const LIVE_STEPS: u32 = 3;
/// Steps of the teacher in one of the student's.
const WITHIN: i64 = 2;
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
    let teacher = no_grad(|| copies(&teacher, Kind::BFloat16));
    let mut store = nn::VarStore::new(Device::Cpu);
    UNet::new(&Weights::fresh(&store.root()).at("unet"), &unet_config())?;
    let (mut average, step) = kept.resume(&mut store)?;
    let mut optimizer = Optimizer::new(&store, DECAY);
    let cases = Cases::new(described, LEFT_OUT, described.latents.pictures.size()[2]);
    let options = format!("batch {}, rate {}, guidance {}", plan.batch, plan.rate, plan.guidance);
    let ledger = Ledger::begin(plan.folder, "distilled denoiser", options, cases.pictures());
    let mut progress = Progress::new(plan.folder, "distilled", plan.minutes, step, ledger)?;
    let nothing = Tensor::from_slice(&described.nothing).unsqueeze(0);
    let schedule = alphas_cumprod();
    let mut rng = Rng::new(0xD157_1100 + step);
    tch::manual_seed(step as i64);
    let (mut saved, mut of_run) = (Instant::now(), 0);
    loop {
        // Every share has a case at least.
        let shares = cores().min(plan.batch);
        let per = plan.batch / shares;
        let lesson = |first: i64, rng: &mut Rng| Lesson {
            first,
            shown: cases.draw(per, rng),
            nothing: nothing.shallow_clone(),
            teacher: shared(&teacher),
            alphas: table(&schedule),
        };
        let lessons = (0..shares as i64).map(|n| lesson(n * per as i64, &mut rng)).collect();
        let loss = backward_side_by_side(&store, lessons, |variables, lesson: Lesson| {
            Ok(lesson.loss(variables, plan)? / shares as f64)
        })?;
        optimizer.step(progress.rate(plan.rate, of_run));
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
    alphas: Tensor,
}

impl Lesson {
    fn loss(self, variables: &Variables, plan: &Plan) -> Result<Tensor, Box<dyn Error>> {
        let kind = Kind::BFloat16;
        let Shown { clean, sketch, ids } = &self.shown;
        let count = clean.size()[0];
        // Every step of the student equally often.
        let times: Vec<i64> = (self.first..self.first + count)
            .map(|n| TIMESTEPS - 1 - (n % STEPS) * (TIMESTEPS / STEPS))
            .collect();
        let times = Tensor::from_slice(&times);
        let start = self.level(&times);
        let noisy = start.mix(clean, &clean.randn_like());
        let (teacher, text) = build(&Weights::from_tensors(shared(&self.teacher)), &plan.text)?;
        let (words, v) = no_grad(|| {
            let words = text.forward(ids);
            let nothing = text.forward(&self.nothing).expand_as(&words);
            let guided = |sample: &Tensor, times: &Tensor| {
                let pass = |sketch: &Tensor, words: &Tensor| {
                    let input = channels_last(&Tensor::cat(&[sample, sketch], 1).to_kind(kind));
                    teacher.forward(&input, times, words).to_kind(Kind::Float)
                };
                let (with, without) = (pass(sketch, &words), pass(&sketch.zeros_like(), &nothing));
                &without + (with - &without) * plan.guidance
            };
            let (mut sample, mut at) = (noisy.shallow_clone(), times.shallow_clone());
            for _ in 0..WITHIN {
                let next = &at - TIMESTEPS / STEPS / WITHIN;
                sample = self.level(&at).step(&sample, &guided(&sample, &at), &self.level(&next));
                at = next;
            }
            let end = self.level(&at);
            let v = start.v_between(&noisy, &sample, &end);
            (words, v)
        });
        let student = Weights::from_tensors(copies(variables, kind));
        let student = UNet::new(&student.at("unet"), &unet_config())?;
        let input = channels_last(&Tensor::cat(&[&noisy, sketch], 1).to_kind(kind));
        let made = student.forward(&input, &times, &words).to_kind(Kind::Float);
        Ok((made - v).square().mean(Kind::Float))
    }

    /// Noise at these times; before the first it is none.
    fn level(&self, times: &Tensor) -> Level {
        let alphas = self.alphas.index_select(0, &times.clamp_min(0));
        let alphas = alphas.where_self(&times.ge(0), &Tensor::from(1.0_f32)).view([-1, 1, 1, 1]);
        Level { signal: alphas.sqrt(), noise: (-alphas + 1.0).clamp_min(0.0).sqrt() }
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
