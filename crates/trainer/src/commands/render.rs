//! Pairs of pictures and sketches, on all cores.

use clap::Args;
use std::error::Error;
use std::path::PathBuf;
use trainer::caption::caption;
use trainer::cores::{cores, on_all_cores};
use trainer::evaluate::cases::TRAINED;
use trainer::paint::paint;
use trainer::scene::Scene;
use trainer::sketch::sketch;
use trainer::train::pairs::Writer;

/// Scenes that each core paints between two writes; bounds memory.
const CHUNK: u64 = 64;

#[derive(Args)]
pub struct Render {
    /// Where the pairs go.
    folder: PathBuf,
    #[arg(long, default_value_t = 16_000)]
    count: u64,
    /// Side of the pictures in pixels.
    #[arg(long, default_value_t = 256)]
    size: u32,
    /// Sketches of each picture.
    #[arg(long, default_value_t = 2)]
    sketches: u64,
    /// Seed of the first scene; the others follow.
    #[arg(long, default_value_t = 0)]
    first: u64,
}

struct Pair {
    picture: Vec<u8>,
    sketches: Vec<Vec<u8>>,
    caption: String,
}

impl Render {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        if self.first.saturating_add(self.count) > TRAINED {
            return Err(format!("scenes from {TRAINED} on are held out; choose earlier ones").into());
        }
        let mut writer = Writer::create(&self.folder, self.size as usize, self.sketches as usize)?;
        let chunk = CHUNK * cores() as u64;
        for start in (0..self.count).step_by(chunk as usize) {
            let end = self.count.min(start + chunk);
            for pair in on_all_cores(start..end, |n| self.pair(n)) {
                writer.add(&pair.picture, &pair.sketches, pair.caption)?;
            }
            println!("{end} of {}", self.count);
        }
        Ok(writer.finish(&self.folder)?)
    }

    fn pair(&self, n: u64) -> Pair {
        let scene = Scene::random(self.first + n);
        Pair {
            picture: paint(&scene, self.size),
            sketches: (0..self.sketches).map(|which| sketch(&scene, which, self.size)).collect(),
            caption: caption(&scene, 0),
        }
    }
}
