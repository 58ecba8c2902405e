//! The models that are loaded: the studio's own, which stays, and others that jobs named, as many as there is
//! memory for. The one that was used longest ago makes room.

use super::About;
use super::engine::{Sample, Sampling, Shown, Wanted};
use super::loras::Adapting;
use super::previews;
use crate::models::{Listed, Models, Stamp};
use sampler::memory::{free, give_back, total};
use sampler::{LoadError, Model, Reading, Request, SampleError};
use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use tch::Device;

/// Told how many of how many bytes of a model are read; says whether to read on.
pub type Told = Rc<dyn Fn(u64, u64) -> bool>;

/// How much the models may take together, where nothing is said: this share of the memory.
const SHARE: f64 = 0.75;

pub struct Shelf {
    own: Adapting,
    /// The one that was used last at the end.
    others: Vec<Standing>,
    /// Whether a job named the last of the others, not the own.
    is_other: bool,
    models: Arc<Models>,
    loras: PathBuf,
    /// Folder of tiny autoencoders.
    previews: PathBuf,
    device: Device,
    /// Bytes that all models may take.
    budget: u64,
}

struct Standing {
    id: String,
    /// Another file of the same name is another model.
    stamp: Stamp,
    model: Adapting,
    shown: Arc<Shown>,
    memory: u64,
}

impl Shelf {
    /// With `own`, which is what was wanted, taking `memory` bytes.
    pub fn new(own: Model, memory: u64, wanted: &Wanted) -> Self {
        let Wanted { models, loras, previews, device, budget, .. } = *wanted;
        let budget = if budget > 0 { budget } else { (total(device) as f64 * SHARE) as u64 };
        Self {
            own: Adapting::new(own, loras),
            others: Vec::new(),
            is_other: false,
            models: models.clone(),
            loras: loras.into(),
            previews: previews.into(),
            device,
            budget: budget.saturating_sub(memory),
        }
    }

    /// The model of this id at the end of the others, loaded if it was not.
    fn fetch(&mut self, id: &str, told: &Told) -> Result<(), SampleError> {
        let listed = self.models.find(id).ok_or_else(|| refused(self.models.unknown(id)))?;
        if let Some(at) = self.others.iter().position(|other| other.id == id) {
            let standing = self.others.remove(at);
            if standing.stamp == listed.stamp {
                self.others.push(standing);
                return Ok(());
            }
            drop(standing);
            give_back(self.device);
        }
        self.make_room(&listed)?;
        let standing = self.load(id, listed, told).map_err(|why| match why {
            LoadError::Interrupted => SampleError::Interrupted,
            why => refused(why.to_string()),
        })?;
        self.others.push(standing);
        Ok(())
    }

    /// Bytes that the others take.
    fn taken(&self) -> u64 {
        self.others.iter().map(|other| other.memory).sum()
    }

    /// Lets others go until there is room. Says so if there never would be, and then lets none go.
    fn make_room(&mut self, listed: &Listed) -> Result<(), SampleError> {
        let need = listed.memory;
        let reach = free(self.device).saturating_add(self.taken());
        if need > self.budget.min(reach) {
            return Err(refused(format!(
                "{} takes {} of memory, and {} are free for it here; close other programs, or let models take more \
                 (model_megabytes)",
                listed.info.name,
                gigabytes(need),
                gigabytes(self.budget.min(reach)),
            )));
        }
        let fits = |shelf: &Self| shelf.taken() + need <= shelf.budget && need <= free(shelf.device);
        while !self.others.is_empty() && !fits(self) {
            let gone = self.others.remove(0);
            tracing::info!("{} makes room", gone.id);
            drop(gone);
            give_back(self.device);
        }
        Ok(())
    }

    fn load(&self, id: &str, listed: Listed, told: &Told) -> Result<Standing, LoadError> {
        let Listed { path, stamp, info, kind, bytes, memory } = listed;
        let (read, told) = (Cell::new(0), told.clone());
        told(0, bytes);
        let count = move |more: u64| {
            read.set(read.get() + more);
            told(read.get().min(bytes), bytes)
        };
        let reading = Reading { device: self.device, kind, told: Rc::new(count) };
        let mut model = Model::load(&path, &reading)?;
        if let Err(error) = model.suit() {
            tracing::warn!(%error, "{id} is decoded in float32");
        }
        let about = About { info, ..About::of(&model, self.device, None)? };
        let decode = previews::decoder(&model, &self.previews)?;
        let shown = Arc::new(Shown { about, decode: Mutex::new(decode) });
        Ok(Standing { id: id.into(), stamp, model: Adapting::new(model, &self.loras), shown, memory })
    }
}

impl Sampling for Shelf {
    fn prepare(&mut self, model: &str, prompt: &str, told: &Told) -> Result<Option<Arc<Shown>>, SampleError> {
        self.own();
        if model.is_empty() {
            self.own.prepare(prompt)?;
            return Ok(None);
        }
        self.fetch(model, told)?;
        let Some(other) = self.others.last_mut() else { return Ok(None) };
        other.model.prepare(prompt)?;
        self.is_other = true;
        Ok(Some(other.shown.clone()))
    }

    fn is_ready(&self, model: &str, prompt: &str) -> bool {
        if model.is_empty() {
            return self.own.is_ready(prompt);
        }
        let stamp = self.models.find(model).map(|listed| listed.stamp);
        let standing = self.others.iter().find(|other| other.id == model && Some(other.stamp) == stamp);
        standing.is_some_and(|other| other.model.is_ready(prompt))
    }

    fn own(&mut self) {
        self.is_other = false;
    }

    fn start<'m>(
        &'m self,
        request: &Request,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Box<dyn Sample + 'm>, SampleError> {
        match self.others.last().filter(|_| self.is_other) {
            Some(other) => other.model.start(request, still_wanted),
            None => self.own.start(request, still_wanted),
        }
    }
}

fn refused(why: String) -> SampleError {
    SampleError::Setting { field: "model", why }
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}
