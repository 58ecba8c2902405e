//! One open page as far as the socket goes: it says what it is told to, hears facts, and
//! acknowledges every preview as soon as it has it.

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::timeout,
};
use tokio_tungstenite::{connect_async, tungstenite::Message};
use wire::{
    Attention, ClientMessage, Fact, Frame, Hello, JobId, Numbered, PROTOCOL, PersonToken, Snapshot, ViewerId,
};

/// Longer than any job of a figure takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// Which facts a desk wants to hear too, beside whoever waits for them.
pub type Listener = Box<dyn Fn(&Fact) + Send>;

#[derive(Debug)]
pub struct Viewer {
    pub snapshot: Snapshot,
    pub frames: Arc<AtomicU64>,
    /// The frame that came last.
    pub newest: watch::Receiver<Option<Frame>>,
    out: mpsc::UnboundedSender<Message>,
    facts: mpsc::UnboundedReceiver<(Instant, Fact)>,
    requests: u32,
    /// End with the viewer, and the socket with them.
    _tasks: JoinSet<()>,
}

fn text(message: &ClientMessage) -> Message {
    Message::Text(message.to_text().into())
}

impl Viewer {
    /// Says hello at `address` as this person, and waits for the welcome.
    ///
    /// # Errors
    /// If there is no studio there or it does not welcome.
    pub async fn connect(
        address: SocketAddr,
        person: PersonToken,
        attention: Attention,
        listener: Listener,
    ) -> Result<Self> {
        static PAGES: AtomicU64 = AtomicU64::new(1);
        let viewer = ViewerId(PAGES.fetch_add(1, Relaxed).to_le_bytes());
        let (socket, _) = connect_async(format!("ws://{address}/link")).await.context("open the socket")?;
        let (mut sink, mut stream) = socket.split();
        let (out, mut said) = mpsc::unbounded_channel::<Message>();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            while let Some(message) = said.recv().await {
                if sink.send(message).await.is_err() {
                    return;
                }
            }
        });
        let hello = Hello { protocol: PROTOCOL, person, viewer, stream: 0, last: 0, attention };
        out.send(text(&ClientMessage::Hello(hello)))?;

        let (hear, mut facts) = mpsc::unbounded_channel();
        let frames = Arc::new(AtomicU64::new(0));
        let (acknowledge, counted) = (out.clone(), frames.clone());
        let (latest, newest) = watch::channel(None);
        tasks.spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                match message {
                    Message::Text(text) => {
                        let Ok(Numbered { fact, .. }) = Numbered::parse(&text) else { continue };
                        listener(&fact);
                        let _ = hear.send((Instant::now(), fact));
                    }
                    Message::Binary(bytes) => {
                        let Ok(frame) = Frame::parse(bytes) else { continue };
                        counted.fetch_add(1, Relaxed);
                        let sequence = frame.header.sequence;
                        latest.send_replace(Some(frame));
                        let _ = acknowledge.send(text(&ClientMessage::Ack { sequence }));
                    }
                    _ => {}
                }
            }
        });
        let snapshot = loop {
            let (_, fact) = timeout(PATIENCE, facts.recv()).await?.context("no welcome")?;
            match fact {
                Fact::Welcome { snapshot: Some(snapshot), .. } => break snapshot,
                Fact::Refused { problem, .. } => bail!("refused: {problem}"),
                _ => {}
            }
        };
        Ok(Self { snapshot, frames, newest, out, facts, requests: 0, _tasks: tasks })
    }

    /// # Errors
    /// If the connection is gone.
    pub fn say(&self, message: ClientMessage) -> Result<()> {
        self.out.send(text(&message)).context("the connection is gone")
    }

    /// Sends strokes.
    ///
    /// # Errors
    /// If the connection is gone.
    pub fn tell(&self, deeds: Vec<u8>) -> Result<()> {
        self.out.send(Message::Binary(deeds.into())).context("the connection is gone")
    }

    /// A number for a request that this viewer has not used.
    pub fn request(&mut self) -> u32 {
        self.requests += 1;
        self.requests
    }

    /// Waits for a fact of which `pick` makes something, and says when it came.
    ///
    /// # Errors
    /// If it does not come, or the studio refuses something or fails a job meanwhile.
    pub async fn until<T>(&mut self, mut pick: impl FnMut(&Fact) -> Option<T>) -> Result<(Instant, T)> {
        loop {
            let (at, fact) = timeout(PATIENCE, self.facts.recv()).await?.context("the socket was closed")?;
            if let Some(picked) = pick(&fact) {
                return Ok((at, picked));
            }
            match fact {
                Fact::Refused { problem, .. } => bail!("refused: {problem}"),
                Fact::Failed { problem, .. } => bail!("the job failed: {problem}"),
                _ => {}
            }
        }
    }

    /// # Errors
    /// As [`Viewer::until`].
    pub async fn started(&mut self) -> Result<(Instant, JobId)> {
        let started = |fact: &Fact| match fact {
            Fact::Started { job, .. } => Some(*job),
            _ => None,
        };
        self.until(started).await
    }

    /// Waits until this job has ended, one way or another.
    ///
    /// # Errors
    /// As [`Viewer::until`].
    pub async fn ended(&mut self, wanted: JobId) -> Result<Instant> {
        let ended = |fact: &Fact| match fact {
            Fact::Finished { job, .. } | Fact::Cancelled { job, .. } => (*job == wanted).then_some(()),
            _ => None,
        };
        Ok(self.until(ended).await?.0)
    }
}
