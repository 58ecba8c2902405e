//! The slow link is as slow as it says, and no slower than it has to be.

use bench::{Shape, Shaper};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// Sends back whatever comes.
async fn echo() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = socket.into_split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    address
}

async fn there_and_back(socket: &mut TcpStream, length: usize) -> Duration {
    let begin = Instant::now();
    let (mut from, mut to) = socket.split();
    let (data, mut back) = (vec![7; length], vec![0; length]);
    let (sent, received) = tokio::join!(to.write_all(&data), from.read_exact(&mut back));
    sent.and(received).expect("it comes back");
    assert_eq!(back, data);
    begin.elapsed()
}

#[tokio::test]
async fn a_round_trip_takes_its_time_and_bytes_take_theirs() {
    let shape = Shape { round_trip: Duration::from_millis(60), up: 8_000_000, ..Shape::default() };
    let link = Shaper::start(echo().await, shape).await.expect("a port");
    let mut socket = TcpStream::connect(link.address).await.expect("it listens");
    there_and_back(&mut socket, 1).await;
    assert!(there_and_back(&mut socket, 1).await >= Duration::from_millis(60));
    // 100 kB at 1 MB/s.
    assert!(there_and_back(&mut socket, 100_000).await >= Duration::from_millis(160));
    assert_eq!((link.up(), link.down()), (100_002, 100_002));
}

#[tokio::test]
async fn a_new_connection_costs_a_round_trip_more() {
    let shape = Shape { round_trip: Duration::from_millis(60), ..Shape::default() };
    let link = Shaper::start(echo().await, shape).await.expect("a port");
    let begin = Instant::now();
    let mut socket = TcpStream::connect(link.address).await.expect("it listens");
    there_and_back(&mut socket, 1).await;
    assert!(begin.elapsed() >= Duration::from_millis(120));
}

#[tokio::test]
async fn one_in_so_many_pieces_ends_its_connection() {
    let shape = Shape { cut_every: 3, ..Shape::default() };
    let link = Shaper::start(echo().await, shape).await.expect("a port");
    let mut socket = TcpStream::connect(link.address).await.expect("it listens");
    there_and_back(&mut socket, 10).await;
    there_and_back(&mut socket, 10).await;
    socket.write_all(&[1]).await.expect("it is open still");
    assert!(matches!(socket.read(&mut [0]).await, Ok(0) | Err(_)), "it is over");
}

#[tokio::test]
async fn a_cut_ends_the_connections_of_the_moment() {
    let link = Shaper::start(echo().await, Shape::default()).await.expect("a port");
    let mut socket = TcpStream::connect(link.address).await.expect("it listens");
    there_and_back(&mut socket, 10).await;
    link.cut();
    assert!(matches!(socket.read(&mut [0]).await, Ok(0) | Err(_)), "it is over");
    let mut socket = TcpStream::connect(link.address).await.expect("it still listens");
    there_and_back(&mut socket, 10).await;
}
