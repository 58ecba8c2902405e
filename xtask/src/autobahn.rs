//! Autobahn's test suite for WebSockets, asked of the server's end. It needs Python 2.7, so it is no part of the tests.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{build, paths, say, setup, shell};

/// A Python 2.7 that has the package `autobahntestsuite`.
const PYTHON: &str = "PENTIMENTO_PYTHON2";
const SUITE: &str = "from autobahntestsuite.wstest import run; run()";
/// Compression, which is an extension.
const NOT_ASKED: [&str; 2] = ["12.*", "13.*"];
const AGENT: &str = "pentimento";

/// Asks all that is asked of a server without extensions; fails if an answer is wrong.
pub fn autobahn() -> Result<()> {
    let python = env::var_os(PYTHON).unwrap_or_else(|| "python2.7".into());
    let found = shell::read(Command::new(&python).args(["-c", "import autobahntestsuite"]));
    if found.is_none() {
        let python = python.display();
        bail!(
            "{python} does not run, or has no autobahntestsuite; set {PYTHON} to a Python 2.7 for which \
             `pip install autobahntestsuite` was done"
        );
    }
    setup::ensure(setup::for_native())?;
    build::example("server", "echo")?;
    let mut echo = Echo::start()?;
    let folder = paths::target().join("autobahn");
    // What an earlier run was answered is no answer.
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let asked = folder.join("asked.json");
    let spec = json!({
        "outdir": folder,
        "servers": [{ "agent": AGENT, "url": format!("ws://{}/", echo.address()?) }],
        "cases": ["*"],
        "exclude-cases": NOT_ASKED,
        "exclude-agent-cases": {},
    });
    fs::write(&asked, spec.to_string())?;
    say::heading("Autobahn");
    let mut suite = Command::new(&python);
    suite.args(["-c", SUITE, "--mode", "fuzzingclient", "--spec"]).arg(&asked).stdout(Stdio::null());
    shell::run(&mut suite, "ask the suite's questions")?;
    let index = fs::read(folder.join("index.json")).context("the suite left no answers")?;
    let answers: Value = serde_json::from_slice(&index)?;
    let answers = answers[AGENT].as_object().context("the suite asked nothing")?;
    let wrong: Vec<_> =
        answers.iter().filter(|(_, answer)| !is_right(answer)).map(|(case, _)| &**case).collect();
    if !wrong.is_empty() {
        let report = paths::short(&folder.join("index.html"));
        bail!("{} of {} answers are wrong: {}; see {report}", wrong.len(), answers.len(), wrong.join(", "));
    }
    say::done("Autobahn", format!("{} answers, all of them right", answers.len()));
    Ok(())
}

/// Neither what was said nor how it ended is wrong. Of some it only wants to know.
fn is_right(answer: &Value) -> bool {
    let good = |key: &str| matches!(answer[key].as_str(), Some("OK" | "INFORMATIONAL"));
    good("behavior") && good("behaviorClose")
}

/// The server's end of a WebSocket, which says back what it is told; ends when this is dropped.
struct Echo(Child);

impl Echo {
    fn start() -> Result<Self> {
        let program = paths::target().join("release/examples/echo");
        Ok(Self(Command::new(program).stdout(Stdio::piped()).spawn().context("the echo does not start")?))
    }

    /// Where it listens, which it says first.
    fn address(&mut self) -> Result<String> {
        let mut line = String::new();
        let said = self.0.stdout.take().context("standard output is piped")?;
        BufReader::new(said).read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_right_if_it_ended_right_too() {
        let answer = |said, ended| is_right(&json!({ "behavior": said, "behaviorClose": ended }));
        assert!(answer("OK", "OK") && answer("INFORMATIONAL", "OK"));
        assert!(!answer("OK", "WRONG CODE") && !answer("FAILED", "OK") && !answer("NON-STRICT", "OK"));
    }
}
