//! How many viewers one studio shows its previews to, and what each costs.
//!
//! The studio runs in a process of its own, with a sampler that only keeps time: previews of 4 kB, five a second. Ever
//! more viewers watch one job, in a process of theirs on the same machine: `viewers` is the largest of [`CROWDS`] for which
//! `p99_ms`, the age of previews when they are read, stays under a quarter of a second. With so many, `us_per_message` is
//! the processor time that the studio's process takes for each preview that it sent (with the fact of its step, and the
//! acknowledgement that it reads), `over_raw` the same over what a process takes that only writes the same bytes to as
//! many sockets, `bytes_per_viewer` what its memory grew by, and `p99_with_stalled_ms` the age when one more viewer has
//! stopped reading. `made` of `wanted` previews were made, `share_seen` of them reached a viewer; the others gave way to newer ones.

use anyhow::{Context, Result, ensure};
use bench::{
    Desk, Studio,
    crowd::{Crowd, Other, unix_us},
    figure::{Options, rounded, share},
    memory,
    metronome::{self, STEP},
};
use bytes::Bytes;
use clap::Parser;
use serde_json::json;
use std::{fs, io::Write, net::TcpListener, path::PathBuf, time::Instant};
use tokio::{process::Command, time::sleep};
use wire::{Attention, Frame, FrameFormat, FrameHeader, JobId, PersonToken, Spec};

const CROWDS: [usize; 6] = [500, 1_000, 2_000, 4_000, 6_000, 8_000];
const LATEST_MS: f64 = 250.0;
const PERSON: PersonToken = PersonToken([6; 16]);
/// Steps before anything is counted, and those that are.
const BEFORE: u16 = 5;
const COUNTED: u16 = 30;
/// As the kernel counts processor time.
const TICKS_A_SECOND: f64 = 100.0;
/// Of a preview with its header.
const BYTES: usize = 4_100;

#[derive(Debug, Parser)]
struct Words {
    #[command(flatten)]
    options: Options,
    /// Try crowds of so many viewers, in this order.
    #[arg(long, value_delimiter = ',', default_values_t = CROWDS)]
    viewers: Vec<usize>,
    /// Be the studio, with this folder for its data.
    #[arg(long)]
    serve: Option<PathBuf>,
    /// Be the one who only writes, to so many sockets.
    #[arg(long)]
    write: Option<usize>,
}

/// What one crowd saw, and what it cost.
struct Shown {
    p99_ms: f64,
    us_per_message: f64,
    share_seen: f64,
    bytes_per_viewer: f64,
    made: u64,
    wanted: u64,
}

#[tokio::main]
async fn main() -> Result<()> {
    let words = Words::parse();
    allow_sockets();
    match (&words.serve, words.write) {
        (Some(data), _) => metronome::serve(data).await,
        (_, Some(sockets)) => write(sockets),
        _ => measure(&words.options, &words.viewers).await,
    }
}

async fn measure(options: &Options, crowds: &[usize]) -> Result<()> {
    let mut best = None;
    for &viewers in crowds {
        let shown = match shown(viewers, 0).await {
            Err(error) if best.is_some() => {
                options.remark(&format!("{viewers} viewers: {error:#}"));
                break;
            }
            shown => shown?,
        };
        options.remark(&format!(
            "{viewers} viewers: p99 {:.0} ms, {:.1} us a message, {:.3} seen",
            shown.p99_ms, shown.us_per_message, shown.share_seen
        ));
        if shown.p99_ms >= LATEST_MS {
            break;
        }
        best = Some((viewers, shown));
    }
    let (viewers, shown) = best.context("not even the smallest crowd sees previews in time")?;
    let stalled = self::shown(viewers, 1).await?;
    let raw_us = raw(viewers).await?;
    options.remark(&format!("written only: {raw_us:.1} us"));
    println!(
        "{}",
        json!({
            "bench": "fanout",
            "viewers": viewers,
            "p99_ms": rounded(shown.p99_ms, 1),
            "p99_with_stalled_ms": rounded(stalled.p99_ms, 1),
            "us_per_message": rounded(shown.us_per_message, 2),
            "raw_us": rounded(raw_us, 2),
            "over_raw": rounded(shown.us_per_message / raw_us, 2),
            "bytes_per_viewer": rounded(shown.bytes_per_viewer, 0),
            "share_seen": rounded(shown.share_seen, 4),
            "made": shown.made,
            "wanted": shown.wanted,
        })
    );
    Ok(())
}

/// A job that so many viewers see forming.
async fn shown(viewers: usize, stalled: usize) -> Result<Shown> {
    let mut command = Command::new(std::env::current_exe()?);
    let data = tempfile::tempdir()?;
    command.arg("--serve").arg(data.path().join("data"));
    let studio = Studio::run(command, data).await?;
    let none = Attention { every: 0, ..Attention::default() };
    let mut desk = Desk::open(studio.address, PERSON, none).await?;
    let alone = memory(studio.pid, "VmRSS")?;
    let crowd = Crowd::open(studio.address, viewers, stalled, Other::Studio(PERSON)).await?;
    desk.generate(Spec { steps: BEFORE + COUNTED + 5, ..Spec::default() })?;
    desk.viewer.started().await?;
    sleep(STEP * BEFORE.into()).await;
    let (seen, took) = counted(&crowd, studio.pid).await?;
    let counters = studio.counters().await?;
    let grown = memory(studio.pid, "VmRSS")?.saturating_sub(alone);
    let ages = crowd.take_ages();
    Ok(Shown {
        p99_ms: share(&ages, 0.99),
        us_per_message: took * 1e6 / seen as f64,
        share_seen: seen as f64 / (viewers as f64 * f64::from(COUNTED)),
        bytes_per_viewer: grown as f64 / viewers as f64,
        made: counters.made,
        wanted: counters.wanted,
    })
}

/// Processor time, in microseconds a message, of writing previews to so many sockets and nothing else.
async fn raw(viewers: usize) -> Result<f64> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--write", &viewers.to_string()]);
    let writer = Studio::run(command, tempfile::tempdir()?).await?;
    let crowd = Crowd::open(writer.address, viewers, 0, Other::Writer).await?;
    sleep(STEP * BEFORE.into()).await;
    let (seen, took) = counted(&crowd, writer.pid).await?;
    Ok(took * 1e6 / seen as f64)
}

/// Previews that a crowd sees in so many steps, and the seconds of processor time that the other process takes.
async fn counted(crowd: &Crowd, pid: u32) -> Result<(u64, f64)> {
    crowd.check()?;
    crowd.take_ages();
    let (before, time) = (crowd.frames(), processor(pid)?);
    sleep(STEP * COUNTED.into()).await;
    crowd.check()?;
    let seen = crowd.frames() - before;
    ensure!(seen > 0, "nobody saw anything");
    Ok((seen, processor(pid)? - time))
}

/// Writes a preview to each of so many sockets, again and again.
fn write(sockets: usize) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("Pentimento is at http://{}", listener.local_addr()?);
    let mut open = Vec::new();
    while open.len() < sockets {
        let (socket, _) = listener.accept()?;
        socket.set_nodelay(true)?;
        open.push(socket);
    }
    let mut next = Instant::now();
    for sequence in 1.. {
        next += STEP;
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        let message = message(sequence)?;
        for socket in &mut open {
            socket.write_all(&message)?;
        }
    }
    Ok(())
}

/// A preview as it goes over a socket.
fn message(sequence: u64) -> Result<Bytes> {
    let header = FrameHeader {
        format: FrameFormat::Latent,
        channels: 4,
        picture: 0,
        step: 1,
        total: 2,
        width: 35,
        height: 35,
        base: 0,
        sequence,
        job: JobId([1; 8]),
        made_us: unix_us(),
    };
    let frame = Frame::new(header, &vec![7; BYTES - wire::frame::HEADER])?;
    let length = (BYTES as u16).to_be_bytes();
    Ok([&[0x82, 126][..], &length, frame.bytes()].concat().into())
}

/// As many open files as the system lets a process have: each viewer is one.
fn allow_sockets() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let most = getrlimit(Resource::Nofile).maximum;
    // If it does not let, the largest crowds do not come.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most });
}

/// Seconds of processor time that a process has taken.
fn processor(pid: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Behind the name, which may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')').context("no name")?.1.split_whitespace().collect();
    let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(ticks as f64 / TICKS_A_SECOND)
}
