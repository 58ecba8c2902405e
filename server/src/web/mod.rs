//! HTTP: translates and calls, decides nothing.

mod error;
mod hear;
mod older;
mod origin;
mod page;
mod pictures;
mod polling;
mod socket;
mod tiles;

use crate::stats::Counted;
use crate::studio::Studio;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use axum::{Json, Router, middleware};
use page::Site;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::set_header::SetResponseHeaderLayer;
use wire::limits::{BATCH_BYTES_MAX, BATCH_TILES_MAX, SAID_MAX};

/// All routes of the studio. `site` is the folder of the built page.
pub fn router(studio: Arc<Studio>, site: &Path) -> Router {
    let site = Site::open(site, studio.queue.live_info());
    let guarded = Router::new()
        .route("/link", get(socket::link))
        .route("/api/say", post(polling::say).layer(DefaultBodyLimit::max(SAID_MAX)))
        .route(
            "/api/tiles",
            post(tiles::receive).layer(DefaultBodyLimit::max(BATCH_BYTES_MAX + 20 * BATCH_TILES_MAX)),
        )
        .layer(middleware::from_fn(origin::check));
    let nosniff = SetResponseHeaderLayer::overriding(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    guarded
        .route("/api/poll", get(polling::poll))
        .route("/api/older", get(older::older))
        .route("/api/stats", get(stats))
        .route("/metrics", get(metrics))
        .route("/pictures/{name}", get(pictures::picture))
        .route("/thumbs/{name}", get(pictures::thumb))
        .route("/jobs/{job}/{name}", get(pictures::herald))
        .route("/canvases/{name}", get(pictures::canvas))
        .with_state(studio)
        .merge(site.routes())
        .layer(nosniff)
        .layer(CatchPanicLayer::new())
}

/// Serves until `end` is over, and lets what is under way finish.
///
/// # Errors
/// If the listener fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    // A small message must not wait for the acknowledgement of the one before.
    let listener = listener.tap_io(|socket| drop(socket.set_nodelay(true)));
    axum::serve(listener, router).with_graceful_shutdown(end).await
}

async fn stats(State(studio): State<Arc<Studio>>) -> Json<Counted> {
    studio.tend();
    Json(studio.stats.counted())
}

/// The counters for whoever collects them.
async fn metrics(State(studio): State<Arc<Studio>>) -> impl IntoResponse {
    studio.tend();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], studio.stats.metrics())
}
