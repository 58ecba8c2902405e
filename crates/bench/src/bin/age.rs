//! How old a preview is when it is seen: from the end of its step to the end of the rendering of the frame
//! that has it, in Chromium on this machine, by the clock that both share.
//!
//! `median_ms`, `p95_ms`: over all previews of three jobs of sixty steps, one at each step; `previews` is their
//! number. `far_median_ms`: the same for a page behind a link of 200 ms round trip. `poller_median_ms`: for a
//! page that asks every 500 ms and gets JPEGs in base64 (`bench::poller`), in turns with the first.
//!
//! Browser and sampler share the machine's `cores`. `spare_median_ms` is the first figure with a studio that
//! leaves one of them to the browser (`--threads`), as a viewer on another machine has it.

use anyhow::Result;
use bench::{
    Shape, Shaper, Studio, browser,
    figure::{Options, median, rounded, share},
    poller::Poller,
};
use clap::Parser;
use serde::Deserialize;
use serde_json::json;
use std::{ffi::OsString, net::SocketAddr, time::Duration};
use wire::{PersonToken, Spec};

const ROUND_TRIP: Duration = Duration::from_millis(200);
const STEPS: u16 = 60;

#[derive(Deserialize)]
struct Told {
    near_ms: Vec<f64>,
    spare_ms: Vec<f64>,
    far_ms: Vec<f64>,
    poller_ms: Vec<f64>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let studio = Studio::start().await?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let fewer = (cores - 1).max(1).to_string();
    let spare = Studio::start_with(&["--threads", &fewer]).await?;
    let shape = Shape { round_trip: ROUND_TRIP, ..Shape::default() };
    let far = Shaper::start(studio.address, shape).await?;
    let spec = Spec { prompt: "a house under a sun".into(), steps: STEPS, ..Spec::default() };
    let poller = Poller::start(studio.address, PersonToken([3; 16]), spec).await?;
    options.remark("watching in Chromium");
    let places = [
        ("NEAR", studio.address),
        ("SPARE", spare.address),
        ("FAR", far.address),
        ("POLLER", poller.address),
    ];
    let variables = places.map(|(name, address)| (format!("PENTIMENTO_{name}"), said(address)));
    let told = tokio::task::spawn_blocking(move || {
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_os_str())).collect();
        browser::figures::<Told>("age", &variables)
    });
    let Told { near_ms, spare_ms, far_ms, poller_ms } = told.await??;
    println!(
        "{}",
        json!({
            "bench": "age",
            "median_ms": rounded(median(&near_ms), 1),
            "p95_ms": rounded(share(&near_ms, 0.95), 1),
            "poller_median_ms": rounded(median(&poller_ms), 1),
            "far_median_ms": rounded(median(&far_ms), 1),
            "spare_median_ms": rounded(median(&spare_ms), 1),
            "spare_p95_ms": rounded(share(&spare_ms, 0.95), 1),
            "cores": cores,
            "previews": near_ms.len(),
            "spare_previews": spare_ms.len(),
            "poller_previews": poller_ms.len(),
            "far_previews": far_ms.len(),
        })
    );
    Ok(())
}

fn said(address: SocketAddr) -> OsString {
    format!("http://{address}").into()
}
