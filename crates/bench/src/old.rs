//! The way it was done before: a click sends the whole canvas as base64 PNG, in three posts one
//! after the other, and the page then asks every 500 ms how things stand.
//!
//! It is given every advantage that costs nothing: the posts share one connection that is open
//! already, each carries only a third of the text, the first question comes at once, and the job
//! starts from a canvas that the studio has.

use crate::{Desk, desk::SIDE, served::Served};
use anyhow::{Context, Result, ensure};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    routing::{get, post},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use std::{
    io::Cursor,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc,
    time::{MissedTickBehavior, interval},
};
use wire::{Attention, ClientMessage, PersonToken, Spec};

/// Posts that carry one canvas.
const PARTS: usize = 3;
/// From one question to the next.
const ASK: Duration = Duration::from_millis(500);

/// The server side, next to the studio.
#[derive(Debug)]
pub struct Peer {
    pub address: SocketAddr,
    _served: Served,
}

#[derive(Debug)]
struct Shared {
    text: Mutex<String>,
    running: Mutex<bool>,
    jobs: mpsc::UnboundedSender<Work>,
}

#[derive(Debug)]
enum Work {
    Start,
    Stop,
}

impl Peer {
    /// # Errors
    /// If there is no studio at `studio`.
    pub async fn start(studio: SocketAddr, person: PersonToken, spec: Spec) -> Result<Self> {
        let watching = Attention { visible: true, ..Attention::default() };
        let desk = Desk::open(studio, person, watching).await?;
        let (jobs, work) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared { text: Mutex::default(), running: Mutex::default(), jobs });
        tokio::spawn(run_jobs(desk, spec, work, shared.clone()));
        let app = Router::new()
            .route("/canvas/{part}", post(take))
            .route("/job", get(state))
            .route("/stop", post(stop))
            .layer(DefaultBodyLimit::max(16 * 1024 * 1024))
            .with_state(shared);
        let served = Served::start(app).await?;
        Ok(Self { address: served.address, _served: served })
    }
}

async fn take(State(shared): State<Arc<Shared>>, Path(part): Path<usize>, body: String) -> StatusCode {
    let mut text = shared.text.lock().unwrap_or_else(PoisonError::into_inner);
    if part == 0 {
        text.clear();
    }
    text.push_str(&body);
    if part + 1 < PARTS {
        return StatusCode::NO_CONTENT;
    }
    match pixels(&text) {
        Ok(_) => {
            let _ = shared.jobs.send(Work::Start);
            StatusCode::ACCEPTED
        }
        Err(_) => StatusCode::BAD_REQUEST,
    }
}

async fn state(State(shared): State<Arc<Shared>>) -> &'static str {
    let running = *shared.running.lock().unwrap_or_else(PoisonError::into_inner);
    if running { "running" } else { "waiting" }
}

async fn stop(State(shared): State<Arc<Shared>>) -> StatusCode {
    let _ = shared.jobs.send(Work::Stop);
    StatusCode::NO_CONTENT
}

async fn run_jobs(
    mut desk: Desk,
    spec: Spec,
    mut work: mpsc::UnboundedReceiver<Work>,
    shared: Arc<Shared>,
) -> Result<()> {
    let running = |now| *shared.running.lock().unwrap_or_else(PoisonError::into_inner) = now;
    let mut job = None;
    while let Some(next) = work.recv().await {
        match next {
            Work::Start => {
                desk.generate(spec.clone())?;
                job = Some(desk.viewer.started().await?.1);
                running(true);
            }
            Work::Stop => {
                if let Some(job) = job.take() {
                    desk.viewer.say(ClientMessage::Cancel { job })?;
                    desk.viewer.ended(job).await?;
                }
                running(false);
            }
        }
    }
    Ok(())
}

/// The page's side.
#[derive(Debug)]
pub struct Page {
    base: String,
    http: reqwest::Client,
}

impl Page {
    /// A page that has loaded: its connection is open.
    ///
    /// # Errors
    /// If there is nobody at `address`.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let page = Self { base: format!("http://{address}"), http: reqwest::Client::new() };
        page.is_running().await?;
        Ok(page)
    }

    /// Clicks with this drawing, and says how long it took until the page knew that the job runs.
    ///
    /// # Errors
    /// If a request fails.
    pub async fn click(&self, rgba: &[u8]) -> Result<Duration> {
        let clicked = Instant::now();
        let text = BASE64_STANDARD.encode(encode(rgba)?);
        let third = text.len().div_ceil(PARTS);
        for part in 0..PARTS {
            let piece = &text[(part * third).min(text.len())..((part + 1) * third).min(text.len())];
            let post = self.http.post(format!("{}/canvas/{part}", self.base)).body(piece.to_owned());
            post.send().await?.error_for_status()?;
        }
        let mut ask = interval(ASK);
        ask.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ask.tick().await;
            if self.is_running().await? {
                return Ok(clicked.elapsed());
            }
        }
    }

    /// Stops the job, and waits until it has.
    ///
    /// # Errors
    /// If a request fails.
    pub async fn stop(&self) -> Result<()> {
        self.http.post(format!("{}/stop", self.base)).send().await?.error_for_status()?;
        while self.is_running().await? {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn is_running(&self) -> Result<bool> {
        let answer = self.http.get(format!("{}/job", self.base)).send().await?.error_for_status()?;
        Ok(answer.text().await? == "running")
    }
}

fn encode(rgba: &[u8]) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, SIDE, SIDE);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(rgba)?;
    Ok(bytes)
}

fn pixels(text: &str) -> Result<Vec<u8>> {
    let bytes = BASE64_STANDARD.decode(text)?;
    let mut reader = png::Decoder::new(Cursor::new(bytes)).read_info()?;
    let size = reader.output_buffer_size().context("a picture of a size that fits")?;
    let mut pixels = vec![0; size];
    let info = reader.next_frame(&mut pixels)?;
    ensure!((info.width, info.height) == (SIDE, SIDE), "a canvas has {SIDE} x {SIDE} pixels");
    Ok(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use canvas::Canvas;

    #[test]
    fn what_is_posted_is_the_whole_canvas() {
        let mut canvas = Canvas::new(SIDE, SIDE);
        canvas.carry_out(&canvas::Deed::Mark(crate::desk::mark(&mut link::Random::new(1))));
        let text = BASE64_STANDARD.encode(encode(canvas.pixels()).expect("it can be coded"));
        assert_eq!(pixels(&text).expect("it can be read"), canvas.pixels());
    }
}
