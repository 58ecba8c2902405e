//! What survives an interruption: variables, their moving average, and the number of steps.

use super::mixed::{Variables, flattened};
use sampler::weights::{self, Weights};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use tch::{Kind, Tensor, nn, no_grad};

/// An exponential moving average of a store's variables, which samples better than the last step.
pub struct Average {
    tensors: BTreeMap<String, Tensor>,
    /// Their values in the same order, in the same memory: one operation changes all of them.
    values: Tensor,
}

impl Average {
    pub fn of(store: &nn::VarStore) -> Self {
        Self::new(&store.variables().into_iter().collect())
    }

    fn new(tensors: &BTreeMap<String, Tensor>) -> Self {
        let values = no_grad(|| flattened(tensors.values().map(Tensor::shallow_clone)));
        let mut at = 0;
        let part = |(name, tensor): (&String, &Tensor)| {
            let count = tensor.numel() as i64;
            at += count;
            (name.clone(), values.narrow(0, at - count, count).view(tensor.size().as_slice()))
        };
        Self { tensors: tensors.iter().map(part).collect(), values }
    }

    /// Moves towards the variables; early on faster, so that the start is soon forgotten.
    pub fn update(&mut self, store: &nn::VarStore, step: u64) {
        let decay = (0.9995_f64).min((1.0 + step as f64) / (10.0 + step as f64));
        no_grad(|| {
            let variables: BTreeMap<_, _> = store.variables().into_iter().collect();
            let variables = flattened(variables.into_values());
            let _ = self.values.lerp_(&variables, 1.0 - decay);
        });
    }

    /// The averages for a network to be built from, which shares their storage.
    pub fn weights(&self) -> Weights<'static> {
        Weights::from_tensors(self.variables())
    }

    /// The averages by name, which share their storage.
    pub fn variables(&self) -> Variables {
        self.tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect()
    }

    pub fn tensors(&self) -> &BTreeMap<String, Tensor> {
        &self.tensors
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
        let mut means: BTreeMap<String, Tensor> = store.variables().into_iter().collect();
        for (name, tensor) in Tensor::read_safetensors(self.file("average.safetensors"))? {
            if let Some(mean) = means.get_mut(&name) {
                *mean = tensor.to_device(store.device());
            }
        }
        let average = Average::new(&means);
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
