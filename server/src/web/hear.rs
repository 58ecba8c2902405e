//! What a page says, however it came: each message to the room that it is for.

use crate::clock;
use crate::people::Person;
use crate::queue::Asked;
use crate::studio::Studio;
use crate::tiles::follow::Reached;
use bytes::Bytes;
use std::sync::Arc;
use wire::limits::STROKES_MAX;
use wire::{ClientMessage, Code, Fact, Problem, ViewerId};

/// Carries out one message. What is refused, the page is told as a fact.
pub async fn hear(studio: &Arc<Studio>, person: Person, viewer: ViewerId, message: ClientMessage) {
    let request = match &message {
        ClientMessage::Generate { request, .. } => Some(*request),
        _ => None,
    };
    if let Err(problem) = act(studio, person, viewer, message).await {
        refuse(studio, viewer, request, problem);
    }
}

/// As [`hear`], for a message as it came. One that cannot be read is refused under its number if
/// it has one.
pub async fn hear_text(studio: &Arc<Studio>, person: Person, viewer: ViewerId, text: &str) {
    match ClientMessage::parse(text) {
        Ok(message) => hear(studio, person, viewer, message).await,
        Err(problem) => refuse(studio, viewer, request_of(text), problem),
    }
}

pub fn refuse(studio: &Studio, viewer: ViewerId, request: Option<u32>, problem: Problem) {
    studio.hub.tell(viewer, &Fact::Refused { request, problem });
}

async fn act(
    studio: &Arc<Studio>,
    person: Person,
    viewer: ViewerId,
    message: ClientMessage,
) -> Result<(), Problem> {
    match message {
        ClientMessage::Hello(_) => {
            return Err(Problem::new(Code::BadMessage, "hello: said already on this connection"));
        }
        ClientMessage::Attention(attention) => {
            studio.hub.attend(viewer, attention);
            studio.queue.look_again();
        }
        ClientMessage::Ack { sequence } => studio.hub.ack(viewer, sequence),
        ClientMessage::Ping { sent } => studio.hub.pong(viewer, sent),
        ClientMessage::Canvas { manifest } => {
            let now = clock::now();
            let (canvas, missing) = studio.tiles.learn(manifest.clone(), now);
            studio.followed.said(viewer, Arc::new(manifest), now);
            studio.hub.tell(viewer, &Fact::Canvas { canvas, missing });
        }
        // It was told, and will say a canvas, and these again.
        ClientMessage::Generate { .. } | ClientMessage::Live { .. } if studio.followed.is_astray(viewer) => {}
        ClientMessage::Generate { canvas, .. } | ClientMessage::Live { canvas, .. }
            if studio.tiles.canvas(&canvas, clock::now()).is_none()
                && studio.followed.missed(viewer, &canvas) =>
        {
            studio.hub.tell(viewer, &Fact::Astray);
        }
        ClientMessage::Generate { request, canvas, spec } => {
            let queue = studio.queue.clone();
            to_its_end(async move { queue.generate(Asked { person, viewer, request }, canvas, spec).await })
                .await?;
        }
        ClientMessage::Live { canvas, spec } => studio.queue.live(person, viewer, canvas, spec)?,
        ClientMessage::Prepare { canvas, spec } => {
            if let Some(canvas) = canvas.or_else(|| studio.followed.canvas(viewer)) {
                studio.queue.prepare(canvas, spec);
            }
        }
        ClientMessage::Cancel { job } => {
            let queue = studio.queue.clone();
            to_its_end(async move { queue.cancel(person, job).await }).await?;
        }
        ClientMessage::Remove { picture } => {
            let studio = studio.clone();
            to_its_end(async move { studio.remove(person, picture).await }).await?;
        }
        ClientMessage::Watch { job } => studio.queue.watch(viewer, job).await?,
    }
    Ok(())
}

/// Draws what a page has drawn. A page that is astray already is told nothing again.
pub async fn hear_strokes(studio: &Arc<Studio>, viewer: ViewerId, deeds: Bytes) {
    if deeds.len() > STROKES_MAX {
        let message = format!("{} bytes of strokes are too many; give at most {STROKES_MAX}", deeds.len());
        refuse(studio, viewer, None, Problem::new(Code::TooLarge, message));
        studio.followed.lose(viewer, clock::now());
        return studio.hub.tell(viewer, &Fact::Astray);
    }
    if studio.followed.is_astray(viewer) {
        return;
    }
    studio.stats.strokes_received.one();
    studio.stats.stroke_bytes.add(deeds.len());
    // Never closed, so the permit is always there to be had.
    let permit = studio.following.clone().acquire_owned().await;
    let (here, now) = (studio.clone(), clock::now());
    let followed = tokio::task::spawn_blocking(move || {
        let reached = here.followed.follow(viewer, &deeds, &here.tiles, now);
        let fact = match reached {
            Some(Reached { canvas, manifest, tiles }) => {
                let landed = here.tiles.keep_drawn(tiles, now);
                let (_, missing) = here.tiles.learn(manifest, now);
                here.queue.landed(&landed);
                Fact::Canvas { canvas, missing }
            }
            None => Fact::Astray,
        };
        here.hub.tell(viewer, &fact);
        drop(permit);
    });
    if let Err(error) = followed.await {
        tracing::error!(%error, "strokes could not be drawn");
        studio.hub.tell(viewer, &Fact::Astray);
    }
}

/// Goes on when the page, and with it whoever waits here, goes away meanwhile: a job that is written
/// down and not announced would never start.
async fn to_its_end(deed: impl Future<Output = Result<(), Problem>> + Send + 'static) -> Result<(), Problem> {
    tokio::spawn(deed).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a message could not be carried out");
        Err(Problem::new(Code::Internal, "this could not be done; the server's log says why"))
    })
}

fn request_of(text: &str) -> Option<u32> {
    if text.len() > wire::limits::TEXT_MAX {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.get("request")?.as_u64()?.try_into().ok()
}
