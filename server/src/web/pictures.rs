//! Finished pictures by the digest of their file, and the drawings that they were made from by that of the canvas.

use super::error::Refused;
use crate::gallery::{
    self,
    png::{decode_picture, encode_drawing},
};
use crate::studio::Studio;
use crate::tiles::put_together;
use crate::worker::jpeg;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use std::sync::Arc;
use wire::{Code, Digest, JobState};

/// What an address with a digest in it answers never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `GET pictures/DIGEST.png`.
pub async fn picture(
    State(studio): State<Arc<Studio>>,
    Path(name): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    let missing = || Refused::new(Code::NotFound, "no such picture; its address is pictures/DIGEST.png");
    let digest = digest_in(&name, ".png").ok_or_else(missing)?;
    let file = tokio::fs::read(studio.gallery.picture(&digest)).await.map_err(|_| missing())?;
    Ok(png(file, format!("pentimento-{}.png", &name[..8])))
}

/// `GET thumbs/DIGEST.jpg`: the same, small.
pub async fn thumb(
    State(studio): State<Arc<Studio>>,
    Path(name): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    let missing = || Refused::new(Code::NotFound, "no such picture; its small one is at thumbs/DIGEST.jpg");
    let digest = digest_in(&name, ".jpg").ok_or_else(missing)?;
    let made = made_from(&studio, digest, |file| gallery::thumb(file).map_err(|error| error.to_string()));
    let file = made.await.ok_or_else(missing)?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, FOR_EVER)], file))
}

/// `GET jobs/JOB/N.jpg`: a picture of a job that is under way, answered the moment that it is made, before it is told of; for pages
/// that are far away. One that was made while the question was on its way is answered too.
pub async fn herald(
    State(studio): State<Arc<Studio>>,
    Path((job, name)): Path<(String, String)>,
) -> Result<impl IntoResponse, Refused> {
    let missing = || Refused::new(Code::NotFound, "no such job; its pictures are at jobs/JOB/N.jpg");
    let picture = || Some((job.parse().ok()?, name.strip_suffix(".jpg")?.parse().ok()?));
    let (job, n) = picture().ok_or_else(missing)?;
    let made = match studio.queue.herald(job, n) {
        Some(waiting) => tokio::select! {
            made = waiting => made.ok(),
            () = studio.closing() => None,
        },
        // It is being written down.
        None if studio.hub.owner(job).is_some() => None,
        None => {
            let ended = studio.gallery.ask(move |gallery| gallery.ended(job)).await?.ok_or_else(missing)?;
            made_before(&studio, &ended.state, n).await
        }
    };
    let headers = [(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "no-store")];
    // It was cancelled, which is nothing to complain of.
    Ok(made.map_or_else(|| StatusCode::NO_CONTENT.into_response(), |made| (headers, made).into_response()))
}

/// Picture `n` of a job that has ended, as JPEG.
async fn made_before(studio: &Arc<Studio>, state: &JobState, n: u16) -> Option<Vec<u8>> {
    let JobState::Finished { pictures, .. } = state else { return None };
    let digest = pictures.get(usize::from(n))?.digest;
    let whole = |file: &[u8]| {
        let ((width, height), rgb) = decode_picture(file).map_err(|error| error.to_string())?;
        jpeg(&sampler::Picture { width, height, rgb })
    };
    studio.stats.jpeg_encodes.one();
    made_from(studio, digest, whole).await
}

/// What `make` makes of the file of a picture, beside the async threads; few at a time.
async fn made_from(
    studio: &Arc<Studio>,
    digest: Digest,
    make: fn(&[u8]) -> Result<Vec<u8>, String>,
) -> Option<Vec<u8>> {
    let studio = studio.clone();
    let permit = studio.shrinking.clone().acquire_owned().await;
    let made = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let file = std::fs::read(studio.gallery.picture(&digest)).ok()?;
        make(&file).inspect_err(|error| tracing::error!(%digest, error, "a picture cannot be shown")).ok()
    });
    made.await.ok().flatten()
}

/// `GET canvases/DIGEST.png`, once it has all come and while there are pictures that were made from it, or about to be.
pub async fn canvas(
    State(studio): State<Arc<Studio>>,
    Path(name): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    let missing = || Refused::new(Code::NotFound, "no such drawing; its address is canvases/DIGEST.png");
    let digest = digest_in(&name, ".png").ok_or_else(missing)?;
    // Never closed, so the permit is always there to be had.
    let permit = studio.showing.clone().acquire_owned().await;
    let drawing = studio.gallery.ask(move |gallery| gallery.drawing(&digest)).await?;
    let (manifest, tiles) = drawing.ok_or_else(missing)?;
    let encoded = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let pixels = put_together(&manifest, tiles)?;
        encode_drawing(manifest.width(), manifest.height(), &pixels).ok()
    });
    let file = encoded.await.ok().flatten().ok_or_else(missing)?;
    Ok(png(file, format!("pentimento-{}-drawing.png", &name[..8])))
}

fn digest_in(name: &str, ending: &str) -> Option<Digest> {
    name.strip_suffix(ending)?.parse().ok()
}

fn png(file: Vec<u8>, name: String) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "image/png".to_owned()),
        (header::CACHE_CONTROL, FOR_EVER.to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
    ];
    (headers, file)
}
