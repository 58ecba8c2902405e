//! `GET link`: the WebSocket. One half speaks, one half listens, in one task; a socket that does
//! not read delays nobody else, since all that waits for it is in its own viewer.

use super::hear::{hear_strokes, hear_text};
use super::polling::recent;
use crate::hub::{Connection, Next};
use crate::people::Person;
use crate::studio::Studio;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{interval, timeout};
use wire::limits::{ALIVE_EVERY_MS, DEAD_AFTER_MS, FRAME_MAX};
use wire::{ALIVE, ClientMessage, Code, Fact, Hello, Problem, numbered_text};

/// A new socket says hello within this time, or it is no client of ours.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// Above [`wire::limits::TEXT_MAX`], so that what is too large is refused in words; beyond this the socket ends.
const MESSAGE_MAX: usize = 2 << 20;
/// What is read from a socket at once: an acknowledgement has thirty bytes, and there may be thousands of sockets.
const READ: usize = 1 << 10;
/// A step and its preview go in one call of the system if they have fewer bytes than this together.
const TOGETHER: usize = 8 << 10;
/// Bytes that wait in one socket: those that go together, and a message.
const WRITE_MAX: usize = 2 * FRAME_MAX;
/// A farewell that nobody reads is not waited for.
const FAREWELL: Duration = Duration::from_secs(1);

type Sender = SplitSink<WebSocket, Message>;
type Receiver = SplitStream<WebSocket>;

pub async fn link(State(studio): State<Arc<Studio>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .max_message_size(MESSAGE_MAX)
        .max_frame_size(MESSAGE_MAX)
        .read_buffer_size(READ)
        .write_buffer_size(TOGETHER)
        .max_write_buffer_size(WRITE_MAX)
        .on_upgrade(move |socket| serve(studio, socket))
}

async fn serve(studio: Arc<Studio>, socket: WebSocket) {
    let (mut sender, mut receiver) = socket.split();
    let reason = match attach(&studio, &mut receiver).await {
        Ok((connection, person)) => {
            tokio::select! {
                // An error means that the other end is gone, which the drop of `connection` tells.
                _ = speak(&studio, &connection, &mut sender) => {}
                () = listen(&studio, person, &connection, &mut receiver) => {}
            }
            (close_code::AWAY, "")
        }
        Err(Some(problem)) => {
            let refused = Fact::Refused { request: None, problem }.to_text();
            let text = numbered_text(0, &refused);
            let _ = timeout(FAREWELL, sender.send(Message::Text(text.into()))).await;
            (close_code::POLICY, "refused")
        }
        Err(None) => return,
    };
    let farewell = Message::Close(Some(CloseFrame { code: reason.0, reason: reason.1.into() }));
    let _ = timeout(FAREWELL, sender.send(farewell)).await;
}

/// Waits for hello. `Err(None)` if nobody is there to be told anything.
async fn attach(studio: &Studio, receiver: &mut Receiver) -> Result<(Connection, Person), Option<Problem>> {
    let hello = tokio::select! {
        hello = timeout(HELLO_WITHIN, first_words(receiver)) => match hello {
            Ok(hello) => hello?,
            Err(_) => return Err(Some(Problem::new(Code::BadMessage, "hello did not come within 10 seconds"))),
        },
        () = studio.closing() => return Err(None),
    };
    let person = Person::of(&hello.person);
    let ended = recent(&studio.gallery, person).await?;
    let connection = studio.hub.connect(&hello, ended)?;
    studio.queue.look_again();
    Ok((connection, person))
}

async fn first_words(receiver: &mut Receiver) -> Result<Hello, Option<Problem>> {
    loop {
        match receiver.next().await {
            Some(Ok(Message::Text(text))) => match ClientMessage::parse(&text)? {
                ClientMessage::Hello(hello) => return Ok(hello),
                _ => return Err(Some(Problem::new(Code::BadMessage, "say hello first"))),
            },
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Binary(_))) => {
                return Err(Some(Problem::new(Code::BadMessage, "say hello first")));
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(None),
        }
    }
}

async fn speak(studio: &Studio, connection: &Connection, sender: &mut Sender) -> Result<(), axum::Error> {
    let mut alive = interval(Duration::from_millis(ALIVE_EVERY_MS));
    alive.reset();
    let closing = studio.closing();
    tokio::pin!(closing);
    loop {
        let notified = connection.notify().notified();
        loop {
            match connection.next() {
                Next::Text(text) => sender.feed(Message::Text(text.into())).await?,
                Next::Frame(telling) => {
                    if !telling.is_coded() {
                        // No fact waits for that.
                        sender.flush().await?;
                    }
                    let frame = connection.frame(&telling);
                    sender.feed(Message::Binary(frame.bytes().clone())).await?;
                }
                Next::Wait => break sender.flush().await?,
                Next::Over => return Ok(()),
            }
        }
        tokio::select! {
            () = notified => {}
            _ = alive.tick() => {
                sender.send(Message::Ping(Vec::new().into())).await?;
                sender.send(Message::Text(ALIVE.into())).await?;
            }
            () = &mut closing => return Ok(()),
        }
    }
}

async fn listen(studio: &Arc<Studio>, person: Person, connection: &Connection, receiver: &mut Receiver) {
    let viewer = connection.viewer;
    // Ends when nothing was heard for too long: the other end answers pings even when it is idle.
    while let Ok(Some(Ok(message))) = timeout(Duration::from_millis(DEAD_AFTER_MS), receiver.next()).await {
        match message {
            // Boxed: most of what waits here for years is small.
            Message::Text(text) => Box::pin(hear_text(studio, person, viewer, &text)).await,
            Message::Binary(bytes) => Box::pin(hear_strokes(studio, viewer, bytes)).await,
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(_) => break,
        }
    }
}
