//! From a model folder back to the state that runs go on from.

use clap::Args;
use std::error::Error;
use std::path::PathBuf;
use trainer::folder;

#[derive(Args)]
pub struct Adopt {
    /// The model folder that `export` wrote.
    folder: PathBuf,
    /// Where its weights are put; what is there is replaced.
    state: PathBuf,
}

impl Adopt {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        folder::adopt(&self.folder, &self.state)
    }
}
