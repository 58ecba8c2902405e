//! A page that remembers all that it was told.

use crate::studio::Drawing;
use futures_util::{SinkExt, StreamExt};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use wire::{
    Attention, ClientMessage, Fact, Frame, Hello, Job, Numbered, PROTOCOL, PersonToken, Snapshot, Spec,
    ViewerId,
};

/// Far longer than anything takes; what is not told within it never will be.
const PATIENCE: Duration = Duration::from_secs(20);

static PAGES: AtomicU64 = AtomicU64::new(1);

pub struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub person: PersonToken,
    pub viewer: ViewerId,
    pub facts: Vec<Numbered>,
    pub frames: Vec<Frame>,
    request: u32,
    /// Whether frames are acknowledged as they come.
    pub acks: bool,
}

pub fn person(n: u8) -> PersonToken {
    PersonToken([n; 16])
}

pub fn viewer() -> ViewerId {
    ViewerId(PAGES.fetch_add(1, Relaxed).to_be_bytes())
}

/// `heard`: the stream that the page counts by, and its last fact.
pub fn hello(person: PersonToken, viewer: ViewerId, heard: (u32, u64), attention: Attention) -> Hello {
    let (stream, last) = heard;
    Hello { protocol: PROTOCOL, person, viewer, stream, last, attention }
}

impl Page {
    pub async fn open(address: SocketAddr) -> Self {
        Self::open_as(address, person(1), Attention::default()).await
    }

    pub async fn open_as(address: SocketAddr, person: PersonToken, attention: Attention) -> Self {
        let mut page = Self::silent(address, person).await;
        page.greet((0, 0), attention).await;
        page
    }

    /// Connected, and has not said hello.
    pub async fn silent(address: SocketAddr, person: PersonToken) -> Self {
        let (socket, _) = connect_async(format!("ws://{address}/link")).await.expect("the socket opens");
        let (facts, frames) = (Vec::new(), Vec::new());
        Self { socket, person, viewer: viewer(), facts, frames, request: 0, acks: true }
    }

    pub async fn greet(&mut self, heard: (u32, u64), attention: Attention) {
        let hello = hello(self.person, self.viewer, heard, attention);
        self.say(&ClientMessage::Hello(hello)).await;
        self.until(|fact| matches!(fact, Fact::Welcome { .. })).await;
    }

    /// The stream, and its last fact.
    pub fn heard(&self) -> (u32, u64) {
        let stream = self.facts.iter().rev().find_map(|numbered| match numbered.fact {
            Fact::Welcome { stream, .. } => Some(stream),
            _ => None,
        });
        (stream.unwrap_or(0), self.facts.iter().map(|fact| fact.n).max().unwrap_or(0))
    }

    pub fn snapshot(&self) -> &Snapshot {
        let snapshot = self.facts.iter().rev().find_map(|numbered| match &numbered.fact {
            Fact::Welcome { snapshot, .. } => snapshot.as_ref(),
            _ => None,
        });
        snapshot.expect("a fresh welcome has a snapshot")
    }

    pub async fn say(&mut self, message: &ClientMessage) {
        self.say_text(message.to_text()).await;
    }

    pub async fn say_text(&mut self, text: String) {
        self.say_raw(Message::Text(text.into())).await;
    }

    pub async fn say_raw(&mut self, message: Message) {
        self.socket.send(message).await.expect("the server listens");
    }

    /// Reads on until a fact is told that fits.
    pub async fn until(&mut self, fits: impl Fn(&Fact) -> bool) -> Fact {
        loop {
            let read = timeout(PATIENCE, self.read()).await;
            read.unwrap_or_else(|_| panic!("never told; all that was told: {:#?}", self.facts));
            if let Some(told) = self.facts.last().filter(|told| fits(&told.fact)) {
                return told.fact.clone();
            }
        }
    }

    /// Reads on until so many frames have come in all.
    pub async fn until_frames(&mut self, count: usize) {
        while self.frames.len() < count {
            let read = timeout(PATIENCE, self.read()).await;
            read.unwrap_or_else(|_| panic!("{} frames and no more", self.frames.len()));
        }
    }

    /// Reads on until a frame of this step has come.
    pub async fn until_frame_of(&mut self, step: u16) {
        while self.frames.last().is_none_or(|frame| frame.header.step != step) {
            self.until_frames(self.frames.len() + 1).await;
        }
    }

    /// Whether the server ended the connection.
    pub async fn is_closed(&mut self) -> bool {
        loop {
            match timeout(PATIENCE, self.socket.next()).await.expect("the socket says something") {
                None | Some(Err(_) | Ok(Message::Close(_))) => return true,
                Some(Ok(_)) => {}
            }
        }
    }

    async fn read(&mut self) {
        match self.socket.next().await.expect("the socket is open").expect("the socket works") {
            Message::Text(text) => self.facts.push(Numbered::parse(&text).expect("a fact")),
            Message::Binary(bytes) => {
                let frame = Frame::parse(bytes).expect("a frame");
                let sequence = frame.header.sequence;
                self.frames.push(frame);
                if self.acks {
                    self.say(&ClientMessage::Ack { sequence }).await;
                }
            }
            _ => {}
        }
    }

    /// Says what it has drawn; answers what the server lacks.
    pub async fn show(&mut self, drawing: &Drawing) -> Vec<u32> {
        self.say(&ClientMessage::Canvas { manifest: drawing.manifest.clone() }).await;
        match self.until(|fact| matches!(fact, Fact::Canvas { .. })).await {
            Fact::Canvas { missing, .. } => missing,
            other => panic!("{other:?}"),
        }
    }

    /// Asks for a picture, and waits until it is accepted.
    pub async fn generate(&mut self, drawing: &Drawing, spec: Spec) -> Job {
        self.request += 1;
        let request = self.request;
        self.say(&ClientMessage::Generate { request, canvas: drawing.digest, spec }).await;
        let mine = |fact: &Fact| matches!(fact, Fact::Accepted { request: Some(r), .. } if *r == request);
        match self.until(mine).await {
            Fact::Accepted { job, .. } => job,
            other => panic!("{other:?}"),
        }
    }

    pub async fn until_step(&mut self, wanted: u16) {
        self.until(|fact| matches!(fact, Fact::Step { step, .. } if *step == wanted)).await;
    }

    pub async fn until_finished(&mut self) -> Vec<wire::Picture> {
        match self.until(|fact| matches!(fact, Fact::Finished { .. } | Fact::Failed { .. })).await {
            Fact::Finished { pictures, .. } => pictures,
            other => panic!("{other:?}"),
        }
    }

    /// The problem of the next refusal.
    pub async fn refused(&mut self) -> wire::Problem {
        match self.until(|fact| matches!(fact, Fact::Refused { .. })).await {
            Fact::Refused { problem, .. } => problem,
            other => panic!("{other:?}"),
        }
    }
}

/// Settings with so many steps.
pub fn steps(steps: u16) -> Spec {
    Spec { steps, width: 64, height: 64, ..Spec::default() }
}
