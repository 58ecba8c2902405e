//! Says back what it is told over a WebSocket: what Autobahn's test suite asks questions to.

use axum::Router;
use axum::routing::get;
use server::web;
use server::websocket::{Listener, Message, NORMAL, Speaker, Upgrade};
use tokio::net::TcpListener;

/// As large as the suite's largest message, and a little more.
const MESSAGE_MAX: usize = 17 << 20;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let link = |upgrade: Upgrade| async { upgrade.serve(MESSAGE_MAX, echo) };
    web::serve(listener, Router::new().route("/", get(link)), std::future::pending()).await
}

async fn echo(speaker: Speaker, mut listener: Listener) {
    let code = loop {
        match listener.next().await {
            Some(Ok(Message::Text(text))) => speaker.text(&text),
            Some(Ok(Message::Binary(bytes))) => speaker.binary(bytes),
            Some(Ok(Message::Ping(payload))) => speaker.pong(&payload),
            Some(Ok(Message::Pong)) => {}
            Some(Ok(Message::Close(code))) => break code.unwrap_or(NORMAL),
            Some(Err(broken)) => break broken.code(),
            None => return,
        }
        if speaker.flush().await.is_err() {
            return;
        }
    };
    speaker.farewell(listener, code, "").await;
}
