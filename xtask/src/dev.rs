//! The studio for those who change it: rebuilt and restarted when a source file changes.

use std::fs;
use std::path::Path;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result};
use signal_hook::consts::SIGTERM;

use crate::site::Effort;
use crate::{build, paths, run, say, setup, site};

/// What the site and the server are made from.
const SOURCES: [&str; 11] = [
    "app",
    "frontend",
    "server",
    "style",
    "public",
    "crates/canvas",
    "crates/link",
    "crates/range",
    "crates/sampler",
    "crates/wire",
    "Cargo.toml",
];
/// How often the sources are looked at: soon enough not to be waited for, seldom enough not to be felt.
const LOOK_EVERY: Duration = Duration::from_millis(300);
/// What the server gets to finish its answers.
const GRACE: Duration = Duration::from_secs(5);

/// Builds and starts, and does so again at every change, until it is interrupted.
pub fn dev(flags: Vec<String>) -> Result<()> {
    let steps = setup::for_native().into_iter().chain(setup::for_site()).collect();
    setup::ensure(steps)?;
    run::hand_on_signals()?;
    let mut running: Option<Child> = None;
    while !run::interrupted() {
        let seen = newest();
        match rebuild() {
            Ok(()) => {
                if let Some(server) = running.take() {
                    stop(server)?;
                }
                running = Some(start(&flags)?);
            }
            // The last good build stays up while the mistake is mended.
            Err(error) => say::failed(&error),
        }
        say::line("Waiting for a change (Ctrl-C ends)");
        while newest() == seen && !run::interrupted() {
            thread::sleep(LOOK_EVERY);
        }
    }
    running.map_or(Ok(()), stop)
}

fn rebuild() -> Result<()> {
    site::build(Effort::Quick)?;
    build::server()
}

fn start(flags: &[String]) -> Result<Child> {
    let mut server = run::start(flags)?;
    let output = server.stdout.take().context("the server's output is piped")?;
    thread::spawn(move || run::relay(output));
    Ok(server)
}

/// Asks it to end, and ends it when it does not.
fn stop(mut server: Child) -> Result<()> {
    run::send(server.id(), SIGTERM);
    let asked = Instant::now();
    while server.try_wait()?.is_none() {
        if asked.elapsed() > GRACE {
            server.kill()?;
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// When the newest source file was changed, and how many there are: a file that goes is a change too.
fn newest() -> (Option<SystemTime>, usize) {
    let mut state = (None, 0);
    for source in SOURCES {
        look(&paths::root().join(source), &mut state);
    }
    state
}

fn look(path: &Path, state: &mut (Option<SystemTime>, usize)) {
    let Ok(about) = fs::metadata(path) else { return };
    if about.is_dir() {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        entries.for_each(|entry| look(&entry.path(), state));
    } else {
        state.0 = state.0.max(about.modified().ok());
        state.1 += 1;
    }
}
