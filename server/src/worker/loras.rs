//! LoRAs that prompts name, from one folder; the model has those of the job that it works on.

use super::engine::Sample;
use sampler::prompt::Prompt;
use sampler::{Lora, Model, Request, SampleError};
use std::path::{Path, PathBuf};

/// Names told when there is none of that name.
const TOLD: usize = 20;

/// A model and the folder of what may be added to it.
pub struct Adapting {
    model: Model,
    folder: PathBuf,
    /// What the model has now.
    added: Vec<(String, f32)>,
}

impl Adapting {
    pub fn new(model: Model, folder: &Path) -> Self {
        Self { model, folder: folder.into(), added: Vec::new() }
    }

    fn open(&self, name: &str) -> Result<Lora, SampleError> {
        // A name is one of the folder's own, never a path.
        let known = names(&self.folder);
        if !known.iter().any(|theirs| theirs == name) {
            let there = match known.len() {
                0 => format!("{} holds none", self.folder.display()),
                _ => format!("there are {}", known[..known.len().min(TOLD)].join(", ")),
            };
            return Err(refused(format!("no LoRA is called {name:?}; {there}")));
        }
        let file = self.folder.join(format!("{name}.safetensors"));
        Lora::open(&file).map_err(|why| refused(why.to_string()))
    }
}

impl Adapting {
    /// Whether the model has what this prompt names.
    pub fn is_ready(&self, prompt: &str) -> bool {
        Prompt::parse(prompt).loras == self.added
    }

    /// Gives the model the LoRAs that this prompt names, and no others. Not while there are runs.
    pub fn prepare(&mut self, prompt: &str) -> Result<(), SampleError> {
        let wanted = Prompt::parse(prompt).loras;
        if wanted == self.added {
            return Ok(());
        }
        let opened = wanted.iter().map(|(name, weight)| Ok((self.open(name)?, *weight)));
        let opened = opened.collect::<Result<Vec<_>, SampleError>>()?;
        let loras: Vec<(&Lora, f32)> = opened.iter().map(|(lora, weight)| (lora, *weight)).collect();
        self.model.adapt(&loras).map_err(|why| refused(why.to_string()))?;
        self.added = wanted;
        Ok(())
    }

    pub fn start<'m>(
        &'m self,
        request: &Request,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Box<dyn Sample + 'm>, SampleError> {
        self.model.start_while(request, still_wanted).map(|run| Box::new(run) as Box<dyn Sample + 'm>)
    }
}

fn refused(why: String) -> SampleError {
    SampleError::Setting { field: "prompt", why }
}

/// Names of the folder's files, without the ending.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".safetensors")?.to_owned()))
        .collect();
    names.sort();
    names
}
