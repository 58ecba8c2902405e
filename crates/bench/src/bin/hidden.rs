//! What pages cost that nobody sees, and how soon they are up to date once somebody does.
//!
//! The same job by turns while eight pages are open, all of them hidden, and while none but the one that asked
//! is, which wants no previews: `step_ratio` is the median time of a step with hidden pages over that without.
//! `made`, `encodes` and `image_bytes` are the previews, JPEGs and bytes of frames of all the hidden turns.
//!
//! `back_ms`: from a hidden page's word that it is seen again, right after a step of a job, to the newest preview,
//! median of all turns; nothing was made while it was hidden, so that is the next step (`step_ms`) and the way.

use anyhow::{Context, Result};
use bench::{
    Desk, Studio, Viewer,
    figure::{Options, median, milliseconds, rounded},
};
use clap::Parser;
use serde_json::json;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};
use wire::{Attention, ClientMessage, Fact, PersonToken, PreviewFormat, Seed, Spec};

const TURNS: usize = 7;
const PAGES: usize = 8;
const PERSON: PersonToken = PersonToken([5; 16]);
const HIDDEN: Attention =
    Attention { visible: false, background: false, every: 1, format: PreviewFormat::Latent };
/// The step after which a page is looked at again.
const SEEN_AT: u16 = 5;

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let studio = Studio::start().await?;
    let none = Attention { every: 0, ..Attention::default() };
    let mut desk = Desk::open(studio.address, PERSON, none).await?;
    let defaults = desk.viewer.snapshot.model.defaults.clone();
    let spec = Spec { prompt: "a house under a sun".into(), seed: Seed(7), ..defaults };
    options.remark(&format!("{TURNS} turns of jobs of {} steps", spec.steps));
    steps(&mut desk, &spec).await?;
    let (mut with, mut without) = (Vec::new(), Vec::new());
    let (mut made, mut encodes, mut bytes) = (0, 0, 0);
    for turn in 0..2 * TURNS {
        // Which comes first changes from pair to pair.
        if (turn + turn / 2) % 2 == 0 {
            without.push(steps(&mut desk, &spec).await?);
            continue;
        }
        let pages = pages(&studio).await?;
        let before = studio.counters().await?;
        with.push(steps(&mut desk, &spec).await?);
        let after = studio.counters().await?;
        made += after.made - before.made;
        encodes += after.jpeg_encodes - before.jpeg_encodes;
        bytes += after.frame_bytes - before.frame_bytes;
        drop(pages);
        alone(&studio).await?;
    }
    options.remark("looking again");
    let mut back = Vec::new();
    for _ in 0..TURNS {
        back.push(seen_again(&studio, &mut desk, &spec).await?);
    }
    println!(
        "{}",
        json!({
            "bench": "hidden",
            "pages": PAGES,
            "made": made,
            "encodes": encodes,
            "image_bytes": bytes,
            "step_ratio": rounded(median(&with) / median(&without), 4),
            "step_ms": rounded(median(&without), 1),
            "back_ms": rounded(median(&back), 1),
        })
    );
    Ok(())
}

/// Hidden pages of the same person, half of them such as want JPEGs.
async fn pages(studio: &Studio) -> Result<Vec<Viewer>> {
    let mut pages = Vec::new();
    for page in 0..PAGES {
        let format = if page % 2 == 0 { PreviewFormat::Latent } else { PreviewFormat::Jpeg };
        let attention = Attention { format, ..HIDDEN };
        pages.push(Viewer::connect(studio.address, PERSON, attention, Box::new(|_| {})).await?);
    }
    Ok(pages)
}

/// Waits until the studio knows that the desk is the only page.
async fn alone(studio: &Studio) -> Result<()> {
    let left = async {
        while studio.counters().await?.viewers > 1 {
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    };
    timeout(Duration::from_secs(10), left).await.context("pages did not go")?
}

/// Milliseconds of a step, as the median of one job.
async fn steps(desk: &mut Desk, spec: &Spec) -> Result<f64> {
    desk.generate(spec.clone())?;
    let mut took = Vec::new();
    let step = |fact: &Fact| match fact {
        Fact::Step { step_ms, .. } => Some(Some(f64::from(*step_ms))),
        Fact::Finished { .. } => Some(None),
        _ => None,
    };
    while let (_, Some(ms)) = desk.viewer.until(step).await? {
        took.push(ms);
    }
    Ok(median(&took))
}

/// Milliseconds until a page that is looked at again has a preview.
async fn seen_again(studio: &Studio, desk: &mut Desk, spec: &Spec) -> Result<f64> {
    let page = Viewer::connect(studio.address, PERSON, HIDDEN, Box::new(|_| {})).await?;
    let before = studio.counters().await?.made;
    desk.generate(spec.clone())?;
    let (_, job) = desk.viewer.started().await?;
    let far_enough = |fact: &Fact| matches!(fact, Fact::Step { step, .. } if *step >= SEEN_AT).then_some(());
    desk.viewer.until(far_enough).await?;
    let made = studio.counters().await?.made;
    let mut newest = page.newest.clone();
    newest.mark_unchanged();
    let begun = Instant::now();
    page.say(ClientMessage::Attention(Attention { visible: true, ..HIDDEN }))?;
    timeout(Duration::from_secs(10), newest.changed()).await.context("no preview came")??;
    let took = milliseconds(begun.elapsed());
    anyhow::ensure!(made == before, "{} previews were made for a hidden page", made - before);
    desk.viewer.ended(job).await?;
    drop(page);
    alone(studio).await?;
    Ok(took)
}
