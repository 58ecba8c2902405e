//! From trained state to the folder that ships.

use clap::Args;
use std::error::Error;
use std::path::PathBuf;
use trainer::folder;
use trainer::train::pairs::Pairs;

#[derive(Args)]
pub struct Export {
    /// Where the runs kept their weights.
    state: PathBuf,
    /// The pairs whose held-out part the preview map is fitted to.
    pairs: PathBuf,
    /// The model folder, `models/pentimento` in this repository.
    folder: PathBuf,
}

impl Export {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let figures = folder::write(&self.state, &Pairs::open(&self.pairs)?, &self.folder)?;
        println!("autoencoder on held-out pictures: {:.2} dB", figures.reproduction);
        println!("preview against the decoded picture: {:.2} dB", figures.preview);
        Ok(())
    }
}
