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
    let permit = studio.decoding.clone().acquire_owned().await;
    // All of it where it cannot be cut off: a page that goes away has sent its tiles all the same.
    let received = tokio::task::spawn_blocking(move || {
        let (answer, landed) = studio.tiles.receive(batch, clock::now());
        studio.queue.landed(&landed);
        drop(permit);
        answer
    });
    let answer = received.await.map_err(|error| {
        tracing::error!(%error, "an upload could not be decoded");
        Refused::new(Code::Internal, "the tiles could not be read; the server's log says why")
    })?;
    Ok(Json(answer))
}
