//! The studio, running.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::thread;

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::{build, lan, paths, shell};

/// The server that runs now; 0 before the first.
static SERVER: AtomicU32 = AtomicU32::new(0);
/// Set when we were asked to end.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Sets up, builds, starts the server and stays with it until it ends.
pub fn run(host: Option<String>, port: Option<u16>, further: Vec<String>) -> Result<()> {
    build::build(false)?;
    let mut flags = Vec::new();
    flags.extend(host.map(|host| format!("--host={host}")));
    flags.extend(port.map(|port| format!("--port={port}")));
    flags.extend(further);
    hand_on_signals()?;
    let mut server = start(&flags)?;
    relay(server.stdout.take().context("the server's output is piped")?);
    let status = server.wait()?;
    if !status.success() && !interrupted() {
        bail!("the server ended with {status}");
    }
    Ok(())
}

/// Lets the server end in its own time when we are asked to. Ctrl-C reaches it without us, since it shares the
/// terminal; the other signals reach us alone.
pub fn hand_on_signals() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        for signal in signals.forever() {
            INTERRUPTED.store(true, Relaxed);
            let server = SERVER.load(Relaxed);
            if signal != SIGINT && server != 0 {
                send(server, signal);
            }
        }
    });
    Ok(())
}

/// Whether a signal has asked us to end.
pub fn interrupted() -> bool {
    INTERRUPTED.load(Relaxed)
}

/// Starts the server where its configuration finds the built site; its output is ours to pass on.
pub fn start(flags: &[String]) -> Result<Child> {
    let mut command = Command::new(paths::server());
    shell::as_from_the_shell(&mut command);
    command.args(flags).current_dir(paths::root());
    let server = command.stdout(Stdio::piped()).spawn().context("the server does not start")?;
    SERVER.store(server.id(), Relaxed);
    Ok(server)
}

/// Passes on what the server prints, and adds the address for other devices when it says where it is.
pub fn relay(output: ChildStdout) {
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        println!("{line}");
        if let Some(invitation) = lan::announced(&line).and_then(lan::invitation) {
            println!("{invitation}");
        }
    }
}

/// Asks a process to end.
pub fn send(pid: u32, signal: i32) {
    // SAFETY: kill takes two numbers and touches no memory of ours.
    unsafe { libc::kill(pid as libc::pid_t, signal) };
}
