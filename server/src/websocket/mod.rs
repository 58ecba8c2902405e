//! The server's end of a WebSocket, after RFC 6455, without extensions.
//!
//! Made for thousands of quiet sockets that are shown the same: none has a buffer while nothing is on its way, and what is
//! sent to many is one `Bytes`, which goes from there into the system.

mod frame;
mod incoming;
mod upgrade;

pub use frame::{AWAY, NORMAL, POLICY};
pub use incoming::{Broken, Message};
pub use upgrade::{Refused, Upgrade};

use bytes::Bytes;
use frame::{BINARY, CLOSE, PING, PONG, TEXT};
use incoming::Incoming;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{Error, ErrorKind, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

/// What is read at once, on the stack of whoever reads.
const READ: usize = 8 << 10;
/// Pieces that go to the system in one call: two small messages and two large ones.
const TOGETHER: usize = 8;
/// Room for so many messages and pieces is kept while nothing is on its way.
const KEPT: usize = 16;
/// A farewell that nobody reads is not waited for.
const FAREWELL: Duration = Duration::from_secs(1);

/// Speaks; may be shared by who answers and who tells.
#[derive(Debug)]
pub struct Speaker {
    /// Held while the system takes bytes, never while anybody waits.
    out: Mutex<Out>,
}

#[derive(Debug)]
struct Out {
    stream: OwnedWriteHalf,
    waiting: VecDeque<Bytes>,
}

/// Hears.
#[derive(Debug)]
pub struct Listener {
    stream: OwnedReadHalf,
    incoming: Incoming,
    /// Read and not taken.
    heard: VecDeque<Result<Message, Broken>>,
}

/// Both halves of a socket that takes messages of at most so many bytes. `early` came behind the handshake.
fn open(stream: TcpStream, early: &[u8], message_max: usize) -> (Speaker, Listener) {
    let (reading, writing) = stream.into_split();
    let out = Mutex::new(Out { stream: writing, waiting: VecDeque::new() });
    let incoming = Incoming::new(message_max);
    let mut listener = Listener { stream: reading, incoming, heard: VecDeque::new() };
    listener.take_in(early);
    (Speaker { out }, listener)
}

impl Speaker {
    /// Puts a text behind what waits to be sent.
    pub fn text(&self, text: &str) {
        self.put_small(TEXT, text.as_bytes());
    }

    /// Puts bytes behind what waits to be sent; they are not copied.
    pub fn binary(&self, bytes: Bytes) {
        let mut out = self.out();
        out.waiting.push_back(frame::head(BINARY, bytes.len()).into());
        out.waiting.push_back(bytes);
    }

    /// Asks the other end for a sign of life.
    pub fn ping(&self) {
        self.put_small(PING, &[]);
    }

    /// Answers a ping.
    pub fn pong(&self, payload: &[u8]) {
        self.put_small(PONG, payload);
    }

    /// Waits until the system has taken all.
    ///
    /// # Errors
    /// If the other end is gone.
    pub async fn flush(&self) -> Result<(), Error> {
        poll_fn(|context| self.out().poll_flush(context)).await
    }

    /// Says why it ends, and waits a moment for the other end to do the same: what it has not read would be lost if the
    /// connection were closed under what comes from it.
    pub async fn farewell(self, mut listener: Listener, code: u16, reason: &str) {
        self.put_small(CLOSE, &[&code.to_be_bytes()[..], reason.as_bytes()].concat());
        let told = async {
            self.flush().await?;
            // The other end sees the end of the stream.
            drop(self);
            listener.end().await;
            Ok::<_, Error>(())
        };
        let _ = timeout(FAREWELL, told).await;
    }

    fn put_small(&self, kind: u8, payload: &[u8]) {
        let mut whole = frame::head(kind, payload.len());
        whole.extend_from_slice(payload);
        self.out().waiting.push_back(whole.into());
    }

    fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Out {
    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        while !self.waiting.is_empty() {
            let mut slices = [IoSlice::new(&[]); TOGETHER];
            slices.iter_mut().zip(&self.waiting).for_each(|(slice, piece)| *slice = IoSlice::new(piece));
            let count = self.waiting.len().min(TOGETHER);
            let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, &slices[..count]))?;
            if written == 0 {
                return Poll::Ready(Err(ErrorKind::WriteZero.into()));
            }
            self.forget(written);
        }
        if self.waiting.capacity() > KEPT {
            self.waiting = VecDeque::new();
        }
        Poll::Ready(Ok(()))
    }

    /// So many bytes need not be kept.
    fn forget(&mut self, mut written: usize) {
        while let Some(piece) = self.waiting.front_mut() {
            if written < piece.len() {
                let _ = piece.split_to(written);
                return;
            }
            written -= piece.len();
            self.waiting.pop_front();
        }
    }
}

impl Listener {
    /// The next message; none when the stream has ended. After an error, or a [`Message::Close`], nothing more comes.
    pub async fn next(&mut self) -> Option<Result<Message, Broken>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// Until the other end has said farewell, or the stream has ended. What comes before is not heard any more.
    async fn end(&mut self) {
        while !self.incoming.is_closed() {
            self.heard.clear();
            if !poll_fn(|context| self.poll_read(context)).await {
                return;
            }
        }
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Message, Broken>>> {
        loop {
            if let Some(message) = self.heard.pop_front() {
                return Poll::Ready(Some(message));
            }
            if self.heard.capacity() > KEPT {
                self.heard = VecDeque::new();
            }
            if self.incoming.is_over() || !ready!(self.poll_read(context)) {
                return Poll::Ready(None);
            }
        }
    }

    /// Takes in what has come; false when the stream has ended.
    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<bool> {
        let mut scratch = [MaybeUninit::uninit(); READ];
        let mut read = ReadBuf::uninit(&mut scratch);
        // A connection that broke has ended, whatever the system calls it.
        let is_well = ready!(Pin::new(&mut self.stream).poll_read(context, &mut read)).is_ok();
        self.take_in(read.filled());
        Poll::Ready(is_well && !read.filled().is_empty())
    }

    fn take_in(&mut self, mut bytes: &[u8]) {
        while let Some(message) = self.incoming.take(&mut bytes) {
            self.heard.push_back(message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let theirs =
            TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        (listener.accept().await.expect("the same").0, theirs)
    }

    #[tokio::test]
    async fn what_the_system_takes_in_parts_arrives_whole_and_in_order() {
        let (ours, mut theirs) = pair().await;
        let (speaker, _listener) = open(ours, &[], 100);
        let large: Bytes = (0..10_000_000_u32).map(|n| (n % 251) as u8).collect::<Vec<_>>().into();
        let mut wanted = Vec::new();
        for length in [large.len(), 0, 1, large.len() - 1, 70_000] {
            speaker.text("before it");
            speaker.binary(large.slice(..length));
            wanted.extend([&frame::head(TEXT, 9)[..], b"before it"].concat());
            wanted.extend([&frame::head(BINARY, length)[..], &large[..length]].concat());
        }
        let mut read = vec![0; wanted.len()];
        let (flushed, heard) = tokio::join!(speaker.flush(), theirs.read_exact(&mut read));
        flushed.expect("all is taken");
        heard.expect("all arrives");
        assert!(read == wanted);
    }

    #[tokio::test]
    async fn who_says_too_much_is_told_so_all_the_same() {
        let (ours, mut theirs) = pair().await;
        let (speaker, mut listener) = open(ours, &[], 100);
        let told = tokio::spawn(async move {
            // Far more than is read before it is refused.
            let mut much = vec![0; 3_000_000];
            much[..10].copy_from_slice(&[0x82, 0xFF, 0, 0, 0, 0, 0, 0x2D, 0xC6, 0xC0]);
            theirs.write_all(&much).await.expect("it is read, and thrown away");
            let mut told = Vec::new();
            theirs.read_to_end(&mut told).await.expect("the connection is not cut");
            told
        });
        let Some(Err(broken)) = listener.next().await else { panic!("too large") };
        speaker.farewell(listener, broken.code(), "").await;
        assert_eq!(told.await.expect("no panic"), [0x88, 2, 0x03, 0xF1]);
    }
}
