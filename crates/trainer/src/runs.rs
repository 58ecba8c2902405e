//! What was done to weights: one entry for each run, kept beside them in the state and in the model folder.

use crate::cores::cores;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file of a state or model folder that holds them.
const FILE: &str = "runs.json";

/// One run, or what it has done so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// What was trained.
    pub network: String,
    /// How, where it may differ from run to run.
    pub options: String,
    /// Pictures that it drew its samples from.
    pub pictures: usize,
    pub samples: u64,
    pub minutes: f64,
    /// What the processor calls itself.
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

/// The list of a folder, of which the last entry is being written.
pub struct Ledger {
    file: PathBuf,
    runs: Vec<Run>,
}

impl Ledger {
    /// # Errors
    /// If there is a list that cannot be read.
    pub fn begin(
        folder: &Path,
        network: &str,
        options: String,
        pictures: usize,
    ) -> Result<Self, Box<dyn Error>> {
        let mut runs = read(folder)?;
        runs.push(Run {
            network: network.to_owned(),
            options,
            pictures,
            samples: 0,
            minutes: 0.0,
            processor: processor(),
            cores: cores(),
        });
        Ok(Self { file: folder.join(FILE), runs })
    }

    /// Writes how far this run has come.
    ///
    /// # Errors
    /// If the list cannot be written.
    pub fn keep(&mut self, samples: u64, spent: Duration) -> Result<(), Box<dyn Error>> {
        if let Some(run) = self.runs.last_mut() {
            (run.samples, run.minutes) = (samples, (spent.as_secs_f64() / 6.0).round() / 10.0);
        }
        write(&self.file, &self.runs)
    }
}

fn write(file: &Path, runs: &[Run]) -> Result<(), Box<dyn Error>> {
    let part = file.with_extension("part");
    fs::write(&part, serde_json::to_vec_pretty(runs)?)?;
    Ok(fs::rename(part, file)?)
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text.lines().find(|line| line.starts_with("model name"));
    let name = line.and_then(|line| line.split_once(':')).map(|(_, name)| name.trim());
    name.unwrap_or(std::env::consts::ARCH).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_follow_each_other_and_are_told_once() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(read(folder.path()).expect("none yet"), []);
        for (n, network) in ["autoencoder", "denoiser"].into_iter().enumerate() {
            let mut ledger = Ledger::begin(folder.path(), network, "batch 8".into(), 9).expect("begun");
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
