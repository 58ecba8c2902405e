//! The first visit over a link of 1.5 Mbit/s and 150 ms round trip, in Chromium with an empty cache; medians.
//!
//! `compressed_bytes`: wasm, scripts and styles as they travel. `first_stroke_ms`: from the click on the address until
//! ink is on the paper of a person who draws at once; `requests_to_draw`: requests that were begun by then. `tools_ms`
//! and `requests`: until everything works.

use anyhow::Result;
use bench::{
    Shape, Shaper, Studio, browser,
    figure::{Options, median, rounded},
};
use clap::Parser;
use serde::Deserialize;
use serde_json::json;
use std::{ffi::OsString, time::Duration};

const LINK: Shape =
    Shape { round_trip: Duration::from_millis(150), up: 1_500_000, down: 1_500_000, cut_every: 0 };

#[derive(Deserialize)]
struct Visit {
    first_stroke_ms: f64,
    tools_ms: f64,
    requests: f64,
    requests_to_draw: f64,
    compressed_bytes: f64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let studio = Studio::start().await?;
    let far = Shaper::start(studio.address, LINK).await?;
    options.remark("visiting with Chromium");
    let address = OsString::from(format!("http://{}", far.address));
    let told = tokio::task::spawn_blocking(move || {
        browser::figures::<Vec<Visit>>("load", &[("PENTIMENTO_FAR", &address)])
    });
    let visits = told.await??;
    let middle = |what: fn(&Visit) -> f64| median(&visits.iter().map(what).collect::<Vec<_>>());
    println!(
        "{}",
        json!({
            "bench": "load",
            "compressed_bytes": middle(|visit| visit.compressed_bytes),
            "first_stroke_ms": rounded(middle(|visit| visit.first_stroke_ms), 0),
            "requests_to_draw": middle(|visit| visit.requests_to_draw),
            "tools_ms": rounded(middle(|visit| visit.tools_ms), 0),
            "requests": middle(|visit| visit.requests),
            "visits": visits.len(),
        })
    );
    Ok(())
}
