//! The long runs. Each can be stopped and taken up again.

use clap::Args;
use sampler::tokenizer::ClipTokenizer;
use std::error::Error;
use std::path::PathBuf;
use trainer::caption::caption;
use trainer::scene::Scene;
use trainer::train::autoencoder::Part;
use trainer::train::diffusion::{self, Plan, WORDS, text_config};
use trainer::train::pairs::Pairs;
use trainer::train::{autoencoder, latents, words};
use trainer::vocabulary::Vocabulary;

/// Merges enough to make every word of the grammar one token.
const MERGES: usize = 1200;
/// Captions of each scene that one run draws from.
const CAPTIONS: u64 = 6;

#[derive(Args)]
pub struct Autoencoder {
    /// The folder that `render` wrote.
    pairs: PathBuf,
    /// Where weights and logs are kept.
    state: PathBuf,
    #[arg(long, default_value_t = 20.0)]
    minutes: f64,
    /// Leave the encoder as it is, for a denoiser that was trained already.
    #[arg(long)]
    decoder_only: bool,
}

impl Autoencoder {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        std::fs::create_dir_all(&self.state)?;
        let part = if self.decoder_only { Part::Decoder } else { Part::Whole };
        autoencoder::train(&Pairs::open(&self.pairs)?, &self.state, self.minutes, part)
    }
}

#[derive(Args)]
pub struct Latents {
    pairs: PathBuf,
    state: PathBuf,
    /// The safetensors file to write.
    file: PathBuf,
    /// Pairs to encode, from the first.
    #[arg(long, default_value_t = usize::MAX)]
    count: usize,
    /// 2 encodes the pictures at half their size.
    #[arg(long, default_value_t = 1)]
    shrink: i64,
}

impl Latents {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let average = self.state.join("autoencoder.average.safetensors");
        latents::encode(&Pairs::open(&self.pairs)?, &average, &self.file, self.count, self.shrink)
    }
}

#[derive(Args)]
pub struct Diffusion {
    state: PathBuf,
    /// The file that `latents` wrote.
    latents: PathBuf,
    #[arg(long, default_value_t = 30.0)]
    minutes: f64,
    #[arg(long, default_value_t = 1e-3)]
    rate: f64,
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Train on random pieces of this side, in latents; multiples of 8.
    #[arg(long, default_value_t = 32)]
    crop: i64,
    /// Seed of the first scene that was rendered.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Sketches of each picture.
    #[arg(long, default_value_t = 2)]
    sketches: usize,
}

impl Diffusion {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let latents = latents::Latents::open(&self.latents, self.sketches)?;
        let count = latents.pictures.size()[0] as u64;
        let told = |n: u64| {
            let scene = Scene::random(self.first + n);
            (0..CAPTIONS).map(|which| caption(&scene, which)).collect::<Vec<_>>()
        };
        let captions: Vec<Vec<String>> = (0..count).map(told).collect();
        let folder = self.state.join("tokenizer");
        let vocabulary = Vocabulary::learn(self.grammar().iter().map(String::as_str), MERGES);
        words::renumber(&self.state, &vocabulary)?;
        vocabulary.write(&folder, WORDS)?;
        let tokenizer = ClipTokenizer::open(&folder, WORDS as usize, vocabulary.len() as i64)?;
        let ids = |captions: &Vec<String>| captions.iter().map(|text| tokenizer.ids(text)).collect();
        let plan = Plan {
            folder: &self.state,
            minutes: self.minutes,
            rate: self.rate,
            batch: self.batch,
            crop: self.crop,
            text: text_config(vocabulary.len(), vocabulary.start(), vocabulary.start() + 1),
            captions: captions.iter().map(ids).collect::<Result<_, _>>()?,
            nothing: tokenizer.ids("")?,
        };
        sampler::config::write(&self.state.join("text.json"), &plan.text)?;
        diffusion::train(&latents, &plan)
    }

    /// What the vocabulary is learned from: the same captions for every run, so that ids never change.
    fn grammar(&self) -> Vec<String> {
        (0..6000).map(|seed| caption(&Scene::random(seed), 0)).collect()
    }
}
