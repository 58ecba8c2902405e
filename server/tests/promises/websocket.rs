//! A socket ends as RFC 6455 has it, whatever comes over it.

use crate::http;
use crate::page::{Page, hello, person, viewer};
use crate::studio::Place;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use wire::{Attention, ClientMessage};

const KEY: (&str, &str) = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
const VERSION: (&str, &str) = ("Sec-WebSocket-Version", "13");
/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A socket that bytes can be written to as they are. What comes with the answer is thrown away.
async fn raw(address: SocketAddr, early: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(address).await.expect("the server accepts");
    let head = format!(
        "GET /link HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         {}: {}\r\n{}: {}\r\n\r\n",
        KEY.0, KEY.1, VERSION.0, VERSION.1
    );
    socket.write_all(&[head.as_bytes(), early].concat()).await.expect("the server reads");
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        answer.push(socket.read_u8().await.expect("an answer"));
    }
    assert!(answer.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&answer));
    socket
}

/// A whole short frame, masked with zeros.
fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
    let length = match payload.len() {
        short @ 0..126 => vec![0x80 | short as u8],
        long => [&[0x80 | 126][..], &(long as u16).to_be_bytes()].concat(),
    };
    [&[0x80 | kind][..], &length, &[0; 4], payload].concat()
}

fn greeting() -> Vec<u8> {
    let hello = hello(person(1), viewer(), (0, 0), Attention::default());
    frame(1, ClientMessage::Hello(hello).to_text().as_bytes())
}

/// All that is told until the server ends the connection.
async fn rest(socket: &mut TcpStream) -> Vec<u8> {
    let mut told = Vec::new();
    timeout(PATIENCE, socket.read_to_end(&mut told)).await.expect("it ends").expect("it ends well");
    told
}

#[tokio::test]
async fn a_request_that_cannot_become_a_socket_is_told_why() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let asked = [("Upgrade", "websocket"), ("Connection", "upgrade")];
    for (headers, status, names) in [
        (vec![KEY, VERSION], 426, "Upgrade: websocket"),
        ([&asked[..], &[KEY, ("Sec-WebSocket-Version", "8")]].concat(), 426, "version 13"),
        ([&asked[..], &[VERSION, ("Sec-WebSocket-Key", "short")]].concat(), 400, "16 bytes"),
    ] {
        let answer = http::get(place.address, "/link", &headers).await;
        assert_eq!(answer.status, status, "{names}");
        let why = String::from_utf8_lossy(&answer.body);
        assert!(why.contains(names), "{why}");
    }
}

#[tokio::test]
async fn what_is_no_websocket_ends_with_its_code_and_nobody_else_notices() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    let mut other = Page::open(place.address).await;
    let bad: [(&[u8], u16); 4] = [
        (&[0x81, 1, b'a', 0, 0, 0], 1002),
        (&frame(3, &[]), 1002),
        (&frame(1, &[0xFF]), 1007),
        (&[0x82, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], 1009),
    ];
    for (bytes, code) in bad {
        for before in [greeting(), Vec::new()] {
            let mut socket = raw(place.address, &[]).await;
            socket.write_all(&[&before[..], bytes].concat()).await.unwrap();
            let told = rest(&mut socket).await;
            let farewell = [&[0x88, 2][..], &u16::to_be_bytes(code)].concat();
            assert!(told.ends_with(&farewell), "{code}: {:?}", &told[told.len().saturating_sub(10)..]);
        }
    }
    assert_eq!(other.show(&crate::studio::Drawing::of(&[1])).await.len(), 1);
}

#[tokio::test]
async fn a_ping_is_answered_before_hello_and_after_and_a_close_with_its_code() {
    let data = tempfile::tempdir().unwrap();
    let place = Place::open(data.path()).await;
    // What comes with the request is heard as what comes behind it.
    let mut socket = raw(place.address, &frame(9, b"early")).await;
    let mut pong = [0; 7];
    socket.read_exact(&mut pong).await.unwrap();
    assert_eq!(pong, *b"\x8A\x05early");
    socket.write_all(&[greeting(), frame(9, b"late"), frame(8, &[0x0B, 0xB9])].concat()).await.unwrap();
    let told = rest(&mut socket).await;
    assert!(told.ends_with(b"\x88\x02\x0B\xB9"), "{told:?}");
    assert!(told.windows(6).any(|six| six == b"\x8A\x04late"));
}
