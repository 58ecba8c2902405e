//! A server of our own, beside the studio, on a port that the system chose.

use anyhow::Result;
use axum::Router;
use std::net::SocketAddr;
use tokio::{net::TcpListener, task::JoinHandle};

/// Ends when it is dropped.
#[derive(Debug)]
pub struct Served {
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Served {
    /// # Errors
    /// If no port can be had.
    pub async fn start(app: Router) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move { _ = axum::serve(listener, app).await });
        Ok(Self { address, task })
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.task.abort();
    }
}
