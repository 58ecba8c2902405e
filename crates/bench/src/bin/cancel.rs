//! How soon the UNet is idle after somebody cancels: the shipped model, guided, is told at random moments that its
//! step is no longer wanted. `steps_p99` and `steps_median` are the time until the step has returned, as a share of
//! an undisturbed step (`step_ms`). `next_over_usual` is the median first step after a cancel over the one that follows
//! it: what was given up must not slow what comes next.

use anyhow::Result;
use bench::figure::{Options, median, milliseconds, rounded, share};
use clap::Parser;
use link::Random;
use sampler::{Model, Request, Stepped};
use serde_json::json;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};
use tch::Device;

const CANCELS: usize = 500;
/// Undisturbed first steps by which the moments are chosen.
const TRIED: usize = 20;

fn main() -> Result<()> {
    sampler::process::suit();
    let options = Options::parse();
    let model = Model::load(&bench::model_folder(), &sampler::Reading::exact(Device::Cpu))?;
    let request = Request { scheduler: model.card().defaults.scheduler, ..bench::request(&model) };
    let first = || -> Result<f64> {
        let mut run = model.start(&request)?;
        let begun = Instant::now();
        run.step(&|| true)?;
        Ok(milliseconds(begun.elapsed()))
    };
    (0..5).try_for_each(|_| first().map(drop))?;
    let tried = (0..TRIED).map(|_| first()).collect::<Result<Vec<f64>>>()?;
    let step_ms = median(&tried);
    options.remark(&format!("a step takes {step_ms:.1} ms; {CANCELS} cancels"));
    let mut random = Random::new(5);
    let (mut idle_after, mut next, mut usual) = (Vec::new(), Vec::new(), Vec::new());
    while idle_after.len() < CANCELS {
        let wait = Duration::from_secs_f64(step_ms / 1e3 * (random.up_to(1_000) as f64 / 1_000.0));
        let (cancel, cancelled) = channel();
        let command = thread::spawn(move || {
            thread::sleep(wait);
            let now = Instant::now();
            // The step may be over already.
            let _ = cancel.send(now);
            now
        });
        let mut run = model.start(&request)?;
        let told = std::cell::Cell::new(false);
        let still_wanted = || {
            told.set(told.get() || cancelled.try_recv().is_ok());
            !told.get()
        };
        let stepped = run.step(&still_wanted)?;
        let idle = Instant::now();
        let commanded = command.join().expect("it only sleeps");
        if stepped == Stepped::Abandoned {
            idle_after.push(milliseconds(idle - commanded));
            next.push(first()?);
            usual.push(first()?);
        }
    }
    let step_ms = median(&usual);
    let line = json!({
        "bench": "cancel",
        "steps_p99": rounded(share(&idle_after, 0.99) / step_ms, 3),
        "steps_median": rounded(median(&idle_after) / step_ms, 3),
        "step_ms": rounded(step_ms, 2),
        "next_over_usual": rounded(median(&next) / step_ms, 3),
        "cancels": idle_after.len(),
    });
    println!("{line}");
    Ok(())
}
