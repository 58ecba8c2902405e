//! A slow link in user space: a proxy that delays, limits the rate, counts and cuts.
//!
//! What it does not do: TCP's slow start and loss, so large bodies fare better here than outside.

use anyhow::Result;
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
    task::JoinHandle,
    time::{Instant, sleep, sleep_until},
};

/// Bytes that travel together: about three packets.
const CHUNK: usize = 4 * 1024;
/// Chunks that may be under way on one connection and direction: 2 MiB, more than any link holds.
const UNDER_WAY: usize = 512;

/// What a link is like. A rate of 0 is no limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shape {
    pub round_trip: Duration,
    /// Towards the server, in bits a second, shared by all connections.
    pub up: u64,
    /// From the server.
    pub down: u64,
    /// Each chunk with this number among all, and with a multiple of it, ends its connection; 0 for none.
    pub cut_every: u64,
}

/// A link to one address, as slow as its shape says.
#[derive(Debug)]
pub struct Shaper {
    /// Where to connect instead.
    pub address: SocketAddr,
    up: Arc<Way>,
    down: Arc<Way>,
    cuts: watch::Sender<u64>,
    task: JoinHandle<()>,
}

impl Shaper {
    /// # Errors
    /// If no port can be had.
    pub async fn start(target: SocketAddr, shape: Shape) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let up = Arc::new(Way::new(shape.up, shape));
        let down = Arc::new(Way::new(shape.down, shape));
        let cuts = watch::Sender::new(0);
        let (ways, cut) = ((up.clone(), down.clone()), cuts.clone());
        let task = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let (up, down) = ways.clone();
                tokio::spawn(connection(near, target, shape.round_trip, up, down, cut.subscribe()));
            }
        });
        Ok(Self { address, up, down, cuts, task })
    }

    /// Bytes sent towards the server so far, headers of HTTP and WebSocket included.
    pub fn up(&self) -> u64 {
        self.up.bytes.load(Relaxed)
    }

    /// Bytes that came from the server so far.
    pub fn down(&self) -> u64 {
        self.down.bytes.load(Relaxed)
    }

    /// Ends all connections of the moment.
    pub fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

impl Drop for Shaper {
    fn drop(&mut self) {
        self.task.abort();
        self.cut();
    }
}

/// One direction of the link, for all connections.
#[derive(Debug)]
struct Way {
    rate: u64,
    delay: Duration,
    cut_every: u64,
    free_at: Mutex<Instant>,
    bytes: AtomicU64,
    chunks: AtomicU64,
}

impl Way {
    fn new(rate: u64, Shape { round_trip, cut_every, .. }: Shape) -> Self {
        let free_at = Mutex::new(Instant::now());
        Self {
            rate,
            delay: round_trip / 2,
            cut_every,
            free_at,
            bytes: AtomicU64::new(0),
            chunks: AtomicU64::new(0),
        }
    }

    /// When `length` bytes that come now have passed; none if the connection ends with them.
    fn pass(&self, length: usize) -> Option<Instant> {
        let chunk = self.chunks.fetch_add(1, Relaxed) + 1;
        if self.cut_every > 0 && chunk.is_multiple_of(self.cut_every) {
            return None;
        }
        self.bytes.fetch_add(length as u64, Relaxed);
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let nanoseconds = (length as u64 * 8 * 1_000_000_000).checked_div(self.rate).unwrap_or(0);
        *free_at = (*free_at).max(Instant::now()) + Duration::from_nanos(nanoseconds);
        Some(*free_at + self.delay)
    }
}

async fn connection(
    near: TcpStream,
    target: SocketAddr,
    round_trip: Duration,
    up: Arc<Way>,
    down: Arc<Way>,
    mut cut: watch::Receiver<u64>,
) {
    // The handshake of TCP.
    sleep(round_trip).await;
    let Ok(far) = TcpStream::connect(target).await else { return };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
    tokio::select! {
        _ = carry(near_in, far_out, up) => {}
        _ = carry(far_in, near_out, down) => {}
        _ = cut.changed() => {}
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, way: Arc<Way>) {
    let (send, mut receive) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    let reading = async move {
        let mut chunk = [0; CHUNK];
        while let Ok(length @ 1..) = from.read(&mut chunk).await {
            let at = way.pass(length).ok_or(Cut)?;
            if send.send((at, chunk[..length].to_vec())).await.is_err() {
                break;
            }
        }
        // Dropped here, so that what is under way still arrives.
        drop(send);
        Ok(())
    };
    let writing = async move {
        while let Some((at, chunk)) = receive.recv().await {
            sleep_until(at).await;
            if to.write_all(&chunk).await.is_err() {
                break;
            }
        }
        Ok::<(), Cut>(())
    };
    // What is under way at a cut is lost.
    let _ = tokio::try_join!(reading, writing);
}

struct Cut;
