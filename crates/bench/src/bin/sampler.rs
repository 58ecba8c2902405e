//! What a step costs beside the reference (Hugging Face diffusers 0.42, eager) on the same machine, by turns.
//!
//! `ratio_shipped`: a guided step of the shipped model at 256x256 in float32 over the reference's. `ratio_sd15`: the
//! same for a UNet of Stable Diffusion 1.5's size at 512x512 in bfloat16, random weights. `gemm_share`: the share of
//! this machine's own rate of multiplying matrices in bfloat16 that the latter reaches. `neighbour_ratio`: the median
//! step of the shipped model with one busy process beside it over that without. `load_over_read`: loading the shipped
//! model over reading its bytes, both from the disk cache.
//!
//! PENTIMENTO_REFERENCE names a Python that has torch 2.11 and diffusers 0.42; without it the ratios are null.

use anyhow::{Context, Result};
use bench::figure::{Options, median, milliseconds, rounded};
use clap::Parser;
use sampler::unet::{PerStage, UNet, UNetConfig};
use sampler::weights::Weights;
use sampler::{Model, Request};
use serde_json::{Value, json};
use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;
use tch::{Device, Kind, Tensor, nn, no_grad};

/// Pairs of steps of the small and of the large network.
const PAIRS: usize = 40;
const LARGE_PAIRS: usize = 5;
/// Multiplications and additions of a guided step of Stable Diffusion 1.5's UNet at 512x512, as fvcore counts
/// 339 G for one half; an operation is either.
const SD15_OPERATIONS: f64 = 2.0 * 2.0 * 339e9;

fn main() -> Result<()> {
    sampler::process::suit();
    let options = Options::parse();
    let folder = bench::root().join("models/pentimento");
    let mut reference = Reference::start()?;
    let model = Model::load(&folder, Device::Cpu)?;
    options.remark("steps of the shipped model");
    let shipped = format!("step shipped {}", folder.display());
    let (ours, theirs) = by_turns(PAIRS, || steps(&model, 1), &shipped, &mut reference)?;
    let ratio_shipped = ratio(&ours, &theirs);
    options.remark("with a neighbour");
    let (mut beside, mut quiet) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        quiet.push(steps(&model, 20)? / 20.0);
        let busy = Busy::start()?;
        beside.push(steps(&model, 20)? / 20.0);
        drop(busy);
    }
    options.remark("loading");
    let (mut load, mut read) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let begun = Instant::now();
        black_box(Model::load(&folder, Device::Cpu)?);
        load.push(milliseconds(begun.elapsed()));
        let begun = Instant::now();
        read_all(&folder)?;
        read.push(milliseconds(begun.elapsed()));
    }
    options.remark("steps of Stable Diffusion 1.5's size");
    let large = Large::new()?;
    let (ours_large, theirs_large) = by_turns(LARGE_PAIRS, || large.step(), "step sd15", &mut reference)?;
    let rate = SD15_OPERATIONS / (median(&ours_large) / 1e3);
    let line = json!({
        "bench": "sampler",
        "ratio_shipped": ratio_shipped,
        "ratio_sd15": ratio(&ours_large, &theirs_large),
        "gemm_share": rounded(rate / gemm_rate(), 3),
        "neighbour_ratio": rounded(median(&beside) / median(&quiet), 3),
        "load_over_read": rounded(median(&load) / median(&read), 2),
        "shipped_ms": rounded(median(&ours), 2),
        "sd15_ms": rounded(median(&ours_large), 0),
        "threads": tch::get_num_threads(),
    });
    println!("{line}");
    Ok(())
}

/// Milliseconds of so many guided steps.
fn steps(model: &Model, count: u32) -> Result<f64> {
    let defaults = &model.card().defaults;
    let request = Request {
        prompt: "a house under a sun".into(),
        steps: defaults.steps.max(count),
        guidance: defaults.guidance,
        width: defaults.width,
        height: defaults.height,
        ..Request::default()
    };
    let mut run = model.start(&request)?;
    let begun = Instant::now();
    for _ in 0..count {
        run.step(&|| true)?;
    }
    Ok(milliseconds(begun.elapsed()))
}

/// Ours and theirs, after one of each to warm up.
fn by_turns(
    pairs: usize,
    ours: impl Fn() -> Result<f64>,
    theirs: &str,
    reference: &mut Option<Reference>,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for pair in 0..=pairs {
        let (a, b) = (ours()?, reference.as_mut().map(|reference| reference.ask(theirs)).transpose()?);
        if pair > 0 {
            mine.push(a);
            others.extend(b);
        }
    }
    Ok((mine, others))
}

fn ratio(ours: &[f64], theirs: &[f64]) -> Value {
    if theirs.is_empty() { Value::Null } else { rounded(median(ours) / median(theirs), 3) }
}

/// The reference in a process of its own, which waits without computing.
struct Reference {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Reference {
    fn start() -> Result<Option<Self>> {
        let Some(python) = std::env::var_os("PENTIMENTO_REFERENCE") else {
            eprintln!(
                "PENTIMENTO_REFERENCE is not set: give it a Python with torch 2.11 and diffusers 0.42 for the ratios"
            );
            return Ok(None);
        };
        let mut child = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reference.py"))
            .arg(tch::get_num_threads().to_string())
            .env_remove("OMP_WAIT_POLICY")
            .env_remove("MALLOC_MMAP_THRESHOLD_")
            .env_remove("MALLOC_TRIM_THRESHOLD_")
            .env_remove("MALLOC_TOP_PAD_")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("PENTIMENTO_REFERENCE does not start")?;
        let questions = child.stdin.take().context("its input is piped")?;
        let answers = BufReader::new(child.stdout.take().context("its output is piped")?);
        Ok(Some(Self { child, questions, answers }))
    }

    /// Milliseconds of one step.
    fn ask(&mut self, question: &str) -> Result<f64> {
        writeln!(self.questions, "{question}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        answer
            .trim()
            .parse()
            .context("the reference gave no number; does its Python have torch and diffusers?")
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process that computes as much as one core can.
struct Busy(Child);

impl Busy {
    fn start() -> Result<Self> {
        let busy = Command::new("sh").args(["-c", "while :; do :; done"]).spawn();
        Ok(Self(busy.context("no shell to be busy in")?))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A UNet of Stable Diffusion 1.5's size with random weights in bfloat16.
struct Large {
    unet: UNet,
    sample: Tensor,
    text: Tensor,
}

impl Large {
    fn new() -> Result<Self> {
        let config = UNetConfig { cross_attention_dim: PerStage::One(768), ..UNetConfig::default() };
        let store = nn::VarStore::new(Device::Cpu);
        UNet::new(&Weights::fresh(&store.root()), &config)?;
        let tensors = no_grad(|| {
            let copies =
                store.variables().into_iter().map(|(name, tensor)| (name, tensor.to_kind(Kind::BFloat16)));
            copies.collect()
        });
        let unet = UNet::new(&Weights::from_tensors(tensors), &config)?;
        let random = |shape: &[i64]| Tensor::randn(shape, (Kind::BFloat16, Device::Cpu));
        Ok(Self { unet, sample: random(&[2, 4, 64, 64]), text: random(&[2, 77, 768]) })
    }

    /// Milliseconds of one guided step, both halves in one batch; what is constant in a job is made before.
    fn step(&self) -> Result<f64> {
        no_grad(|| {
            let keys = self.unet.text_keys(&self.text);
            let time = self.unet.embed_time(&Tensor::from_slice(&[500_i64]), None, Kind::BFloat16);
            let begun = Instant::now();
            let both = self.unet.forward_while(&self.sample, &time, &keys, &|| true);
            let both = both.ok().context("it is always wanted")?;
            let halves = both.chunk(2, 0);
            drop(black_box(&halves[0] + (&halves[1] - &halves[0]) * 4.5));
            Ok(milliseconds(begun.elapsed()))
        })
    }
}

/// Operations a second of a large product of matrices in bfloat16.
fn gemm_rate() -> f64 {
    const SIDE: i64 = 2048;
    let matrix = || Tensor::randn([SIDE, SIDE], (Kind::BFloat16, Device::Cpu));
    let (a, b) = (matrix(), matrix());
    let time = || {
        let begun = Instant::now();
        drop(black_box(a.matmul(&b)));
        begun.elapsed().as_secs_f64()
    };
    time();
    let times: Vec<f64> = (0..9).map(|_| time()).collect();
    2.0 * (SIDE as f64).powi(3) / median(&times)
}

fn read_all(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        bytes += match entry.file_type()?.is_dir() {
            true => read_all(&entry.path())?,
            false if entry.path().extension().is_some_and(|end| end == "safetensors") => {
                black_box(std::fs::read(entry.path())?).len() as u64
            }
            false => 0,
        };
    }
    Ok(bytes)
}
