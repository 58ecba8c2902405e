//! Drawings for whoever measures how they travel.

use clap::Args;
use std::error::Error;
use std::path::PathBuf;
use trainer::evaluate::cases::HELD_OUT;
use trainer::record::Recorder;
use trainer::scene::Scene;
use trainer::sketch::drawn_on;

#[derive(Args)]
pub struct Drawings {
    /// The folder to write them to, `00.strokes` and so on.
    folder: PathBuf,
    #[arg(long, default_value_t = 50)]
    count: u64,
}

impl Drawings {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        std::fs::create_dir_all(&self.folder)?;
        for n in 0..self.count {
            let mut recorder = Recorder::new(n);
            drawn_on(&mut recorder, &Scene::random(HELD_OUT + n), n);
            std::fs::write(self.folder.join(format!("{n:02}.strokes")), recorder.into_text())?;
        }
        Ok(())
    }
}
