//! Pairs of pictures and sketches, on all cores.

use clap::Args;
use std::error::Error;
use std::path::PathBuf;
use std::thread;
use trainer::caption::caption;
use trainer::paint::paint;
use trainer::scene::Scene;
use trainer::sketch::sketch;
use trainer::train::pairs::Writer;

/// Scenes painted between two writes; bounds memory.
const CHUNK: u64 = 128;

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
        let mut writer = Writer::create(&self.folder, self.size as usize, self.sketches as usize)?;
        let cores = thread::available_parallelism().map_or(1, |n| n.get() as u64);
        for start in (0..self.count).step_by(CHUNK as usize) {
            let end = self.count.min(start + CHUNK);
            for pair in self.chunk(start..end, cores) {
                writer.add(&pair.picture, &pair.sketches, pair.caption)?;
            }
            println!("{end} of {}", self.count);
        }
        Ok(writer.finish(&self.folder)?)
    }

    fn chunk(&self, scenes: std::ops::Range<u64>, cores: u64) -> Vec<Pair> {
        let share = (scenes.end - scenes.start).div_ceil(cores).max(1);
        thread::scope(|scope| {
            let parts: Vec<_> = scenes
                .clone()
                .step_by(share as usize)
                .map(|from| {
                    let to = scenes.end.min(from + share);
                    scope.spawn(move || (from..to).map(|n| self.pair(n)).collect::<Vec<_>>())
                })
                .collect();
            parts.into_iter().flat_map(|part| part.join().expect("painting does not panic")).collect()
        })
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
