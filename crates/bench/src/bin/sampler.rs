//! What a step costs beside the reference (Hugging Face diffusers 0.42, eager) on the same machine, by turns.
//!
//! `ratio_shipped`: a guided step of the shipped model at 256x256 in float32 over the reference's, ten of each at a
//! time, as a picture is made: who makes one alone finds the other's weights in the caches. `ratio_sd15`: the same
//! for a UNet of Stable Diffusion 1.5's size at 512x512 in bfloat16, random weights. `gemm_share`: the share of
//! this machine's own rate of multiplying matrices in bfloat16 that the latter reaches. `neighbour_ratio`: the
//! median step of the shipped model with one busy process beside it over that without. `load_over_read`: loading a
//! checkpoint of Stable Diffusion 1.5's size, half precision to bfloat16, over reading its bytes, both from the
//! disk cache and into memory that the process has had before; `load_over_read_shipped`: the same for the shipped
//! model, half precision to float32. `ready_over_read`: the former, and what else is found out before it makes
//! pictures (`Model::suit` and `Model::preview_map`). `peak_over_weights`: the most memory that a process had which
//! read the large network from a file and made two steps with it, over the size of that file.
//!
//! PENTIMENTO_REFERENCE names a Python that has torch 2.11 and diffusers 0.42; without it the ratios are null.

use anyhow::{Context, Result};
use bench::figure::{Options, median, milliseconds, rounded};
use bench::large::{self, Large};
use bench::memory;
use bench::reference::{Reference, by_turns, ratio};
use clap::Parser;
use sampler::{Model, Request};
use serde_json::json;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Instant;
use tch::{Device, Kind, Tensor};

/// Pairs of steps of the small network, so many at a time, and of the large one.
const PAIRS: usize = 20;
const AT_A_TIME: u32 = 10;
const LARGE_PAIRS: usize = 5;
/// Multiplications and additions of a guided step of Stable Diffusion 1.5's UNet at 512x512, as fvcore counts
/// 339 G for one half; an operation is either.
const SD15_OPERATIONS: f64 = 2.0 * 2.0 * 339e9;

#[derive(clap::Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Make steps with the network in this folder, and print the memory that it took.
    #[arg(long, hide = true)]
    peak_of: Option<PathBuf>,
}

fn main() -> Result<()> {
    sampler::process::suit();
    let Arguments { options, peak_of } = Arguments::parse();
    if let Some(folder) = peak_of {
        println!("{}", peak(&folder)?);
        return Ok(());
    }
    let folder = bench::root().join("models/pentimento");
    let mut reference = Reference::start()?;
    let model = Model::load(&folder, &sampler::Reading::exact(Device::Cpu))?;
    options.remark("steps of the shipped model");
    let shipped = json!({
        "folder": folder, "config": null, "kind": "float32", "device": "cpu", "side": 32, "words": 48,
        "steps": AT_A_TIME,
    });
    let (ours, theirs) = by_turns(PAIRS, || steps(&model, AT_A_TIME), &shipped, &mut reference)?;
    let ratio_shipped = ratio(&ours, &theirs);
    options.remark("with a neighbour");
    let (mut beside, mut quiet) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        quiet.push(steps(&model, 20)?);
        let busy = Busy::start()?;
        beside.push(steps(&model, 20)?);
        drop(busy);
    }
    options.remark("loading");
    let [load_over_read_shipped, _] = over_read(&folder, Kind::Float)?;
    let [load_over_read, ready_over_read] = {
        let folder = tempfile::tempdir()?;
        large::write_checkpoint(folder.path())?;
        over_read(folder.path(), Kind::BFloat16)?
    };
    options.remark("steps of Stable Diffusion 1.5's size");
    let large = Large::new(large::sd15(), Kind::BFloat16, Device::Cpu)?;
    let job = large.job(64, 0);
    let (ours_large, theirs_large) =
        by_turns(LARGE_PAIRS, || job.step(), &large.question(64), &mut reference)?;
    drop(large);
    options.remark("its memory");
    let peak_over_weights = peak_over_weights()?;
    let rate = SD15_OPERATIONS / (median(&ours_large) / 1e3);
    let line = json!({
        "bench": "sampler",
        "ratio_shipped": ratio_shipped,
        "ratio_sd15": ratio(&ours_large, &theirs_large),
        "gemm_share": rounded(rate / gemm_rate(), 3),
        "neighbour_ratio": rounded(median(&beside) / median(&quiet), 3),
        "load_over_read": rounded(load_over_read, 2),
        "load_over_read_shipped": rounded(load_over_read_shipped, 2),
        "ready_over_read": rounded(ready_over_read, 2),
        "peak_over_weights": rounded(peak_over_weights, 2),
        "shipped_ms": rounded(median(&ours), 2),
        "sd15_ms": rounded(median(&ours_large), 0),
        "threads": tch::get_num_threads(),
    });
    println!("{line}");
    Ok(())
}

/// Loading, and being ready, over reading: medians of five, after one.
fn over_read(folder: &Path, kind: Kind) -> Result<[f64; 2]> {
    let (mut load, mut ready, mut read) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..6 {
        let begun = Instant::now();
        let mut model = Model::load(folder, &sampler::Reading::exact(Device::Cpu).as_kind(kind))?;
        load.push(milliseconds(begun.elapsed()));
        model.suit()?;
        black_box(model.preview_map()?);
        ready.push(milliseconds(begun.elapsed()));
        drop(model);
        let begun = Instant::now();
        read_all(folder)?;
        read.push(milliseconds(begun.elapsed()));
    }
    Ok([&load, &ready].map(|times| median(&times[1..]) / median(&read[1..])))
}

/// Milliseconds of a guided step, the mean of so many.
fn steps(model: &Model, count: u32) -> Result<f64> {
    let usual = bench::request(model);
    let request = Request { steps: usual.steps.max(count), ..usual };
    let mut run = model.start(&request)?;
    let begun = Instant::now();
    for _ in 0..count {
        run.step(&|| true)?;
    }
    Ok(milliseconds(begun.elapsed()) / f64::from(count))
}

/// Of another process, since this one has had other networks.
fn peak_over_weights() -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let weights = large::write(&large::sd15(), Kind::BFloat16, folder.path())?;
    let other = Command::new(std::env::current_exe()?).arg("--peak-of").arg(folder.path()).output()?;
    let said = String::from_utf8(other.stdout)?;
    let peak: u64 =
        said.trim().parse().with_context(|| String::from_utf8_lossy(&other.stderr).into_owned())?;
    Ok(peak as f64 / weights as f64)
}

/// Bytes, after two steps.
fn peak(folder: &Path) -> Result<u64> {
    let large = Large::read(large::sd15(), Kind::BFloat16, folder)?;
    let job = large.job(64, 0);
    for _ in 0..2 {
        job.step()?;
    }
    memory(std::process::id(), "VmHWM")
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
