//! Running other programs.

use std::env;
use std::ffi::OsStr;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::{paths, say};

/// The cargo that runs this program, in the repository's root, as if called from the shell.
pub fn cargo() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(paths::root());
    as_from_the_shell(&mut cargo);
    cargo
}

/// Takes out what `cargo run` added to the environment. Build scripts that watch those variables would run
/// again at every change between `cargo xtask build` and a plain `cargo build`.
pub fn as_from_the_shell(command: &mut Command) {
    for (name, value) in env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        if added_by_cargo(text, &value) {
            command.env_remove(&name);
        }
    }
}

fn added_by_cargo(name: &str, value: &OsStr) -> bool {
    let ours = paths::target().join("libtorch");
    match name {
        "LIBTORCH" => value == ours,
        "LIBTORCH_CXX11_ABI" => env::var_os("LIBTORCH").is_some_and(|folder| folder == ours),
        "CARGO" | "CARGO_MANIFEST_DIR" | "CARGO_MANIFEST_PATH" | "CARGO_TARGET_DIR" => true,
        "CARGO_PRIMARY_PACKAGE" | "CARGO_BIN_NAME" | "CARGO_CRATE_NAME" | "OUT_DIR" => true,
        _ => name.starts_with("CARGO_PKG_"),
    }
}

/// Runs to the end with its output shown, where ours goes. `what` completes "could not".
pub fn run(command: &mut Command, what: &str) -> Result<()> {
    if say::is_on_standard_error() {
        command.stdout(std::io::stderr());
    }
    let status =
        command.status().with_context(|| format!("could not {what}: {} does not start", name(command)))?;
    if !status.success() {
        bail!("could not {what}: {} ended with {status}", line(command));
    }
    Ok(())
}

/// Runs to the end and gives what it wrote to standard output, trimmed; `None` if it failed in any way.
pub fn read(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs for `limit` at most, in silence. The error is what it said last on standard error.
pub fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} does not start", name(command)))?;
    let mut errors = child.stderr.take().context("standard error is piped")?;
    let reader = std::thread::spawn(move || {
        let mut said = Vec::new();
        errors.read_to_end(&mut said).map(|_| String::from_utf8_lossy(&said).into_owned())
    });
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            bail!("{} did not end within {} s", name(command), limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    if !status.success() {
        let said = reader.join().ok().and_then(Result::ok).unwrap_or_default();
        bail!("{}", said.trim().lines().last().unwrap_or("it gave no reason"));
    }
    Ok(())
}

/// The command as one would type it.
pub fn line(command: &Command) -> String {
    let arguments = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
    std::iter::once(name(command)).chain(arguments).collect::<Vec<_>>().join(" ")
}

fn name(command: &Command) -> String {
    let path = std::path::Path::new(command.get_program());
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_adds_is_told_from_what_the_user_exports() {
        assert!(added_by_cargo("CARGO_PKG_NAME", OsStr::new("xtask")));
        assert!(added_by_cargo("LIBTORCH", paths::target().join("libtorch").as_os_str()));
        assert!(!added_by_cargo("LIBTORCH", OsStr::new("/opt/libtorch")));
        assert!(!added_by_cargo("CARGO_HOME", OsStr::new("/home/ada/.cargo")));
    }

    #[test]
    fn a_program_that_fails_is_named_with_its_arguments() {
        let error = run(Command::new("sh").args(["-c", "exit 3"]), "count to four").unwrap_err().to_string();
        assert!(error.contains("could not count to four") && error.contains("sh -c exit 3"), "{error}");
    }

    #[test]
    fn a_program_that_hangs_is_ended() {
        let error = run_within(Command::new("sleep").arg("60"), Duration::from_millis(20)).unwrap_err();
        assert!(error.to_string().contains("did not end"), "{error}");
    }
}
