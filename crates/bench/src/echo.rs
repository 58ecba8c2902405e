//! What a link itself takes, with nothing to do at its far end.

use crate::{
    figure::{median, milliseconds},
    shaper::{Shape, Shaper},
};
use anyhow::Result;
use std::time::Instant;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// Something that answers at once at the far end of a link of its own.
#[derive(Debug)]
pub struct Echo {
    near: TcpStream,
    _link: Shaper,
    task: JoinHandle<()>,
}

impl Echo {
    /// As long as a click's message and the answer to it.
    const BYTES: usize = 100;
    const TURNS: usize = 5;

    /// # Errors
    /// If no port can be had.
    pub async fn start(shape: Shape) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let link = Shaper::start(listener.local_addr()?, shape).await?;
        let task = tokio::spawn(async move {
            let Ok((mut far, _)) = listener.accept().await else { return };
            let _ = far.set_nodelay(true);
            let (mut from, mut to) = far.split();
            let _ = tokio::io::copy(&mut from, &mut to).await;
        });
        let near = TcpStream::connect(link.address).await?;
        near.set_nodelay(true)?;
        Ok(Self { near, _link: link, task })
    }

    /// How long a few bytes take there and back: the median of some.
    ///
    /// # Errors
    /// If the link is gone.
    pub async fn round_trip_ms(&mut self) -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..Self::TURNS {
            let mut bytes = [0; Self::BYTES];
            let begun = Instant::now();
            self.near.write_all(&bytes).await?;
            self.near.read_exact(&mut bytes).await?;
            times.push(milliseconds(begun.elapsed()));
        }
        Ok(median(&times))
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.task.abort();
    }
}
