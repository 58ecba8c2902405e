//! What a click costs and how soon the picture is under way, on links of 0, 50 and 200 ms round
//! trip with 10, 2 and 0.5 Mbit/s up and 50 Mbit/s down, against the way it was done before.
//!
//! A drawing of five strokes, 200 ms apart; the click comes a second after the last one, as it
//! takes a hand to go from the canvas to the button. Per link, medians of 41 clicks, of which every fourth has one that was not prepared beside it, and every
//! twentieth the old way:
//!
//! - `bytes_before`: sent towards the server from the first stroke to the click;
//! - `bytes_at_click`: sent from the click until the page knew that the job runs;
//! - `click_to_start_ms`: from the click until the page knew that the job runs;
//! - `bytes_together`: sent from the end of the last stroke until the page knew that the job runs, that stroke and
//!   the wish to have it prepared included, without the prompt;
//! - `first_preview_over_floor_ms`: from the click until the first preview was here, less a round trip and the step
//!   that it shows, as the sampler timed it, and `first_preview_over_floor_p95_ms`; `unprepared_over_floor_ms`: the same where nothing was prepared;
//! - `rtt_measured_ms`: the round trip that is taken off: that of a few bytes on the same link beside each click, since
//!   the link's own clock ticks in milliseconds;
//! - `old_bytes`, `old_click_to_start_ms`: both for the same drawing and job when the click sends
//!   the canvas (see `bench::old`), in the same run, turn by turn.
//!
//! Bytes are what TCP carries, headers of HTTP and WebSocket included. Connections are open before.
//!
//! `cuts`: a page in Chromium behind a link of 50 ms round trip on which every hundredth piece of what travels ends its
//! connection, with all that is under way on it: its `clicks`, the `pictures` that came of them, the `sockets` that it
//! took, and the time until the page showed that the job runs, at the median and at the 95th of 100.

use anyhow::Result;
use bench::{
    Desk, Echo, Shape, Shaper, Studio, browser, figure,
    figure::{Options, median, milliseconds, rounded, share},
    old,
};
use clap::Parser;
use link::Random;
use serde::Deserialize;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::time::{Duration, Instant};
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use wire::{Attention, ClientMessage, Fact, PersonToken, Spec};

/// Round trips in milliseconds, and bits a second up.
const LINKS: [(u64, u64); 5] =
    [(0, 10_000_000), (50, 10_000_000), (200, 10_000_000), (50, 2_000_000), (200, 500_000)];
const DOWN: u64 = 50_000_000;
/// So many that the slowest alone do not decide where nineteen of twenty are.
const CLICKS: u64 = 41;
/// The peers are far from any bound, so that fewer say enough; the old way takes a minute at 0.5 Mbit/s.
const UNPREPARED_EVERY: u64 = 4;
const OLD_EVERY: u64 = 20;
const STROKES: u32 = 5;
const BETWEEN_STROKES: Duration = Duration::from_millis(200);
const BEFORE_CLICK: Duration = Duration::from_millis(1_000);
/// Clicks over a link that cuts one in so many pieces.
const CLICKS_CUT: usize = 40;
const CUT_EVERY: u64 = 100;
/// After this the page takes the hand for resting.
const REST: Duration = Duration::from_millis(150);

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let studio = Studio::start().await?;
    let mut links = Vec::new();
    for (place, (round_trip_ms, up)) in (1..).zip(LINKS) {
        options.remark(&format!("{round_trip_ms} ms round trip, {} Mbit/s up", up as f64 / 1e6));
        links.push(measure(&studio, place, round_trip_ms, up).await?);
    }
    options.remark("a link that is cut, in Chromium");
    let cuts = over_cuts(&studio).await?;
    println!("{}", json!({ "bench": "click", "clicks": CLICKS, "links": links, "cuts": cuts }));
    Ok(())
}

#[derive(Deserialize)]
struct Seen {
    starts_ms: Vec<f64>,
    sockets: u32,
    pictures: usize,
}

async fn over_cuts(studio: &Studio) -> Result<Value> {
    let shape =
        Shape { round_trip: Duration::from_millis(50), up: 10_000_000, down: DOWN, cut_every: CUT_EVERY };
    let link = Shaper::start(studio.address, shape).await?;
    let address = OsString::from(format!("http://{}", link.address));
    let seen = spawn_blocking(move || {
        let clicks = OsString::from(CLICKS_CUT.to_string());
        browser::figures::<Seen>("cuts", &[("PENTIMENTO_CUT", &address), ("PENTIMENTO_CLICKS", &clicks)])
    });
    let Seen { starts_ms, sockets, pictures } = seen.await??;
    Ok(json!({
        "clicks": CLICKS_CUT,
        "pictures": pictures,
        "sockets": sockets,
        "click_to_start_ms": rounded(median(&starts_ms), 1),
        "click_to_start_p95_ms": rounded(share(&starts_ms, 0.95), 1),
    }))
}

/// The link in this `place` among all; each has people and drawings of its own.
async fn measure(studio: &Studio, place: u8, round_trip_ms: u64, up: u64) -> Result<Value> {
    let shape = Shape { round_trip: Duration::from_millis(round_trip_ms), up, down: DOWN, cut_every: 0 };
    let link = Shaper::start(studio.address, shape).await?;
    let mut echo = Echo::start(shape).await?;
    let person = PersonToken([2 * place; 16]);
    let mut desk = Desk::open(link.address, person, Attention::default()).await?;
    let spec = Spec { prompt: "a house under a sun".into(), ..desk.viewer.snapshot.model.defaults.clone() };

    let old_person = PersonToken([2 * place + 1; 16]);
    let peer = old::Peer::start(studio.address, old_person, spec.clone()).await?;
    let old_link = Shaper::start(peer.address, shape).await?;
    let old_page = old::Page::open(old_link.address).await?;

    let (mut before, mut at_click, mut to_start) = (vec![], vec![], vec![]);
    let (mut together, mut over_floor, mut unprepared) = (vec![], vec![], vec![]);
    let (mut old_bytes, mut old_to_start, mut round_trips) = (vec![], vec![], vec![]);
    for click in 0..CLICKS {
        let mut random = Random::new(u64::from(place) * 1_000 + click);
        let round_trip = echo.round_trip_ms().await?;
        round_trips.push(round_trip);
        let figures = new_way(&mut desk, &link, &spec, &mut random, true).await?;
        before.push(figures.before);
        at_click.push(figures.at_click);
        together.push(figures.together);
        to_start.push(figures.to_start);
        over_floor.push(figures.to_preview - figures.step_ms - round_trip);
        if click % UNPREPARED_EVERY == 0 {
            let figures = new_way(&mut desk, &link, &spec, &mut random, false).await?;
            unprepared.push(figures.to_preview - figures.step_ms - round_trip);
        }
        if click % OLD_EVERY > 0 {
            continue;
        }
        let begun = old_link.up();
        old_to_start.push(milliseconds(old_page.click(desk.canvas.pixels()).await?));
        old_bytes.push((old_link.up() - begun) as f64);
        old_page.stop().await?;
    }
    Ok(json!({
        "rtt_ms": round_trip_ms,
        "rtt_measured_ms": rounded(median(&round_trips), 2),
        "up_mbit": up as f64 / 1e6,
        "bytes_before": figure::rounded(median(&before), 0),
        "bytes_at_click": rounded(median(&at_click), 0),
        "bytes_together": rounded(median(&together), 0),
        "click_to_start_ms": rounded(median(&to_start), 1),
        "first_preview_over_floor_ms": rounded(median(&over_floor), 1),
        "first_preview_over_floor_p95_ms": rounded(share(&over_floor, 0.95), 1),
        "unprepared_over_floor_ms": rounded(median(&unprepared), 1),
        "old_bytes": rounded(median(&old_bytes), 0),
        "old_click_to_start_ms": rounded(median(&old_to_start), 1),
    }))
}

/// What one click cost, in bytes towards the server and in milliseconds since the click.
struct Click {
    before: f64,
    at_click: f64,
    together: f64,
    to_start: f64,
    to_preview: f64,
    /// What the sampler says that its first step took.
    step_ms: f64,
}

/// Draws, clicks and cancels.
async fn new_way(
    desk: &mut Desk,
    link: &Shaper,
    spec: &Spec,
    random: &mut Random,
    prepared: bool,
) -> Result<Click> {
    desk.clear();
    desk.sync()?;
    desk.settled().await?;
    let begun = link.up();
    let mut last = begun;
    for _ in 0..STROKES {
        last = link.up();
        desk.stroke(random);
        desk.sync()?;
        sleep(BETWEEN_STROKES).await;
    }
    if prepared {
        // The last pause was longer than it takes for a rest.
        debug_assert!(REST < BETWEEN_STROKES);
        desk.prepare(spec.clone())?;
    }
    sleep(BEFORE_CLICK - BETWEEN_STROKES).await;

    let before = link.up();
    desk.viewer.newest.mark_unchanged();
    let clicked = Instant::now();
    desk.generate(spec.clone())?;
    let (started, job) = desk.viewer.started().await?;
    let at_click = link.up() - before;
    let ahead = link.up();
    desk.viewer.newest.changed().await?;
    let preview = clicked.elapsed();
    let step = |fact: &Fact| match fact {
        Fact::Step { step: 1, step_ms, .. } => Some(f64::from(*step_ms)),
        _ => None,
    };
    let (_, step_ms) = desk.viewer.until(step).await?;
    desk.viewer.say(ClientMessage::Cancel { job })?;
    desk.viewer.ended(job).await?;
    let prompts = spec.prompt.len() as u64 * (1 + u64::from(prepared));
    Ok(Click {
        before: (before - begun) as f64,
        at_click: at_click as f64,
        together: (ahead - last - prompts) as f64,
        to_start: milliseconds(started - clicked),
        to_preview: milliseconds(preview),
        step_ms,
    })
}
