//! What survives an interruption: variables, their moving average, and the number of steps.

use super::mixed::Variables;
use sampler::weights::{self, Weights};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use tch::{Kind, Tensor, nn, no_grad};

/// An exponential moving average of a store's variables, which samples better than the last step.
pub struct Average(BTreeMap<String, Tensor>);

impl Average {
    pub fn of(store: &nn::VarStore) -> Self {
        Self(store.variables().into_iter().map(|(name, v)| (name, v.detach().copy())).collect())
    }

    /// Moves towards the variables; early on faster, so that the start is soon forgotten.
    pub fn update(&mut self, store: &nn::VarStore, step: u64) {
        let decay = (0.9995_f64).min((1.0 + step as f64) / (10.0 + step as f64));
        no_grad(|| {
            for (name, variable) in store.variables() {
                if let Some(mean) = self.0.get_mut(&name) {
                    let _ = mean.lerp_(&variable.detach(), 1.0 - decay);
                }
            }
        });
    }

    /// The averages for a network to be built from, which shares their storage.
    pub fn weights(&self) -> Weights<'static> {
        Weights::from_tensors(self.variables())
    }

    /// The averages by name, which share their storage.
    pub fn variables(&self) -> Variables {
        self.0.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect()
    }

    pub fn tensors(&self) -> &BTreeMap<String, Tensor> {
        &self.0
    }
}

/// A folder that holds `NAME.safetensors`, `NAME.average.safetensors` and `NAME.step`.
pub struct Kept {
    folder: PathBuf,
    name: &'static str,
}

impl Kept {
    pub fn new(folder: &Path, name: &'static str) -> Self {
        Self { folder: folder.into(), name }
    }

    pub fn file(&self, suffix: &str) -> PathBuf {
        self.folder.join(format!("{}.{suffix}", self.name))
    }

    /// Loads what was kept into `store`; gives the average and the number of steps done.
    pub fn resume(&self, store: &mut nn::VarStore) -> Result<(Average, u64), Box<dyn Error>> {
        if !self.file("step").is_file() {
            return Ok((Average::of(store), 0));
        }
        store.load(self.file("safetensors"))?;
        let mut average = Average::of(store);
        for (name, tensor) in Tensor::read_safetensors(self.file("average.safetensors"))? {
            average.0.insert(name, tensor.to_device(store.device()));
        }
        let step = std::fs::read_to_string(self.file("step"))?.trim().parse()?;
        Ok((average, step))
    }

    /// Each file is replaced whole, so that an interruption leaves the last state.
    pub fn keep(&self, store: &nn::VarStore, average: &Average, step: u64) -> Result<(), Box<dyn Error>> {
        self.replace("safetensors", &weights::variables(store))?;
        self.replace("average.safetensors", average.tensors())?;
        Ok(std::fs::write(self.file("step"), step.to_string())?)
    }

    /// Begins anew from `tensors`, which are variables and average at once.
    pub fn start(&self, tensors: &BTreeMap<String, Tensor>) -> Result<(), Box<dyn Error>> {
        self.replace("safetensors", tensors)?;
        self.replace("average.safetensors", tensors)?;
        Ok(std::fs::write(self.file("step"), "0")?)
    }

    fn replace(&self, suffix: &str, tensors: &BTreeMap<String, Tensor>) -> Result<(), Box<dyn Error>> {
        let part = self.file("part");
        weights::write(&part, tensors, Kind::Float)?;
        Ok(std::fs::rename(part, self.file(suffix))?)
    }
}
