//! The link without a socket: messages by POST, facts and frames by a poll that is held.

use super::error::Refused;
use super::hear::{hear, refuse};
use crate::gallery::Gallery;
use crate::people::Person;
use crate::studio::Studio;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use wire::limits::{POLL_HOLD_MS, SAID_MAX, SNAPSHOT_JOBS};
use wire::poll::BadSeen;
use wire::{ClientMessage, Code, Hello, JobView, PersonToken, PollAnswer, Problem, Said, Seen, ViewerId};

/// `POST api/say`: messages of one page, in their order.
pub async fn say(
    State(studio): State<Arc<Studio>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Refused> {
    let token = bearer(&headers)?;
    let person = Person::of(&token);
    let body = whole(body, SAID_MAX)?;
    let text =
        std::str::from_utf8(&body).map_err(|_| Refused::new(Code::BadMessage, "the body is not UTF-8"))?;
    let (viewer, messages) = Said::parse_each(text)?;
    for message in messages {
        match message {
            Ok(ClientMessage::Hello(hello)) => greet(&studio, &hello, viewer, &token).await?,
            Ok(message) => {
                studio.hub.hears(viewer, person)?;
                hear(&studio, person, viewer, message).await;
            }
            // A page that is not known yet has no facts to be told this by: its hello is wrong.
            Err((_, problem)) if studio.hub.hears(viewer, person).is_err() => return Err(problem.into()),
            Err((request, problem)) => refuse(&studio, viewer, request, problem),
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn greet(studio: &Studio, hello: &Hello, viewer: ViewerId, token: &PersonToken) -> Result<(), Problem> {
    if hello.viewer != viewer || hello.person != *token {
        let message = "hello: its viewer and person must be those of the request";
        return Err(Problem::new(Code::Forbidden, message));
    }
    studio.hub.greet_poller(hello, recent(&studio.gallery, Person::of(token)).await?)?;
    studio.queue.greet(viewer);
    Ok(())
}

/// The newest ended jobs of somebody who says hello.
///
/// # Errors
/// If the gallery cannot be read.
pub async fn recent(gallery: &Arc<Gallery>, person: Person) -> Result<Vec<JobView>, Problem> {
    gallery.ask(move |gallery| gallery.recent(person, SNAPSHOT_JOBS)).await
}

#[derive(Debug, Deserialize)]
pub struct Asked {
    viewer: ViewerId,
    seen: Option<String>,
}

/// `GET api/poll`: answered at once when there is something, and after a while when not. The tag of an answer says what
/// the page has seen once it has that.
pub async fn poll(
    State(studio): State<Arc<Studio>>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Refused> {
    let person = Person::of(&bearer(&headers)?);
    let Query(Asked { viewer, seen }) = asked?;
    let tag = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok()).map(untagged);
    let by_tag = seen.is_none() && tag.is_some();
    let seen = seen.as_deref().or(tag).unwrap_or_default();
    let seen: Seen = seen.parse().map_err(|error: BadSeen| Refused::new(Code::Invalid, error.to_string()))?;
    let (turn, notify) = studio.hub.begin_poll(viewer, person)?;
    let end = Instant::now() + Duration::from_millis(POLL_HOLD_MS);
    loop {
        let notified = notify.notified();
        if let Some((answer, seen)) = studio.hub.poll(viewer, turn, seen)? {
            return Ok(octets(StatusCode::OK, &answer, seen));
        }
        tokio::select! {
            () = notified => {}
            () = sleep_until(end) => break,
            () = studio.closing() => break,
        }
    }
    let status = if by_tag { StatusCode::NOT_MODIFIED } else { StatusCode::OK };
    Ok(octets(status, &PollAnswer::default(), seen))
}

/// What is in a tag. It is a weak one: the same may come in other parts.
fn untagged(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/").trim_matches('"')
}

fn octets(status: StatusCode, answer: &PollAnswer, seen: Seen) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::ETAG, format!("W/\"{seen}\"")),
    ];
    (status, headers, answer.encode()).into_response()
}

/// Who asks.
pub fn bearer(headers: &HeaderMap) -> Result<PersonToken, Refused> {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer ")).and_then(|token| token.parse().ok());
    token.ok_or_else(|| {
        Refused::new(Code::Forbidden, "Authorization: give `Bearer` and the person, 32 hexadecimal digits")
    })
}

/// The body, if it came whole and is not too large.
pub fn whole(body: Result<Bytes, BytesRejection>, most: usize) -> Result<Bytes, Refused> {
    body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Refused::new(Code::TooLarge, format!("the body is too large; at most {most} bytes"))
        }
        _ => Refused::new(Code::BadMessage, "the body did not arrive whole; send it again"),
    })
}
