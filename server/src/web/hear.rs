//! What a page says, however it came: each message to the room that it is for.

use crate::clock;
use crate::people::Person;
use crate::queue::Asked;
use crate::studio::Studio;
use wire::{ClientMessage, Code, Fact, Problem, ViewerId};

/// Carries out one message. What is refused, the page is told as a fact.
pub async fn hear(studio: &Studio, person: Person, viewer: ViewerId, message: ClientMessage) {
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
pub async fn hear_text(studio: &Studio, person: Person, viewer: ViewerId, text: &str) {
    match ClientMessage::parse(text) {
        Ok(message) => hear(studio, person, viewer, message).await,
        Err(problem) => refuse(studio, viewer, request_of(text), problem),
    }
}

pub fn refuse(studio: &Studio, viewer: ViewerId, request: Option<u32>, problem: Problem) {
    studio.hub.tell(viewer, &Fact::Refused { request, problem });
}

async fn act(
    studio: &Studio,
    person: Person,
    viewer: ViewerId,
    message: ClientMessage,
) -> Result<(), Problem> {
    match message {
        ClientMessage::Hello(_) => {
            return Err(Problem::new(Code::BadMessage, "hello: said already on this connection"));
        }
        ClientMessage::Attention(attention) => studio.hub.attend(viewer, attention),
        ClientMessage::Ack { sequence } => studio.hub.ack(viewer, sequence),
        ClientMessage::Canvas { manifest } => {
            let (canvas, missing) = studio.tiles.learn(manifest, clock::now());
            studio.hub.tell(viewer, &Fact::Canvas { canvas, missing });
        }
        ClientMessage::Generate { request, canvas, spec } => {
            studio.queue.generate(Asked { person, viewer, request }, canvas, spec).await?;
        }
        ClientMessage::Cancel { job } => studio.queue.cancel(person, job).await?,
        ClientMessage::Watch { job } => studio.queue.watch(viewer, job).await?,
    }
    Ok(())
}

fn request_of(text: &str) -> Option<u32> {
    if text.len() > wire::limits::TEXT_MAX {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.get("request")?.as_u64()?.try_into().ok()
}
