//! Which scenes a command is about.

use clap::Args;
use trainer::scene::Scene;

#[derive(Args)]
pub struct World {
    /// Out of the whole world and in all styles, not landscapes in gouache alone. Say it to every word, or
    /// to none.
    #[arg(long)]
    all: bool,
}

impl World {
    pub fn scene(&self, seed: u64) -> Scene {
        if self.all { Scene::any(seed) } else { Scene::random(seed) }
    }
}
