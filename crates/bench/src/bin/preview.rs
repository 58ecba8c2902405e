//! What previews cost, and that each is made once.
//!
//! First the same job again and again, by turns with a preview at every step for one real socket
//! viewer and with that viewer's page hidden, so that none is made: `overhead_1` is the time
//! from `started` to `finished` with previews over that without, the median of all pairs (`with_ms`, `without_ms`: medians). `overhead_100` is the
//! same with a hundred viewers, whose sockets are on this machine too.
//!
//! Then one job that ten viewers follow, two of them with JPEG, each at an interval of its own:
//! `wanted` is the number of steps that at least one of them wanted, `made` the previews quantised
//! for all of them together, `encodes` the JPEGs (at most one for each step that a JPEG viewer
//! wanted: a newer step replaces one that waits), `frames` what was sent.
//!
//! And the same job again and again that a viewer of latents and one of JPEGs see, until every step came both ways:
//! `bytes_over_jpeg` is the size of a latent's frame over that of the same step's picture as a JPEG of quality 60,
//! `latent_bytes` its size, medians of all frames.

use anyhow::Result;
use bench::{
    Desk, Studio, Viewer,
    crowd::{Crowd, Other},
    figure::{Options, median, milliseconds, rounded},
};
use clap::Parser;
use jpeg_encoder::{ColorType, Encoder};
use serde_json::json;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
};
use tokio::sync::watch;
use wire::{Attention, ClientMessage, Frame, JobId, PersonToken, PreviewFormat, Seed, Spec};

type Gathered = Arc<Mutex<HashMap<(JobId, u16), Frame>>>;

/// Jobs that are enough for every step to come as a JPEG once: of one job a third to a half do.
const JOBS_MAX: usize = 40;

const JPEG_QUALITY: u8 = 60;
/// Jobs that one cannot tell apart differ by some percent: many pairs say what half a percent is.
const PAIRS: usize = 40;
/// Viewers of `overhead_100`, the desk included.
const CROWD: usize = 100;
const PERSON: PersonToken = PersonToken([9; 16]);
/// Intervals of the viewers of one job; the desk itself is the first, with 4.
const LATENT_EVERY: [u16; 7] = [2, 3, 5, 2, 3, 5, 6];
const JPEG_EVERY: [u16; 2] = [5, 10];
const WITH: Attention =
    Attention { visible: true, background: false, every: 1, format: PreviewFormat::Latent };
const WITHOUT: Attention = Attention { visible: false, ..WITH };

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let studio = Studio::start().await?;
    let mut desk = Desk::open(studio.address, PERSON, WITH).await?;
    let defaults = desk.viewer.snapshot.model.defaults.clone();
    let spec = Spec { prompt: "a house under a sun".into(), seed: Seed(7), ..defaults };
    options.remark(&format!("{PAIRS} pairs of jobs of {} steps", spec.steps));
    // The first jobs fill caches and wake threads.
    run(&mut desk, &spec, WITH).await?;
    run(&mut desk, &spec, WITHOUT).await?;
    let (with, without) = by_turns(&mut desk, None, &spec).await?;
    options.remark(&format!("the same with {CROWD} viewers"));
    let crowd = Crowd::open(studio.address, CROWD - 1, 0, Other::Studio(PERSON)).await?;
    let (with_100, without_100) = by_turns(&mut desk, Some(&crowd), &spec).await?;
    crowd.check()?;
    drop(crowd);

    options.remark("one job, ten viewers");
    let attention = |every, format| Attention { every, format, ..WITH };
    let latent = LATENT_EVERY.map(|every| attention(every, PreviewFormat::Latent));
    let jpeg = JPEG_EVERY.map(|every| attention(every, PreviewFormat::Jpeg));
    let mut viewers = Vec::new();
    for wish in latent.into_iter().chain(jpeg) {
        viewers.push(Viewer::connect(studio.address, PERSON, wish, Box::new(|_| {})).await?);
    }
    let before = studio.counters().await?;
    run(&mut desk, &spec, attention(4, PreviewFormat::Latent)).await?;
    let after = studio.counters().await?;
    let (latent_bytes, bytes_over_jpeg) = sizes(&studio, &mut desk, &spec).await?;
    println!(
        "{}",
        json!({
            "bench": "preview",
            "steps": spec.steps,
            "wanted": after.wanted - before.wanted,
            "made": after.made - before.made,
            "encodes": after.jpeg_encodes - before.jpeg_encodes,
            "viewers": viewers.len() + 1,
            "frames": after.frames_sent - before.frames_sent,
            "frame_bytes": after.frame_bytes - before.frame_bytes,
            "latent_bytes": latent_bytes,
            "bytes_over_jpeg": rounded(bytes_over_jpeg, 3),
            "overhead_1": rounded(overhead(&with, &without), 4),
            "overhead_100": rounded(overhead(&with_100, &without_100), 4),
            "with_ms": rounded(median(&with), 1),
            "without_ms": rounded(median(&without), 1),
        })
    );
    Ok(())
}

/// The median size of a latent's frame, and over that of its picture as a JPEG.
async fn sizes(studio: &Studio, desk: &mut Desk, spec: &Spec) -> Result<(f64, f64)> {
    let wish = Attention { format: PreviewFormat::Jpeg, ..WITH };
    let pictures = Viewer::connect(studio.address, PERSON, wish, Box::new(|_| {})).await?;
    let latents = gathered(desk.viewer.newest.clone());
    let jpegs = gathered(pictures.newest.clone());
    let steps = |gathered: &Gathered| -> BTreeSet<u16> {
        gathered.lock().expect("no panic").keys().map(|(_, step)| *step).collect()
    };
    // Of the last step the picture itself comes. Not every other one of a job has a JPEG, for a newer one takes its place;
    // but each job makes the same.
    let all: BTreeSet<u16> = (1..spec.steps).collect();
    for jobs in 1.. {
        run(desk, spec, WITH).await?;
        if steps(&latents).is_superset(&all) && steps(&jpegs).is_superset(&all) {
            break;
        }
        anyhow::ensure!(jobs < JOBS_MAX, "not every step came both ways");
    }
    drop(pictures);
    let mut usual = HashMap::new();
    for ((_, step), jpeg) in jpegs.lock().expect("no panic").iter() {
        let picture = image::load_from_memory(jpeg.payload())?.to_rgb8();
        let mut coded = Vec::new();
        let (width, height) = (picture.width() as u16, picture.height() as u16);
        Encoder::new(&mut coded, JPEG_QUALITY).encode(&picture, width, height, ColorType::Rgb)?;
        usual.insert(*step, coded.len() as f64);
    }
    let latents = latents.lock().expect("no panic");
    let bytes: Vec<f64> = latents.values().map(|latent| latent.bytes().len() as f64).collect();
    let share =
        |((_, step), latent): (&(JobId, u16), &Frame)| Some(latent.bytes().len() as f64 / usual.get(step)?);
    let shares: Vec<f64> = latents.iter().filter_map(share).collect();
    Ok((median(&bytes), median(&shares)))
}

/// Every preview of a viewer, by its job and step.
fn gathered(mut newest: watch::Receiver<Option<Frame>>) -> Gathered {
    let all = Gathered::default();
    let kept = all.clone();
    tokio::spawn(async move {
        while newest.changed().await.is_ok() {
            if let Some(frame) = newest.borrow_and_update().clone() {
                let key = (frame.header.job, frame.header.step);
                kept.lock().expect("no panic").insert(key, frame);
            }
        }
    });
    all
}

/// The median of what each pair says.
fn overhead(with: &[f64], without: &[f64]) -> f64 {
    median(&with.iter().zip(without).map(|(with, without)| with / without).collect::<Vec<_>>())
}

/// The times of jobs that the desk and a crowd see forming, and of jobs that nobody does.
async fn by_turns(desk: &mut Desk, crowd: Option<&Crowd>, spec: &Spec) -> Result<(Vec<f64>, Vec<f64>)> {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for turn in 0..2 * PAIRS {
        // Which comes first changes from pair to pair.
        let seen = (turn + turn / 2) % 2 == 0;
        let attention = if seen { WITH } else { WITHOUT };
        if let Some(crowd) = crowd {
            crowd.attend(attention).await?;
        }
        let took = run(desk, spec, attention).await?;
        if seen { &mut with } else { &mut without }.push(took);
    }
    Ok((with, without))
}

/// Milliseconds from the start to the end of one job, as the viewer hears of them.
async fn run(desk: &mut Desk, spec: &Spec, attention: Attention) -> Result<f64> {
    desk.viewer.say(ClientMessage::Attention(attention))?;
    desk.generate(spec.clone())?;
    let (started, job) = desk.viewer.started().await?;
    let ended = desk.viewer.ended(job).await?;
    Ok(milliseconds(ended - started))
}
