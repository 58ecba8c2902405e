//! Finished pictures by the digest of their file.

use super::error::Refused;
use crate::studio::Studio;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use wire::{Code, Digest};

pub async fn picture(
    State(studio): State<Arc<Studio>>,
    Path(name): Path<String>,
) -> Result<Response, Refused> {
    let digest: Option<Digest> = name.strip_suffix(".png").and_then(|digest| digest.parse().ok());
    let missing = || Refused::new(Code::NotFound, "no such picture; its address is pictures/DIGEST.png");
    let digest = digest.ok_or_else(missing)?;
    let file = tokio::fs::read(studio.gallery.picture(&digest)).await.map_err(|_| missing())?;
    let headers = [
        (header::CONTENT_TYPE, "image/png".to_owned()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"pentimento-{}.png\"", &name[..8])),
    ];
    Ok((headers, file).into_response())
}
