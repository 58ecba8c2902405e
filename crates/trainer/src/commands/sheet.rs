//! Scenes to look at: each picture with a sketch below it.

use clap::Args;
use std::error::Error;
use std::path::PathBuf;
use trainer::caption::caption;
use trainer::contact::Contact;
use trainer::paint::paint;
use trainer::scene::Scene;
use trainer::sketch::sketch;

#[derive(Args)]
pub struct Sheet {
    /// The PNG.
    file: PathBuf,
    #[arg(long, default_value_t = 6)]
    columns: u64,
    #[arg(long, default_value_t = 3)]
    rows: u64,
    #[arg(long, default_value_t = 256)]
    size: u32,
    #[arg(long, default_value_t = 0)]
    first: u64,
}

impl Sheet {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let mut contact = Contact::new(self.size, self.columns as u32);
        for row in 0..self.rows {
            let scenes: Vec<Scene> = (0..self.columns)
                .map(|column| self.first + row * self.columns + column)
                .map(Scene::random)
                .collect();
            scenes.iter().for_each(|scene| println!("{}", caption(scene, 0)));
            scenes.iter().for_each(|scene| contact.add(&paint(scene, self.size)));
            scenes.iter().for_each(|scene| contact.add(&sketch(scene, 0, self.size)));
        }
        Ok(contact.save(&self.file)?)
    }
}
