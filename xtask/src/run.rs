//! The studio, running.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::{build, lan, paths, shell};

/// Sets up, builds, starts the server and stays with it until it ends.
pub fn run(host: Option<String>, port: Option<u16>, further: Vec<String>) -> Result<()> {
    build::build(false)?;
    let mut flags = Vec::new();
    flags.extend(host.map(|host| format!("--host={host}")));
    flags.extend(port.map(|port| format!("--port={port}")));
    flags.extend(further);
    let mut server = start(&flags)?;
    let pid = server.id();
    // Ctrl-C reaches the server too, since it shares the terminal. The other signals reach us alone.
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::spawn(move || {
        for signal in signals.forever().filter(|signal| *signal != SIGINT) {
            send(pid, signal);
        }
    });
    relay(server.stdout.take().context("the server's output is piped")?);
    let status = server.wait()?;
    if !status.success() && !ended_by_signal(&status) {
        bail!("the server ended with {status}");
    }
    Ok(())
}

/// Starts the server with the built site; its output is ours to pass on.
pub fn start(flags: &[String]) -> Result<Child> {
    let mut command = Command::new(paths::server());
    shell::as_from_the_shell(&mut command);
    command.arg("--site").arg(paths::site()).args(flags).current_dir(paths::root());
    command.stdout(Stdio::piped()).spawn().context("the server does not start")
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
    // SAFETY: kill takes two numbers and touches no memory of ours. The process is our child and not yet
    // waited for when the server runs; afterwards we end too.
    unsafe { libc::kill(pid as libc::pid_t, signal) };
}

fn ended_by_signal(status: &std::process::ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt;
    status.signal().is_some_and(|signal| [SIGINT, SIGTERM, SIGHUP].contains(&signal))
}
