//! How fast pictures follow the pen.
//!
//! `pictures_per_s`: a page that draws on without pause, a change every 20 ms as a fast hand makes them,
//! is shown so many live pictures a second at the model's own size, over ten seconds and a real socket.
//!
//! `pen_up_to_pixel_ms`: in Chromium on this machine, from the event of a pen-up to the first animation
//! frame in which the picture has changed; median of forty dots (`pen_up_p95_ms`: 95 of 100).
//!
//! `told_to_heard_ms`: the part of it that is not the browser's, from telling of a dot until the frame of its
//! picture has come, in this process; median of forty.
//!
//! `picture_ms` is what the server measured of itself when it started; `processor` and `wide` say what
//! machine it was.

use anyhow::{Context, Result, bail};
use bench::{
    Desk, Studio, browser,
    figure::{Options, median, milliseconds, rounded, share},
};
use clap::Parser;
use link::Random;
use serde::Deserialize;
use serde_json::json;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};
use tokio::time::{interval, sleep, timeout};
use trainer::cores::processor;
use wire::{Attention, PersonToken, Spec};

const DRAWN_FOR: Duration = Duration::from_secs(10);
const CHANGE_EVERY: Duration = Duration::from_millis(20);
const DOTS: usize = 40;
/// Longer than any live picture takes.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pen rests before each dot.
const REST: Duration = Duration::from_millis(300);

/// What makes a processor good at this.
const WIDE: [&str; 3] = ["avx512f", "avx512_bf16", "amx_bf16"];

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let studio = Studio::start().await?;
    options.remark("drawing for ten seconds");
    let mut desk = Desk::open(studio.address, PersonToken([7; 16]), Attention::default()).await?;
    let Some(live) = desk.viewer.snapshot.model.live else {
        bail!("this model has no live pictures: it has no distilled UNet");
    };
    let defaults = desk.viewer.snapshot.model.defaults.clone();
    let spec = Spec { prompt: "a house under a sun".into(), ..defaults };
    let pictures_per_s = draw_along(&mut desk, &spec).await?;
    let heard = dot_by_dot(&mut desk, &spec).await?;
    drop((desk, studio));
    options.remark("lifting the pen in Chromium");
    let took = in_browser()?;
    let flags = processor("flags");
    let wide: Vec<_> = WIDE.into_iter().filter(|flag| flags.contains(flag)).collect();
    println!(
        "{}",
        json!({
            "bench": "live",
            "pictures_per_s": rounded(pictures_per_s, 2),
            "pen_up_to_pixel_ms": rounded(median(&took), 1),
            "pen_up_p95_ms": rounded(share(&took, 0.95), 1),
            "told_to_heard_ms": rounded(median(&heard), 1),
            "strokes": took.len(),
            "picture_ms": rounded(f64::from(live.picture_ms), 1),
            "steps": live.steps,
            "size": [spec.width, spec.height],
            "cores": std::thread::available_parallelism().map_or(0, usize::from),
            "processor": processor("model name"),
            "wide": wide,
        })
    );
    Ok(())
}

/// Live pictures a second.
async fn draw_along(desk: &mut Desk, spec: &Spec) -> Result<f64> {
    let mut random = Random::new(5);
    // The first pictures wake threads and fill caches.
    for _ in 0..5 {
        desk.stroke(&mut random);
        desk.sync()?;
        desk.live(spec.clone())?;
        sleep(REST).await;
    }
    let (begun, before) = (Instant::now(), desk.viewer.frames.load(Relaxed));
    let mut every = interval(CHANGE_EVERY);
    while begun.elapsed() < DRAWN_FOR {
        every.tick().await;
        desk.dot(&mut random);
        desk.sync()?;
        desk.live(spec.clone())?;
    }
    Ok((desk.viewer.frames.load(Relaxed) - before) as f64 / begun.elapsed().as_secs_f64())
}

/// Milliseconds from telling of a dot to the picture, of every dot.
async fn dot_by_dot(desk: &mut Desk, spec: &Spec) -> Result<Vec<f64>> {
    let mut random = Random::new(6);
    let mut took = Vec::new();
    for _ in 0..DOTS {
        sleep(REST).await;
        let mut newest = desk.viewer.newest.clone();
        newest.mark_unchanged();
        let begun = Instant::now();
        desk.dot(&mut random);
        desk.sync()?;
        desk.live(spec.clone())?;
        timeout(PATIENCE, newest.changed()).await.context("no picture came")??;
        took.push(milliseconds(begun.elapsed()));
    }
    Ok(took)
}

/// Milliseconds from pen-up to a changed picture, of every stroke.
fn in_browser() -> Result<Vec<f64>> {
    #[derive(Deserialize)]
    struct Told {
        took_ms: Vec<f64>,
    }
    Ok(browser::figures::<Told>("live", &[])?.took_ms)
}
