//! `GET link`: the WebSocket. One half speaks, one half listens, in one task; a socket that does
//! not read delays nobody else, since all that waits for it is in its own viewer.

use super::hear::{hear_strokes, hear_text};
use super::polling::recent;
use crate::hub::{Connection, Next};
use crate::people::Person;
use crate::studio::Studio;
use crate::websocket::{AWAY, Listener, Message, NORMAL, POLICY, Speaker, Upgrade};
use axum::extract::State;
use axum::response::Response;
use link::Outgoing;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, interval, sleep_until, timeout, timeout_at};
use wire::limits::{ALIVE_EVERY_MS, DEAD_AFTER_MS};
use wire::{ALIVE, ClientMessage, Code, Fact, Hello, Problem, numbered_text};

/// A new socket says hello within this time, or it is no client of ours.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// Above [`wire::limits::TEXT_MAX`], so that what is too large is refused in words; beyond this the socket ends.
const MESSAGE_MAX: usize = 2 << 20;
const ALIVE_EVERY: Duration = Duration::from_millis(ALIVE_EVERY_MS);
const DEAD_AFTER: Duration = Duration::from_millis(DEAD_AFTER_MS);

pub async fn link(State(studio): State<Arc<Studio>>, upgrade: Upgrade) -> Response {
    upgrade.serve(MESSAGE_MAX, move |speaker, listener| serve(studio, speaker, listener))
}

/// Why nobody is welcomed.
enum Unwelcome {
    /// Nobody is there to be told anything.
    Gone,
    /// To be said in farewell.
    Ended(u16),
    Refused(Problem),
}

impl From<Problem> for Unwelcome {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

async fn serve(studio: Arc<Studio>, speaker: Speaker, mut listener: Listener) {
    // Boxed: it is over in a moment, and what comes then waits for years.
    let (code, reason) = match Box::pin(attach(&studio, &speaker, &mut listener)).await {
        Ok((connection, person)) => {
            tokio::select! {
                // An error means that the other end is gone, which the drop of `connection` tells.
                _ = speak(&studio, &connection, &speaker) => (AWAY, ""),
                code = listen(&studio, person, &connection, &speaker, &mut listener) => (code, ""),
            }
        }
        Err(Unwelcome::Refused(problem)) => {
            let refused = Fact::Refused { request: None, problem }.to_text();
            speaker.text(&numbered_text(0, &refused));
            (POLICY, "refused")
        }
        Err(Unwelcome::Ended(code)) => (code, ""),
        Err(Unwelcome::Gone) => return,
    };
    Box::pin(speaker.farewell(listener, code, reason)).await;
}

/// Waits for hello.
async fn attach(
    studio: &Studio,
    speaker: &Speaker,
    listener: &mut Listener,
) -> Result<(Connection, Person), Unwelcome> {
    let hello = tokio::select! {
        hello = timeout(HELLO_WITHIN, first_words(speaker, listener)) => hello.unwrap_or_else(|_| {
            Err(Problem::new(Code::BadMessage, "hello did not come within 10 seconds").into())
        })?,
        () = studio.closing() => return Err(Unwelcome::Ended(AWAY)),
    };
    let person = Person::of(&hello.person);
    let ended = recent(&studio.gallery, person).await?;
    let connection = studio.hub.connect(&hello, ended)?;
    studio.queue.greet(hello.viewer);
    Ok((connection, person))
}

async fn first_words(speaker: &Speaker, listener: &mut Listener) -> Result<Hello, Unwelcome> {
    loop {
        match listener.next().await {
            Some(Ok(Message::Text(text))) => match ClientMessage::parse(&text)? {
                ClientMessage::Hello(hello) => return Ok(hello),
                _ => return Err(Problem::new(Code::BadMessage, "say hello first").into()),
            },
            Some(Ok(Message::Binary(_))) => {
                return Err(Problem::new(Code::BadMessage, "say hello first").into());
            }
            Some(Ok(Message::Ping(payload))) => {
                pong(speaker, &payload).await.map_err(|_| Unwelcome::Gone)?;
            }
            Some(Ok(Message::Pong)) => {}
            Some(Ok(Message::Close(code))) => return Err(Unwelcome::Ended(code.unwrap_or(NORMAL))),
            Some(Err(broken)) => return Err(Unwelcome::Ended(broken.code())),
            None => return Err(Unwelcome::Gone),
        }
    }
}

async fn speak(studio: &Studio, connection: &Connection, speaker: &Speaker) -> io::Result<()> {
    let mut alive = interval(ALIVE_EVERY);
    alive.reset();
    let closing = studio.closing();
    tokio::pin!(closing);
    loop {
        let notified = connection.notify().notified();
        match connection.next() {
            Next::Over => return Ok(()),
            Next::Send(outgoing) => send(connection, speaker, outgoing).await?,
        }
        tokio::select! {
            () = notified => {}
            _ = alive.tick() => {
                speaker.ping();
                speaker.text(ALIVE);
                speaker.flush().await?;
            }
            () = &mut closing => return Ok(()),
        }
    }
}

async fn send(connection: &Connection, speaker: &Speaker, outgoing: Vec<Outgoing>) -> io::Result<()> {
    for next in outgoing {
        match next {
            Outgoing::Text(text) => speaker.text(&text),
            Outgoing::Frame(telling) => {
                if !telling.is_coded() {
                    // No fact waits for that.
                    speaker.flush().await?;
                }
                speaker.binary(connection.frame(&telling).bytes().clone());
            }
        }
    }
    speaker.flush().await
}

/// Ends when nothing was heard for too long: the other end answers pings even when it is idle. Gives the code of the farewell.
async fn listen(
    studio: &Arc<Studio>,
    person: Person,
    connection: &Connection,
    speaker: &Speaker,
    listener: &mut Listener,
) -> u16 {
    let viewer = connection.viewer;
    let mut dead_at = Instant::now() + DEAD_AFTER;
    let silence = sleep_until(dead_at);
    tokio::pin!(silence);
    loop {
        let message = tokio::select! {
            // What has come was heard in time, however long it took to come to it.
            biased;
            message = listener.next() => message,
            () = &mut silence => {
                // Set to its time only here: thousands speak, and hardly one falls silent.
                if Instant::now() >= dead_at {
                    return AWAY;
                }
                silence.as_mut().reset(dead_at);
                continue;
            }
        };
        if connection.is_over() {
            return AWAY;
        }
        dead_at = Instant::now() + DEAD_AFTER;
        match message {
            // Boxed: most of what waits here for years is small.
            Some(Ok(Message::Text(text))) => Box::pin(hear_text(studio, person, viewer, &text)).await,
            Some(Ok(Message::Binary(bytes))) => Box::pin(hear_strokes(studio, viewer, bytes)).await,
            Some(Ok(Message::Ping(payload))) => {
                // Who asks and does not read is as good as silent.
                if !matches!(timeout_at(dead_at, pong(speaker, &payload)).await, Ok(Ok(()))) {
                    return AWAY;
                }
            }
            Some(Ok(Message::Pong)) => {}
            Some(Ok(Message::Close(code))) => return code.unwrap_or(NORMAL),
            Some(Err(broken)) => return broken.code(),
            None => return AWAY,
        }
    }
}

async fn pong(speaker: &Speaker, payload: &[u8]) -> io::Result<()> {
    speaker.pong(payload);
    speaker.flush().await
}
