//! LoRAs that prompts name; the model has those of the job that it works on.

use super::engine::Sample;
use crate::models::{Entry, Models, Stamp, without_place};
use sampler::prompt::Prompt;
use sampler::{LoadError, Lora, Model, Request, SampleError};
use std::path::PathBuf;
use std::sync::Arc;

/// A model and what may be added to it.
pub struct Adapting {
    pub model: Model,
    models: Arc<Models>,
    /// What the model has now.
    added: Vec<Added>,
}

/// A LoRA, and how much of it.
#[derive(PartialEq)]
struct Added {
    path: PathBuf,
    stamp: Stamp,
    weight: f32,
}

impl Adapting {
    pub fn new(model: Model, models: Arc<Models>) -> Self {
        Self { model, models, added: Vec::new() }
    }

    fn wanted(&self, prompt: &str) -> Result<Vec<Added>, SampleError> {
        let named = Prompt::parse(prompt).loras.into_iter().map(|(name, weight)| {
            let unknown = || refused(self.models.unknown_lora(&name, None));
            let Entry { path, stamp, .. } = self.models.lora(&name).ok_or_else(unknown)?;
            Ok(Added { path, stamp, weight })
        });
        named.collect()
    }

    /// Whether the model has what this prompt names.
    pub fn is_ready(&self, prompt: &str) -> bool {
        self.wanted(prompt).is_ok_and(|wanted| wanted == self.added)
    }

    /// Gives the model the LoRAs that this prompt names, and no others. Not while there are runs.
    pub fn prepare(&mut self, prompt: &str) -> Result<(), SampleError> {
        let wanted = self.wanted(prompt)?;
        if wanted == self.added {
            return Ok(());
        }
        let why = |error: LoadError| {
            if let LoadError::NotFinite { origin, .. } = &error
                && let Some(spoilt) = wanted.iter().find(|added| added.path.display().to_string() == *origin)
            {
                self.models.was_refused(&spoilt.path, &error);
            }
            let placeless = |why: String, added: &Added| without_place(why, &added.path);
            refused(wanted.iter().fold(error.to_string(), placeless))
        };
        let opened = wanted.iter().map(|added| Ok((Lora::open(&added.path).map_err(why)?, added.weight)));
        let opened = opened.collect::<Result<Vec<_>, SampleError>>()?;
        let loras: Vec<(&Lora, f32)> = opened.iter().map(|(lora, weight)| (lora, *weight)).collect();
        self.model.adapt(&loras).map_err(why)?;
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
