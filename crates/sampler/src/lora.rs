//! Low-rank changes to a model's weights (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021),
//! in the layouts of kohya's scripts and of diffusers.

use crate::LoadError;
use crate::checkpoint::Checkpoint;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use tch::{Device, Kind, Tensor};

/// Halves of a change, by the ends of their names: down first, then up.
const HALVES: [(&str, &str); 4] = [
    (".lora_down.weight", ".lora_up.weight"),
    (".lora_A.weight", ".lora_B.weight"),
    (".lora.down.weight", ".lora.up.weight"),
    (".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight"),
];
/// Names of other methods, which are no low-rank product.
const OTHERS: [&str; 5] = ["hada_w", "lokr_w", "lora_mid", "dora_scale", "oft_"];
/// The same as endings: whole changes, of a matrix and of a bias.
const WHOLE: [&str; 2] = [".diff", ".diff_b"];

/// A file of changes, by the names that it gives their places.
pub struct Lora {
    path: PathBuf,
    changes: BTreeMap<String, Change>,
}

/// down [r, in, ...] and up [out, r, ...], whose product counts alpha / r times.
struct Change {
    down: Tensor,
    up: Tensor,
    alpha: Option<f64>,
}

/// The networks that changes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    UNet,
    /// The n-th text encoder.
    Text(usize),
}

impl Lora {
    /// Reads a file of changes.
    ///
    /// # Errors
    /// If it is none, or holds changes of another kind.
    pub fn open(path: &Path) -> Result<Self, LoadError> {
        let file = Checkpoint::open(path)?;
        let refuse = |why: String| LoadError::Unknown { path: path.into(), why };
        let is_other = |name: &&str| {
            OTHERS.iter().any(|other| name.contains(other)) || WHOLE.iter().any(|whole| name.ends_with(whole))
        };
        if let Some(name) = file.names().find(is_other) {
            return Err(refuse(format!("{name} is of another method than LoRA, which is not supported")));
        }
        let read = |name: &str| {
            let tensor = file.read(name, Device::Cpu, Kind::Float)?;
            tensor.ok_or_else(|| refuse(format!("{name} is missing")))
        };
        let mut changes = BTreeMap::new();
        for name in file.names() {
            let half = HALVES.iter().find_map(|(down, up)| Some((name.strip_suffix(down)?, *up)));
            let older = name.strip_suffix("_lora.down.weight").map(|place| (place, "_lora.up.weight"));
            let Some((place, up)) = half.or(older) else { continue };
            let (down, up) = (read(name)?, read(&format!("{place}{up}"))?);
            let alpha = format!("{place}.alpha");
            let alpha = match file.shape(&alpha) {
                Some(_) => Some(read(&alpha)?.mean(Kind::Double).double_value(&[])),
                None => None,
            };
            let fits = down.dim() >= 2 && up.dim() >= 2 && down.size()[0] == up.size()[1];
            if !fits || alpha.is_some_and(|alpha| !alpha.is_finite()) {
                let why = format!("{place} is {:?} times {:?}, alpha {alpha:?}", up.size(), down.size());
                return Err(refuse(why));
            }
            changes.insert(place.to_owned(), Change { down, up, alpha });
        }
        if changes.is_empty() {
            return Err(refuse(
                "it holds no LoRA: no tensor is named …lora_down.weight or …lora_A.weight".into(),
            ));
        }
        Ok(Self { path: path.into(), changes })
    }

    /// Adds `weight` times these changes to `sums`, by part and full name of the tensor that each is for.
    pub(crate) fn add_to(
        &self,
        weight: f32,
        places: &Places,
        sums: &mut HashMap<(usize, String), Tensor>,
    ) -> Result<(), LoadError> {
        for (place, change) in &self.changes {
            let refuse = |why: String| LoadError::Unknown { path: self.path.clone(), why };
            let (part, name, shape) = places.find(place).ok_or_else(|| {
                refuse(format!(
                    "it changes {place}, which this model does not have; it is for another family"
                ))
            })?;
            let made = change.product();
            if made.numel() as i64 != shape.iter().product::<i64>() || made.size()[0] != shape[0] {
                let why = format!("it changes {place} as {:?}, which is {shape:?} here", made.size());
                return Err(refuse(format!("{why}; it is for another family")));
            }
            let made = made.reshape(shape.as_slice()) * f64::from(weight);
            let sum = sums.entry((part.index(), name));
            sum.and_modify(|sum| *sum += &made).or_insert(made);
        }
        Ok(())
    }
}

impl Change {
    /// [out, in, ...]
    fn product(&self) -> Tensor {
        let rank = self.down.size()[0];
        let product = self.up.flatten(1, -1).matmul(&self.down.flatten(1, -1));
        product * (self.alpha.unwrap_or(rank as f64) / rank.max(1) as f64)
    }
}

impl Part {
    /// The UNet is 0, text encoders follow.
    pub fn index(self) -> usize {
        match self {
            Self::UNet => 0,
            Self::Text(n) => 1 + n,
        }
    }
}

/// Where changes may go: every matrix and kernel of a model, by all the names that are in use for it.
#[derive(Default)]
pub(crate) struct Places(HashMap<String, (Part, String, Vec<i64>)>);

impl Places {
    /// `name` is what the network calls a tensor, `usual` diffusers' name of it, and `original` that of the
    /// original code, where it has one.
    pub fn add(&mut self, part: Part, name: &str, usual: &str, original: Option<&str>, shape: &[i64]) {
        let Some(place) = usual.strip_suffix(".weight").filter(|_| shape.len() >= 2) else { return };
        let flat = |place: &str| place.replace('.', "_");
        let prefixes: &[&str] = match part {
            Part::UNet => &["lora_unet"],
            Part::Text(0) => &["lora_te", "lora_te1"],
            Part::Text(_) => &["lora_te2"],
        };
        let dotted = match part {
            Part::UNet => "unet".to_owned(),
            Part::Text(0) => "text_encoder".to_owned(),
            Part::Text(n) => format!("text_encoder_{}", n + 1),
        };
        let mut names = vec![format!("{dotted}.{place}")];
        names.extend(prefixes.iter().map(|prefix| format!("{prefix}_{}", flat(place))));
        if let Some(original) = original.and_then(|name| name.strip_suffix(".weight")) {
            names.extend(prefixes.iter().map(|prefix| format!("{prefix}_{}", flat(original))));
        }
        // Where attention processors carried them.
        if let Some((attention, projection)) = place.rsplit_once(".to_") {
            let projection = projection.trim_end_matches(".0");
            names.push(format!("{dotted}.{attention}.processor.to_{projection}"));
        }
        for known in names {
            self.0.insert(known, (part, name.to_owned(), shape.to_vec()));
        }
    }

    pub fn find(&self, place: &str) -> Option<(Part, String, Vec<i64>)> {
        self.0.get(place).cloned()
    }
}
