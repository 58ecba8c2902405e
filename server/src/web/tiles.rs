//! `POST api/tiles`: pieces of drawings.

use super::error::Refused;
use super::polling::whole;
use crate::clock;
use crate::studio::Studio;
use axum::Json;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use bytes::Bytes;
use std::sync::Arc;
use wire::limits::BATCH_BYTES_MAX;
use wire::{Code, TileBatch, TilesAnswer};

pub async fn receive(
    State(studio): State<Arc<Studio>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<TilesAnswer>, Refused> {
    let batch = TileBatch::parse(whole(body, BATCH_BYTES_MAX)?)?;
    // Never closed, so the permit is always there to be had.
    let _permit = studio.decoding.acquire().await;
    let tiles = studio.tiles.clone();
    let received = tokio::task::spawn_blocking(move || tiles.receive(batch, clock::now())).await;
    let (answer, landed) = received.map_err(|error| {
        tracing::error!(%error, "an upload could not be decoded");
        Refused::new(Code::Internal, "the tiles could not be read; the server's log says why")
    })?;
    studio.queue.landed(&landed);
    Ok(Json(answer))
}
