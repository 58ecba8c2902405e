//! The page and its files. The page is the same for everybody, so it is rendered once.

use app::Assets;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use leptos::prelude::{Owner, RenderHtml};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use wire::LiveInfo;

/// Files asked for under a name that changes with their content never change.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");

/// The built site.
#[derive(Debug)]
pub struct Site {
    folder: PathBuf,
    page: Bytes,
}

/// `assets.json`: where the built files are, relative to the studio's address.
#[derive(Debug, Deserialize)]
struct Addresses {
    js: String,
    wasm: String,
    css: String,
}

impl Site {
    /// Renders the page for the site in this folder. Without one the page is there, and its
    /// files are not. `live` is what the studio can do.
    pub fn open(folder: &Path, live: Option<LiveInfo>) -> Self {
        let assets = assets(folder).unwrap_or_else(|why| {
            tracing::warn!("{why}; the page will not come to life (cargo xtask build makes it)");
            Assets::default()
        });
        let html = Owner::new().with(|| app::shell(assets, live).to_html());
        Self { folder: folder.to_owned(), page: html.into() }
    }

    pub fn routes(self) -> Router {
        let page = self.page;
        // Compressed in one way or another it is the same.
        let tag = format!("W/\"{}\"", blake3::hash(&page).to_hex());
        let tag = HeaderValue::try_from(tag).expect("a hash is plain text");
        let page = get(move |asked: HeaderMap| async move {
            let known =
                asked.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
            let is_known = known.split(',').any(|other| other.trim() == tag);
            let headers = [(header::CACHE_CONTROL, ASK_EACH_TIME), (header::ETAG, tag)];
            match is_known {
                true => (StatusCode::NOT_MODIFIED, headers).into_response(),
                false => (headers, Html(page)).into_response(),
            }
        });
        let files = ServeDir::new(self.folder)
            .precompressed_br()
            .precompressed_gzip()
            .append_index_html_on_directories(false);
        let files = Router::new().fallback_service(files).layer(middleware::from_fn(cache));
        Router::new().route("/", page.layer(CompressionLayer::new())).merge(files)
    }
}

fn assets(folder: &Path) -> Result<Assets, String> {
    let path = folder.join("assets.json");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let Addresses { js, wasm, css } =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    let css = folder.join(css.split('?').next().unwrap_or(&css));
    let css = std::fs::read_to_string(&css).map_err(|error| format!("{}: {error}", css.display()))?;
    Ok(Assets { js, wasm, css })
}

async fn cache(request: Request, next: Next) -> Response {
    let named = request.uri().query().is_some_and(|query| query.starts_with("v="));
    let mut response = next.run(request).await;
    let policy = if named && response.status().is_success() { FOR_EVER } else { ASK_EACH_TIME };
    response.headers_mut().insert(header::CACHE_CONTROL, policy);
    response
}
