//! Thousands of pages in one thread, as far as their sockets go: each says hello and what it wants to see, and acknowledges
//! every preview as it comes. Their own WebSocket code, a few lines: a library's would take more of the machine than the server.

use anyhow::{Context, Result, ensure};
use std::{
    cell::RefCell,
    net::SocketAddr,
    rc::Rc,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    thread::JoinHandle,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    sync::{Semaphore, oneshot, watch},
    task::LocalSet,
};
use wire::{Attention, ClientMessage, Hello, PROTOCOL, PersonToken, ViewerId, frame::HEADER};

/// Larger than what comes between two looks at a socket.
const READ: usize = 64 * 1024;
/// Pages that open their sockets at once; more would only wait for each other.
const OPENING: usize = 64;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const PONG: &[u8] = br#"{"n":0,"fact":{"type":"pong""#;

/// What is at the other end.
#[derive(Debug, Clone, Copy)]
pub enum Other {
    /// A studio, of which these pages are this person's.
    Studio(PersonToken),
    /// Somebody who writes frames and hears nothing.
    Writer,
}

/// Open sockets; all are closed when it is dropped.
#[derive(Debug)]
pub struct Crowd {
    seen: Arc<Seen>,
    attention: watch::Sender<Attention>,
    end: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Seen {
    open: AtomicU64,
    /// Pages that heard that their last wish was heard.
    answered: AtomicU64,
    frames: AtomicU64,
    /// From the end of a step to when its preview was read, in milliseconds.
    ages: Mutex<Vec<f64>>,
    broken: Mutex<Option<String>>,
}

impl Crowd {
    /// Opens so many sockets, and waits until all are. `stalled` of them never read what comes.
    ///
    /// # Errors
    /// If one of them is not taken.
    ///
    /// # Panics
    /// If the system gives no thread.
    pub async fn open(address: SocketAddr, count: usize, stalled: usize, other: Other) -> Result<Self> {
        let seen = Arc::new(Seen::default());
        let (end, ended) = oneshot::channel();
        let attention = watch::Sender::new(Attention::default());
        let (theirs, mut wishes) = (seen.clone(), attention.subscribe());
        let thread = std::thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            let pages = LocalSet::new();
            let buffer = Rc::new(RefCell::new(vec![0; READ]));
            let opening = Arc::new(Semaphore::new(OPENING));
            let open = Rc::<RefCell<Vec<Rc<TcpStream>>>>::default();
            let streams = open.clone();
            pages.spawn_local(async move {
                while wishes.changed().await.is_ok() {
                    let wish = masked(&ClientMessage::Attention(*wishes.borrow_and_update()));
                    let both = [wish, masked(&ClientMessage::Ping { sent: 1 })].concat();
                    for stream in streams.borrow().iter() {
                        // A socket that is broken says so to its own page.
                        let _ = stream.try_write(&both);
                    }
                }
            });
            for number in 0..count + stalled {
                let (buffer, seen, opening) = (buffer.clone(), theirs.clone(), opening.clone());
                let open = open.clone();
                pages.spawn_local(async move {
                    let page =
                        Page { address, number, other, reads: number < count, buffer, open, seen: &seen };
                    if let Err(error) = page.live(&opening).await {
                        seen.broken.lock().expect("no panic").get_or_insert(format!("{error:#}"));
                    }
                });
            }
            pages.block_on(&runtime, async { _ = ended.await });
        });
        let crowd = Self { seen, attention, end: Some(end), thread: Some(thread) };
        while crowd.seen.open.load(Relaxed) < (count + stalled) as u64 {
            crowd.check()?;
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        Ok(crowd)
    }

    /// # Errors
    /// If a socket was closed.
    pub fn check(&self) -> Result<()> {
        let broken = self.seen.broken.lock().expect("no panic").clone();
        broken.map_or(Ok(()), |why| Err(anyhow::Error::msg(why)))
    }

    /// All pages want to be shown something else from now on, and the studio has heard it from each.
    ///
    /// # Errors
    /// If a socket was closed.
    pub async fn attend(&self, attention: Attention) -> Result<()> {
        self.seen.answered.store(0, Relaxed);
        self.attention.send_replace(attention);
        while self.seen.answered.load(Relaxed) < self.seen.open.load(Relaxed) {
            self.check()?;
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Previews that came so far.
    pub fn frames(&self) -> u64 {
        self.seen.frames.load(Relaxed)
    }

    /// The ages of the previews that came since they were asked for last, in milliseconds.
    pub fn take_ages(&self) -> Vec<f64> {
        std::mem::take(&mut self.seen.ages.lock().expect("no panic"))
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Page<'a> {
    address: SocketAddr,
    number: usize,
    other: Other,
    reads: bool,
    buffer: Rc<RefCell<Vec<u8>>>,
    open: Rc<RefCell<Vec<Rc<TcpStream>>>>,
    seen: &'a Seen,
}

impl Page<'_> {
    async fn live(&self, opening: &Semaphore) -> Result<()> {
        let permit = opening.acquire().await?;
        let mut stream = TcpStream::connect(self.address).await.context("connect")?;
        stream.set_nodelay(true)?;
        let mut pending = Vec::new();
        if let Other::Studio(person) = self.other {
            pending = self.upgrade(&mut stream).await?;
            let viewer = ViewerId((1 << 40 | self.number as u64).to_le_bytes());
            let attention = Attention::default();
            let hello = Hello { protocol: PROTOCOL, person, viewer, stream: 0, last: 0, attention };
            stream.write_all(&masked(&ClientMessage::Hello(hello))).await?;
        }
        let stream = Rc::new(stream);
        self.open.borrow_mut().push(stream.clone());
        self.seen.open.fetch_add(1, Relaxed);
        drop(permit);
        if !self.reads {
            return std::future::pending().await;
        }
        loop {
            stream.readable().await?;
            {
                let mut buffer = self.buffer.borrow_mut();
                match stream.try_read(&mut buffer) {
                    Ok(0) => anyhow::bail!("page {} was closed", self.number),
                    Ok(read) => pending.extend_from_slice(&buffer[..read]),
                    Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
                    Err(error) => return Err(error.into()),
                }
            }
            let mut at = 0;
            while let Some((kind, from, to)) = message(&pending, at) {
                at = to;
                let payload = &pending[from..to];
                if kind == BINARY && payload.len() >= HEADER {
                    let sequence = self.frame(payload);
                    if matches!(self.other, Other::Studio(_)) {
                        // So few bytes always find room.
                        stream.try_write(&masked(&ClientMessage::Ack { sequence }))?;
                    }
                } else if kind == TEXT && payload.starts_with(PONG) {
                    self.seen.answered.fetch_add(1, Relaxed);
                }
            }
            pending.drain(..at);
        }
    }

    /// Makes a WebSocket of the connection; gives what came behind the answer.
    async fn upgrade(&self, stream: &mut TcpStream) -> Result<Vec<u8>> {
        let request = format!(
            "GET /link HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.address
        );
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        loop {
            stream.readable().await?;
            match stream.try_read_buf(&mut answer) {
                Ok(0) => anyhow::bail!("page {} was not taken", self.number),
                Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => return Err(error.into()),
                _ => {}
            }
            if let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") {
                ensure!(answer.starts_with(b"HTTP/1.1 101 "), "page {} got no socket", self.number);
                return Ok(answer.split_off(end + 4));
            }
        }
    }

    /// Counts a preview; gives its sequence.
    fn frame(&self, frame: &[u8]) -> u64 {
        let eight = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| frame[at + i]));
        self.seen.frames.fetch_add(1, Relaxed);
        let age_us = unix_us().saturating_sub(eight(32));
        self.seen.ages.lock().expect("no panic").push(age_us as f64 / 1e3);
        eight(16)
    }
}

/// The message that begins at `at`, if all of it is there: its kind, and where its payload is.
fn message(bytes: &[u8], at: usize) -> Option<(u8, usize, usize)> {
    let head = bytes.get(at..at + 2)?;
    let (from, length) = match head[1] {
        126 => (at + 4, bytes.get(at + 2..at + 4)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))),
        127 => {
            (at + 10, bytes.get(at + 2..at + 10)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
        }
        short => (at + 2, usize::from(short)),
    };
    (bytes.len() >= from + length).then_some((head[0] & 15, from, from + length))
}

/// A short text message, masked with zeros, which changes nothing.
fn masked(message: &ClientMessage) -> Vec<u8> {
    let text = message.to_text();
    let mut bytes = vec![0x80 | TEXT];
    match text.len() {
        short @ 0..126 => bytes.push(0x80 | short as u8),
        long => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(long as u16).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

/// Now, in microseconds since 1970, as frames count.
pub fn unix_us() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros() as u64)
}
