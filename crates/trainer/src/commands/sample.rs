//! Pictures to look at, made by a model folder: sketch, result and, for held-out scenes, truth.

use clap::Args;
use sampler::{Model, Picture, Request};
use std::error::Error;
use std::path::PathBuf;
use tch::Device;
use trainer::caption::caption;
use trainer::contact::Contact;
use trainer::evaluate::cases::HELD_OUT;
use trainer::paint::paint;
use trainer::picture::{request, run};
use trainer::scene::Scene;
use trainer::sketch::sketch;

#[derive(Args)]
pub struct Sample {
    model: PathBuf,
    /// The contact sheet to write.
    file: PathBuf,
    /// PNGs of one's own, `sketch.png=what it shows`; without any, held-out scenes.
    sketches: Vec<String>,
    #[arg(long, default_value_t = 18)]
    count: u64,
    /// Cases side by side.
    #[arg(long, default_value_t = 6)]
    columns: u32,
    #[arg(long)]
    steps: Option<u32>,
    #[arg(long)]
    guidance: Option<f32>,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Use the distilled denoiser, with its own number of steps.
    #[arg(long)]
    distilled: bool,
}

struct Case {
    sketch: Vec<u8>,
    prompt: String,
    truth: Option<Vec<u8>>,
}

impl Sample {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let model = Model::load(&self.model, &sampler::Reading::exact(Device::Cpu))?;
        let size = model.card().defaults.width;
        let cases = self.cases(size)?;
        let mut contact = Contact::new(size, self.columns);
        for row in cases.chunks(self.columns as usize) {
            let gap = vec![255; (size * size * 3) as usize];
            let fill =
                |contact: &mut Contact| (row.len()..self.columns as usize).for_each(|_| contact.add(&gap));
            row.iter().for_each(|case| contact.add(&case.sketch));
            fill(&mut contact);
            for case in row {
                println!("{}", case.prompt);
                contact.add(&self.make(&model, case)?.rgb);
            }
            fill(&mut contact);
            if row.iter().all(|case| case.truth.is_some()) {
                row.iter().filter_map(|case| case.truth.as_ref()).for_each(|truth| contact.add(truth));
                fill(&mut contact);
            }
        }
        Ok(contact.save(&self.file)?)
    }

    fn cases(&self, size: u32) -> Result<Vec<Case>, Box<dyn Error>> {
        if self.sketches.is_empty() {
            let held_out = |n| {
                let scene = Scene::random(HELD_OUT + n);
                let (sketch, truth) = (sketch(&scene, 0, size), Some(paint(&scene, size)));
                Case { sketch, prompt: caption(&scene, 0), truth }
            };
            return Ok((0..self.count).map(held_out).collect());
        }
        let own = |pair: &String| -> Result<Case, Box<dyn Error>> {
            let (file, prompt) = pair.split_once('=').ok_or(format!("{pair}: write sketch.png=prompt"))?;
            let sketch = image::open(file)?.resize_exact(size, size, image::imageops::FilterType::Triangle);
            Ok(Case { sketch: sketch.to_rgb8().into_raw(), prompt: prompt.into(), truth: None })
        };
        self.sketches.iter().map(own).collect()
    }

    fn make(&self, model: &Model, case: &Case) -> Result<Picture, Box<dyn Error>> {
        let few = model.card().distilled.map_or(1, |distilled| distilled.steps);
        let few = self.distilled.then_some(few);
        let own = request(model, &case.prompt, &case.sketch, self.seed, few);
        let steps = self.steps.unwrap_or(own.steps);
        let guidance = self.guidance.unwrap_or(own.guidance);
        let run = run(model, &Request { steps, guidance, ..own })?;
        run.finish()?.pop().ok_or_else(|| "no picture came back".into())
    }
}
