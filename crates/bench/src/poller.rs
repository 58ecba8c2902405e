//! Previews as they were shown before: a page asks every 500 ms, and is sent the newest one as a JPEG in
//! base64, which it decodes and paints. The server side stands next to the studio and has every frame at once.

use crate::{Desk, served::Served};
use anyhow::Result;
use axum::{
    Json, Router,
    extract::State,
    response::Html,
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};
use tokio::sync::{mpsc, watch};
use wire::{Attention, Frame, PersonToken, PreviewFormat, Spec};

/// Asks, paints, and keeps in `ages` how old each preview was, in milliseconds, when it was on the screen.
const PAGE: &str = include_str!("poller.html");

#[derive(Debug)]
pub struct Poller {
    pub address: SocketAddr,
    _served: Served,
}

#[derive(Clone)]
struct Shared {
    newest: watch::Receiver<Option<Frame>>,
    running: Arc<AtomicBool>,
    jobs: mpsc::UnboundedSender<()>,
}

impl Poller {
    /// `spec` is what each of its jobs asks for.
    ///
    /// # Errors
    /// If there is no studio at `studio`.
    pub async fn start(studio: SocketAddr, person: PersonToken, spec: Spec) -> Result<Self> {
        let attention = Attention { format: PreviewFormat::Jpeg, ..Attention::default() };
        let desk = Desk::open(studio, person, attention).await?;
        let (jobs, asked) = mpsc::unbounded_channel();
        let shared = Shared { newest: desk.viewer.newest.clone(), running: Arc::default(), jobs };
        tokio::spawn(work(desk, spec, asked, shared.running.clone()));
        let app = Router::new()
            .route("/", get(async || Html(PAGE)))
            .route("/start", post(start))
            .route("/preview", get(preview))
            .with_state(shared);
        let served = Served::start(app).await?;
        Ok(Self { address: served.address, _served: served })
    }
}

/// One job after the other, as they are asked for.
async fn work(mut desk: Desk, spec: Spec, mut asked: mpsc::UnboundedReceiver<()>, running: Arc<AtomicBool>) {
    while asked.recv().await.is_some() {
        let job = async {
            desk.generate(spec.clone())?;
            let (_, job) = desk.viewer.started().await?;
            desk.viewer.ended(job).await
        };
        if let Err(error) = job.await {
            eprintln!("the poller's job: {error}");
        }
        running.store(false, Relaxed);
    }
}

async fn start(State(shared): State<Shared>) {
    shared.running.store(true, Relaxed);
    let _ = shared.jobs.send(());
}

async fn preview(State(shared): State<Shared>) -> Json<Value> {
    let newest = shared.newest.borrow().clone();
    let image = newest.as_ref().map(|frame| BASE64_STANDARD.encode(frame.payload()));
    Json(json!({
        "running": shared.running.load(Relaxed),
        "sequence": newest.as_ref().map_or(0, |frame| frame.header.sequence),
        "made_ms": newest.map_or(0.0, |frame| frame.header.made_us as f64 / 1e3),
        "image": image,
    }))
}
