//! What a step costs on a GPU beside the reference (Hugging Face diffusers 0.42, eager), by turns, in half precision,
//! batch 1 with guidance, random weights.
//!
//! For UNets of Stable Diffusion 1.5's and XL's size at 512x512 and 1024x1024: `ratio_*`, our time over the
//! reference's; `steps_per_s_*`, ours; `reference_*`, theirs; `eager_*`, ours without graphs. `largest_difference`:
//! between the shipped model's latents after 20 steps on the processor in float32 and on the GPU in half precision,
//! as a share of the largest value.
//!
//! PENTIMENTO_REFERENCE names a Python that has torch 2.11 and diffusers 0.42; without it the ratios are null.

use anyhow::{Result, ensure};
use bench::figure::{Options, median, rounded};
use bench::large::{self, Large};
use bench::reference::{Reference, by_turns, ratio};
use clap::Parser;
use sampler::Model;
use serde_json::{Map, Value, json};
use tch::{Device, Kind, Tensor};

/// Pairs of steps.
const PAIRS: usize = 30;

fn main() -> Result<()> {
    sampler::process::suit();
    let options = Options::parse();
    ensure!(tch::Cuda::is_available(), "this libtorch finds no GPU");
    let mut reference = Reference::start()?;
    let mut line = Map::new();
    line.insert("bench".into(), json!("cuda"));
    options.remark("the shipped model");
    line.insert("largest_difference".into(), rounded(difference()?, 5));
    for (name, config) in [("sd15", large::sd15()), ("xl", large::xl())] {
        let large = Large::new(config, Kind::Half, Device::Cuda(0))?;
        for pixels in [512, 1024] {
            options.remark(&format!("{name} at {pixels}"));
            let side = pixels / 8;
            let job = large.job(side, pixels as u64);
            let (ours, theirs) = by_turns(PAIRS, || job.step(), &large.question(side), &mut reference)?;
            let eager = (0..PAIRS).map(|_| job.eager_step()).collect::<Result<Vec<f64>>>()?;
            let mut put =
                |figure: &str, value: Value| line.insert(format!("{figure}_{name}_{pixels}"), value);
            let rate = |times: &[f64]| rounded(1e3 / median(times), 1);
            put("ratio", ratio(&ours, &theirs));
            put("steps_per_s", rate(&ours));
            put("eager", rate(&eager));
            put("reference", if theirs.is_empty() { Value::Null } else { rate(&theirs) });
        }
    }
    println!("{}", Value::Object(line));
    Ok(())
}

/// Of the latents that the processor and the GPU make of the same words and noise.
fn difference() -> Result<f64> {
    let folder = bench::model_folder();
    let latents = |device, kind| -> Result<Tensor> {
        let model = Model::load(&folder, &sampler::Reading::exact(device).as_kind(kind))?;
        let mut run = model.start(&bench::request(&model))?;
        while run.done() < run.total() {
            run.step(&|| true)?;
        }
        Ok(run.latents().to_device(Device::Cpu))
    };
    let exact = latents(Device::Cpu, Kind::Float)?;
    let made = latents(Device::Cuda(0), Kind::Half)?;
    Ok((made - &exact).abs().max().double_value(&[]) / exact.abs().max().double_value(&[]))
}
