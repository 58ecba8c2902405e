//! What was done to weights: one entry for each run, kept beside them in the state and in the model folder.

use crate::cores::{cores, processor};
use crate::train::device::device;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tch::Device;

/// The file of a state or model folder that holds them.
const FILE: &str = "runs.json";

/// One run, or what it has done so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// When it began, in milliseconds since 1970.
    #[serde(default)]
    pub begun_ms: u64,
    /// What was trained.
    pub network: String,
    /// How, where it may differ from run to run.
    pub options: String,
    /// Pictures that it drew its samples from.
    pub pictures: usize,
    pub samples: u64,
    pub minutes: f64,
    /// What the processor calls itself, and whether a GPU computed.
    pub processor: String,
    pub cores: usize,
}

/// The runs of a folder in their order. None is no error.
///
/// # Errors
/// If there is a list that cannot be read.
pub fn read(folder: &Path) -> Result<Vec<Run>, Box<dyn Error>> {
    let file = folder.join(FILE);
    if !file.is_file() {
        return Ok(Vec::new());
    }
    serde_json::from_slice(&fs::read(&file)?).map_err(|error| format!("{}: {error}", file.display()).into())
}

/// Gives one folder's list to another.
///
/// # Errors
/// If it cannot be copied.
pub fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    write(&to.join(FILE), &read(from)?)
}

/// The entry of a run in the list of a folder, which runs beside it may write too.
pub struct Ledger {
    folder: PathBuf,
    run: Run,
}

impl Ledger {
    pub fn begin(folder: &Path, network: &str, options: String, pictures: usize) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let run = Run {
            begun_ms: now.as_millis() as u64,
            network: network.to_owned(),
            options,
            pictures,
            samples: 0,
            minutes: 0.0,
            processor: match device() {
                Device::Cpu => processor("model name"),
                _ => format!("a GPU beside {}", processor("model name")),
            },
            cores: cores(),
        };
        Self { folder: folder.to_owned(), run }
    }

    /// Writes how far this run has come.
    ///
    /// # Errors
    /// If there is a list that cannot be read or written.
    pub fn keep(&mut self, samples: u64, spent: Duration) -> Result<(), Box<dyn Error>> {
        (self.run.samples, self.run.minutes) = (samples, (spent.as_secs_f64() / 6.0).round() / 10.0);
        let mut runs = read(&self.folder)?;
        let own = |run: &&mut Run| (run.begun_ms, &run.network) == (self.run.begun_ms, &self.run.network);
        match runs.iter_mut().find(own) {
            Some(entry) => *entry = self.run.clone(),
            None => runs.push(self.run.clone()),
        }
        write(&self.folder.join(FILE), &runs)
    }
}

fn write(file: &Path, runs: &[Run]) -> Result<(), Box<dyn Error>> {
    let part = file.with_extension("part");
    fs::write(&part, serde_json::to_vec_pretty(runs)?)?;
    Ok(fs::rename(part, file)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_follow_each_other_and_are_told_once() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(read(folder.path()).expect("none yet"), []);
        for (n, network) in ["autoencoder", "denoiser"].into_iter().enumerate() {
            let mut ledger = Ledger::begin(folder.path(), network, "batch 8".into(), 9);
            for kept in 1..=2 {
                ledger.keep(kept * 100, Duration::from_secs(kept * 60)).expect("kept");
            }
            let runs = read(folder.path()).expect("runs");
            assert_eq!(runs.len(), n + 1);
            let last = &runs[n];
            assert_eq!((last.network.as_str(), last.samples, last.minutes), (network, 200, 2.0));
        }
    }
}
