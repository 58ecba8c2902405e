//! The models that are loaded: the studio's own, which stays, and others that jobs named, as many as there is
//! memory for, with the ControlNet that was used last. What was used longest ago makes room.

use super::About;
use super::engine::{Sample, Sampling, Shown, Wanted};
use super::loras::Adapting;
use super::previews;
use crate::models::{Entry, Listed, Models, Stamp, without_place};
use sampler::memory::{free, give_back, total};
use sampler::{Control, LoadError, Model, Reading, Request, SampleError};
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use tch::{Device, Kind};
use wire::Spec;

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
    control: Option<Held>,
    models: Arc<Models>,
    device: Device,
    /// Bytes that all models may take.
    budget: u64,
}

struct Standing {
    path: PathBuf,
    /// Another file at the same place is another model.
    stamp: Stamp,
    model: Adapting,
    shown: Arc<Shown>,
    memory: u64,
}

/// A ControlNet. It is with the model of the job that it was last used for until another job comes.
struct Held {
    path: PathBuf,
    stamp: Stamp,
    kind: Kind,
    memory: u64,
    /// While no model has it.
    network: Option<Control>,
}

impl Shelf {
    /// With `own`, which is what was wanted, taking `memory` bytes.
    pub fn new(own: Model, memory: u64, wanted: &Wanted) -> Self {
        let Wanted { models, device, budget, .. } = *wanted;
        let budget = if budget > 0 { budget } else { (total(device) as f64 * SHARE) as u64 };
        Self {
            own: Adapting::new(own, models.clone()),
            others: Vec::new(),
            is_other: false,
            control: None,
            models: models.clone(),
            device,
            budget: budget.saturating_sub(memory),
        }
    }

    /// The model that runs are of.
    fn current(&mut self) -> &mut Adapting {
        match self.others.last_mut().filter(|_| self.is_other) {
            Some(other) => &mut other.model,
            None => &mut self.own,
        }
    }

    /// The model of this id at the end of the others, loaded if it was not.
    fn fetch(&mut self, id: &str, told: &Told) -> Result<(), SampleError> {
        let listed = self.models.find(id).ok_or_else(|| refused(self.models.unknown(id)))?;
        if let Some(at) = self.others.iter().position(|other| other.path == listed.path) {
            let standing = self.others.remove(at);
            if standing.stamp == listed.stamp {
                self.others.push(standing);
                return Ok(());
            }
            drop(standing);
            give_back(self.device);
        }
        self.make_room(&listed.info.name, listed.memory, 0).map_err(refused)?;
        let standing = self.load(&listed, told).map_err(|why| self.not_loaded("model", &listed.path, why))?;
        self.others.push(standing);
        Ok(())
    }

    /// Makes the canvas steer the model that runs are of, through the ControlNet of this name, loaded if it was not.
    fn steer(&mut self, name: &str, told: &Told) -> Result<(), SampleError> {
        let refused = |why| SampleError::Setting { field: "control", why };
        let (Entry { path, stamp, .. }, described) =
            self.models.control(name).ok_or_else(|| refused(self.models.unknown_control(name, None)))?;
        let model = &self.current().model;
        let kind = model.kind();
        if model.family().map_err(|why| refused(why.to_string()))? != described.family {
            return Err(refused(format!("{name} is a ControlNet for another family of checkpoints")));
        }
        let is_there = self.control.as_ref().is_some_and(|held| held.network.is_some());
        if !is_there || !self.holds(&path, stamp, kind) {
            let memory = described.memory(kind);
            self.make_room(name, memory, self.is_other.into()).map_err(refused)?;
            self.control = None;
            give_back(self.device);
            let reading = self.reading(kind, described.bytes, told);
            let network =
                Control::load(&path, &reading).map_err(|why| self.not_loaded("control", &path, why))?;
            self.control = Some(Held { path, stamp, kind, memory, network: Some(network) });
        }
        let network = self.control.as_mut().and_then(|held| held.network.take());
        match self.current().model.steer(network) {
            Ok(_) => Ok(()),
            Err(why) => {
                self.control = None;
                Err(refused(why.to_string()))
            }
        }
    }

    /// Takes the ControlNet from the model that has it.
    fn take_aside(&mut self) {
        let Some(held) = self.control.as_mut() else { return };
        let others = self.others.iter_mut().map(|other| &mut other.model);
        for adapting in others.chain([&mut self.own]) {
            // To have none suits every model.
            if let Ok(Some(network)) = adapting.model.steer(None) {
                held.network = Some(network);
            }
        }
    }

    fn holds(&self, path: &Path, stamp: Stamp, kind: Kind) -> bool {
        let is_it = |held: &Held| (&*held.path, held.stamp, held.kind) == (path, stamp, kind);
        self.control.as_ref().is_some_and(is_it)
    }

    /// Bytes that the others and the ControlNet take.
    fn taken(&self) -> u64 {
        let control = self.control.as_ref().map_or(0, |held| held.memory);
        self.others.iter().map(|other| other.memory).sum::<u64>() + control
    }

    /// Lets go of others, but for the last `kept`, until there is room for so many bytes. Says so if there never would
    /// be, and then lets none go.
    fn make_room(&mut self, name: &str, need: u64, kept: usize) -> Result<(), String> {
        let stays: u64 = self.others.iter().rev().take(kept).map(|other| other.memory).sum();
        let reach = free(self.device).saturating_add(self.taken() - stays);
        let most = self.budget.saturating_sub(stays).min(reach);
        if need > most {
            return Err(format!(
                "{name} takes {} of memory, and {} are free for it here; close other programs, or let models take more \
                 (model_megabytes)",
                gigabytes(need),
                gigabytes(most),
            ));
        }
        let fits = |shelf: &Self| shelf.taken() + need <= shelf.budget && need <= free(shelf.device);
        while !fits(self) {
            if self.control.take().is_some() {
                tracing::info!("the ControlNet makes room");
            } else if self.others.len() > kept {
                let gone = self.others.remove(0);
                tracing::info!("{} makes room", gone.path.display());
            } else {
                break;
            }
            give_back(self.device);
        }
        Ok(())
    }

    /// Reads into `kind`, telling how many of so many bytes are read.
    fn reading(&self, kind: Kind, bytes: u64, told: &Told) -> Reading {
        let (read, told) = (Cell::new(0), told.clone());
        told(0, bytes);
        let count = move |more: u64| {
            read.set(read.get() + more);
            told(read.get().min(bytes), bytes)
        };
        Reading { device: self.device, kind, told: Rc::new(count) }
    }

    fn not_loaded(&self, field: &'static str, path: &Path, why: LoadError) -> SampleError {
        self.models.was_refused(path, &why);
        match why {
            LoadError::Interrupted => SampleError::Interrupted,
            why => SampleError::Setting { field, why: without_place(why, path) },
        }
    }

    fn load(&self, listed: &Listed, told: &Told) -> Result<Standing, LoadError> {
        let Listed { path, stamp, info, kind, bytes, memory } = listed.clone();
        let mut model = Model::load(&path, &self.reading(kind, bytes, told))?;
        if let Err(error) = model.suit() {
            tracing::warn!(%error, "{} is decoded in float32", path.display());
        }
        let about = About { info, ..About::of(&model, self.device, None)? };
        let decode = previews::decoder(&model, self.models.previews())?;
        let shown = Arc::new(Shown { about, decode: Mutex::new(decode) });
        Ok(Standing { path, stamp, model: Adapting::new(model, self.models.clone()), shown, memory })
    }
}

impl Sampling for Shelf {
    fn prepare(&mut self, spec: &Spec, told: &Told) -> Result<Option<Arc<Shown>>, SampleError> {
        self.own();
        self.take_aside();
        if !spec.model.is_empty() {
            self.fetch(&spec.model, told)?;
            self.is_other = true;
        }
        self.current().prepare(&spec.prompt)?;
        if !spec.control.is_empty() {
            self.steer(&spec.control, told)?;
        }
        Ok(self.others.last().filter(|_| self.is_other).map(|other| other.shown.clone()))
    }

    fn is_ready(&self, spec: &Spec) -> bool {
        let adapting = match &*spec.model {
            "" => Some(&self.own),
            id => {
                let listed = self.models.find(id);
                let is_it = |other: &&Standing| {
                    listed
                        .as_ref()
                        .is_some_and(|listed| listed.path == other.path && listed.stamp == other.stamp)
                };
                self.others.iter().find(is_it).map(|other| &other.model)
            }
        };
        let steers = |kind: Kind| match &*spec.control {
            "" => true,
            name => {
                let control = self.models.control(name);
                control.is_some_and(|(Entry { path, stamp, .. }, _)| self.holds(&path, stamp, kind))
            }
        };
        adapting.is_some_and(|adapting| adapting.is_ready(&spec.prompt) && steers(adapting.model.kind()))
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
