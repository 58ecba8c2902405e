//! The long runs. Each can be stopped and taken up again.

use clap::Args;
use sampler::text::TextConfig;
use sampler::tokenizer::ClipTokenizer;
use std::error::Error;
use std::path::{Path, PathBuf};
use trainer::caption::{PER_SCENE, caption};
use trainer::folder::GUIDANCE;
use trainer::scene::Scene;
use trainer::train::autoencoder::Part;
use trainer::train::cases::Described;
use trainer::train::diffusion::{self, Plan, WORDS, text_config};
use trainer::train::pairs::Pairs;
use trainer::train::{autoencoder, distil, latents, words};
use trainer::vocabulary::Vocabulary;

/// Merges enough to make every word of the grammar one token.
const MERGES: usize = 1200;

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
    /// Train the smaller one that makes pictures while one draws, from the one that is there.
    #[arg(long, conflicts_with = "decoder_only")]
    distilled: bool,
    #[arg(long, default_value_t = 1.5e-3)]
    rate: f64,
    #[arg(long, default_value_t = 8)]
    batch: usize,
    /// How much a critic's wish for true textures weighs beside the truth; 0 asks for the truth alone.
    #[arg(long, default_value_t = 0.0)]
    adversarial: f64,
}

impl Autoencoder {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        std::fs::create_dir_all(&self.state)?;
        let part = match self {
            Self { distilled: true, .. } => Part::Distilled,
            Self { decoder_only: true, .. } => Part::Decoder,
            _ => Part::Whole,
        };
        let Self { minutes, rate, batch, adversarial, .. } = *self;
        let plan = autoencoder::Plan { folder: &self.state, minutes, rate, batch, part, adversarial };
        autoencoder::train(&Pairs::open(&self.pairs)?, &plan)
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
    #[command(flatten)]
    rendered: Rendered,
}

impl Diffusion {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let (described, text) = self.rendered.described(&self.state, &self.latents)?;
        let Self { minutes, rate, batch, crop, .. } = *self;
        diffusion::train(&described, &Plan { folder: &self.state, minutes, rate, batch, crop, text })
    }
}

#[derive(Args)]
pub struct Distil {
    /// Where the denoiser's runs kept their weights.
    state: PathBuf,
    /// The file that `latents` wrote.
    latents: PathBuf,
    #[arg(long, default_value_t = 20.0)]
    minutes: f64,
    #[arg(long, default_value_t = 6e-4)]
    rate: f64,
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Scale of the guidance that the student takes in.
    #[arg(long, default_value_t = GUIDANCE.into())]
    guidance: f64,
    /// How much a discriminator's wish for true pictures weighs beside the teacher's; 0 asks the teacher alone.
    #[arg(long, default_value_t = 1.0)]
    adversarial: f64,
    /// A model folder of the same shape whose skill in few steps to start from.
    #[arg(long)]
    skill: Option<PathBuf>,
    #[command(flatten)]
    rendered: Rendered,
}

impl Distil {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let (described, text) = self.rendered.described(&self.state, &self.latents)?;
        let Self { minutes, rate, batch, guidance, adversarial, .. } = *self;
        let (folder, skill) = (self.state.as_path(), self.skill.as_deref());
        let plan = distil::Plan { folder, minutes, rate, batch, guidance, adversarial, skill, text };
        distil::train(&described, &plan)
    }
}

/// How the scenes were rendered that the latents are of.
#[derive(Args)]
struct Rendered {
    /// Seed of the first scene that was rendered.
    #[arg(long, default_value_t = 0)]
    first: u64,
    /// Sketches of each picture.
    #[arg(long, default_value_t = 2)]
    sketches: usize,
}

impl Rendered {
    /// The latents with their captions, in the words of the state's vocabulary.
    fn described(&self, state: &Path, latents: &Path) -> Result<(Described, TextConfig), Box<dyn Error>> {
        let latents = latents::Latents::open(latents, self.sketches)?;
        let count = latents.pictures.size()[0] as u64;
        let told = |n: u64| {
            let scene = Scene::random(self.first + n);
            (0..PER_SCENE).map(|which| caption(&scene, which)).collect::<Vec<_>>()
        };
        let captions: Vec<Vec<String>> = (0..count).map(told).collect();
        let folder = state.join("tokenizer");
        let vocabulary = Vocabulary::learn(grammar().iter().map(String::as_str), MERGES);
        words::renumber(state, &vocabulary)?;
        vocabulary.write(&folder, WORDS)?;
        let tokenizer = ClipTokenizer::open(&folder, WORDS as usize, vocabulary.len() as i64)?;
        let ids = |captions: &Vec<String>| captions.iter().map(|text| tokenizer.ids(text)).collect();
        let text = text_config(vocabulary.len(), vocabulary.start(), vocabulary.start() + 1);
        sampler::config::write(&state.join("text.json"), &text)?;
        let captions = captions.iter().map(ids).collect::<Result<_, _>>()?;
        Ok((Described { latents, captions, nothing: tokenizer.ids("")? }, text))
    }
}

/// What the vocabulary is learned from: the same captions for every run, so that ids never change.
fn grammar() -> Vec<String> {
    (0..6000).map(|seed| caption(&Scene::random(seed), 0)).collect()
}
