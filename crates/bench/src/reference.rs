//! The reference (Hugging Face diffusers 0.42) in a process of its own, which waits without computing.
//!
//! PENTIMENTO_REFERENCE names a Python that has torch 2.11 and diffusers 0.42; without it there is none.

use anyhow::{Context, Result};
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::figure::{median, rounded};

pub struct Reference {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Reference {
    pub fn start() -> Result<Option<Self>> {
        let Some(python) = std::env::var_os("PENTIMENTO_REFERENCE") else {
            eprintln!(
                "PENTIMENTO_REFERENCE is not set: give it a Python with torch 2.11 and diffusers 0.42 for the ratios"
            );
            return Ok(None);
        };
        let mut child = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/reference.py"))
            .arg(tch::get_num_threads().to_string())
            .env_remove("OMP_WAIT_POLICY")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("PENTIMENTO_REFERENCE does not start")?;
        let questions = child.stdin.take().context("its input is piped")?;
        let answers = BufReader::new(child.stdout.take().context("its output is piped")?);
        Ok(Some(Self { child, questions, answers }))
    }

    /// Milliseconds of a step of what `question` describes (see `reference.py`).
    fn ask(&mut self, question: &Value) -> Result<f64> {
        writeln!(self.questions, "{question}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        answer
            .trim()
            .parse()
            .context("the reference gave no number; does its Python have torch and diffusers?")
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Milliseconds of ours and of theirs by turns, after two of each to warm up.
pub fn by_turns(
    pairs: usize,
    ours: impl Fn() -> Result<f64>,
    theirs: &Value,
    reference: &mut Option<Reference>,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let (mut mine, mut others) = (Vec::new(), Vec::new());
    for pair in 0..pairs + 2 {
        let (a, b) = (ours()?, reference.as_mut().map(|reference| reference.ask(theirs)).transpose()?);
        if pair >= 2 {
            mine.push(a);
            others.extend(b);
        }
    }
    Ok((mine, others))
}

/// The median of ours over that of theirs; null without any.
pub fn ratio(ours: &[f64], theirs: &[f64]) -> Value {
    if theirs.is_empty() { Value::Null } else { rounded(median(ours) / median(theirs), 3) }
}
