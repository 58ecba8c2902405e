//! What is there, what is missing, how to get it.

use std::process::{Command, ExitCode};

use crate::{paths, say, setup, shell, site};

/// Prints it all; fails when something is missing.
pub fn doctor() -> ExitCode {
    say::heading("This machine");
    machine();
    say::heading("Tools");
    let tools = tools();
    say::heading("Set-up");
    let steps = steps();
    say::heading("Built");
    built();
    match tools + steps {
        0 => {
            say::line("\nEverything is there.");
            ExitCode::SUCCESS
        }
        missing => {
            let what = if missing == 1 { "One thing is".into() } else { format!("{missing} things are") };
            say::line(format!("\n{what} missing. `cargo xtask setup` gets what it can."));
            ExitCode::FAILURE
        }
    }
}

fn machine() {
    let cores = std::thread::available_parallelism().map_or("unknown".into(), |cores| cores.to_string());
    say::done("Cores", cores);
    say::done("System", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
    match shell::read(Command::new("nvidia-smi").args(["--query-gpu=name", "--format=csv,noheader"])) {
        Some(gpu) => say::done("GPU", gpu),
        None => say::done("GPU", "none; the CPU does the work"),
    }
}

/// What set-up works with, and how many of them are missing.
fn tools() -> usize {
    let tools: [(&str, &[&str], &str); 5] = [
        ("rustc", &["rustc", "--version"], "https://rustup.rs"),
        ("cargo", &["cargo", "--version"], "https://rustup.rs"),
        (
            "pip",
            &["python3", "-m", "pip", "--version"],
            "sudo apt-get install python3-pip; libtorch comes with it",
        ),
        ("node", &["node", "--version"], "Node.js 20 or later; wasm-opt and the tests run on it"),
        ("npm", &["npm", "--version"], "comes with Node.js"),
    ];
    let missing = tools.iter().filter(|(name, command, advice)| {
        let version = shell::read(Command::new(command[0]).args(&command[1..]).current_dir(paths::root()));
        match &version {
            Some(version) => say::done(name, version),
            None => say::missing(name, advice),
        }
        version.is_none()
    });
    missing.count()
}

fn steps() -> usize {
    let missing = setup::all().into_iter().filter(|step| {
        let place = step.found();
        match &place {
            Some(place) => say::done(step.name(), place),
            None => say::missing(
                step.name(),
                format!("cargo xtask setup does: {}. {}", step.describe(), step.by_hand()),
            ),
        }
        place.is_none()
    });
    missing.count()
}

/// What a build has left. Its absence is no fault: `run` builds it.
fn built() {
    say::done("wasm-bindgen", site::linked_version());
    for (name, path) in [("site", paths::site().join("assets.json")), ("server", paths::server())] {
        let state = if path.exists() {
            paths::short(&path)
        } else {
            "not built yet; `cargo xtask build` does".into()
        };
        say::done(name, state);
    }
}
