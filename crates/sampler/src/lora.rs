//! Low-rank changes to a model's weights (Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021),
//! in the layouts of kohya's scripts and of diffusers.

use crate::checkpoint::Checkpoint;
use crate::{Family, LoadError};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
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

/// Parts of names of places that only networks of later families have.
const LATER: [&str; 4] = ["double_blocks", "single_blocks", "single_transformer_blocks", "joint_blocks"];

/// Where diffusers tells what is in no tensor.
const METADATA: &str = "lora_adapter_metadata";

/// A file of changes. They are read when a model is to have them.
pub struct Lora {
    file: Checkpoint,
    /// By the names that the file gives their places.
    changes: BTreeMap<String, Change>,
}

/// The names of down [r, in, ...] and up [out, r, ...], whose product counts alpha / r times.
struct Change {
    down: String,
    up: String,
    alpha: Option<Alpha>,
}

enum Alpha {
    /// In a tensor of this name.
    Stored(String),
    /// In the file's metadata; of a rank-stabilised one by its square root (Kalajdzievski, "A Rank Stabilization Scaling Factor for
    /// Fine-Tuning with LoRA", 2023).
    Told { alpha: f64, stabilised: bool },
}

/// The networks that changes are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    UNet,
    /// The n-th text encoder.
    Text(usize),
}

impl Lora {
    /// Opens a file of changes, and reads its header.
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
        if file.names().any(|name| LATER.iter().any(|later| name.contains(later))) {
            return Err(refuse(
                "it is for a later family (Flux, Stable Diffusion 3), which is not supported".into(),
            ));
        }
        let told = file.metadata(METADATA).and_then(|text| serde_json::from_str::<Value>(text).ok());
        let mut changes = BTreeMap::new();
        for down in file.names() {
            let Some((place, up)) = halves(down) else { continue };
            let (Some(below), Some(above)) = (file.shape(down), file.shape(&up)) else {
                return Err(refuse(format!("{up} is missing")));
            };
            if below.len() < 2 || above.len() < 2 || below[0] != above[1] {
                return Err(refuse(format!("{place} is {above:?} times {below:?}")));
            }
            let stored = Some(format!("{place}.alpha")).filter(|alpha| file.shape(alpha).is_some());
            let alpha =
                stored.map(Alpha::Stored).or_else(|| told.as_ref().and_then(|told| told_alpha(told, place)));
            changes.insert(place.to_owned(), Change { down: down.to_owned(), up, alpha });
        }
        if changes.is_empty() {
            return Err(refuse(
                "it holds no LoRA: no tensor is named …lora_down.weight or …lora_A.weight".into(),
            ));
        }
        Ok(Self { file, changes })
    }

    /// Whether it seems to be made for checkpoints of this family: whether what it changes of how words are heard is of
    /// its sizes. One that changes nothing there may be for any.
    pub fn fits(&self, family: &Family) -> bool {
        let of = |name: &str, dim: usize| self.file.shape(name).map_or(0, |shape| shape[dim] as i64);
        let hears = |place: &str| {
            let place = place.replace('.', "_").replace("_processor", "");
            place.contains("attn2_to_k") || place.contains("attn2_to_v")
        };
        let mut hearing = self.changes.iter().filter(|(place, _)| hears(place));
        hearing.all(|(_, change)| family.hears(of(&change.up, 0), of(&change.down, 1)))
    }

    /// [out, in, ...], times alpha / r.
    fn product(&self, change: &Change) -> Result<Tensor, LoadError> {
        let read = |name: &str| {
            let tensor = self.file.read(name, Device::Cpu, Kind::Float)?;
            tensor.ok_or_else(|| self.refuse(format!("{name} is missing")))
        };
        let (down, up) = (read(&change.down)?, read(&change.up)?);
        let rank = down.size()[0];
        let alpha = match &change.alpha {
            Some(Alpha::Stored(name)) => read(name)?.mean(Kind::Double).double_value(&[]),
            Some(Alpha::Told { alpha, stabilised: false }) => *alpha,
            Some(Alpha::Told { alpha, stabilised: true }) => alpha * (rank as f64).sqrt(),
            None => rank as f64,
        };
        Ok(up.flatten(1, -1).matmul(&down.flatten(1, -1)) * (alpha / rank.max(1) as f64))
    }

    fn refuse(&self, why: String) -> LoadError {
        LoadError::Unknown { path: self.file.path().into(), why }
    }

    /// Adds `weight` times these changes to `sums`, by part and full name of the tensor that each is for.
    pub(crate) fn add_to(
        &self,
        weight: f32,
        places: &Places,
        sums: &mut HashMap<(usize, String), Tensor>,
    ) -> Result<(), LoadError> {
        for (place, change) in &self.changes {
            let (part, name, shape) = places.find(place).ok_or_else(|| {
                self.refuse(format!(
                    "it changes {place}, which this model does not have; it is for another family"
                ))
            })?;
            let made = self.product(change)?;
            if made.numel() as i64 != shape.iter().product::<i64>() || made.size()[0] != shape[0] {
                let why = format!("it changes {place} as {:?}, which is {shape:?} here", made.size());
                return Err(self.refuse(format!("{why}; it is for another family, or broken")));
            }
            let made = made.reshape(shape.as_slice()) * f64::from(weight);
            let sum = sums.entry((part.index(), name));
            sum.and_modify(|sum| *sum += &made).or_insert(made);
        }
        Ok(())
    }
}

/// What the metadata say of the alpha of a place such as `unet.mid_block.attentions.0.proj_in`, if they do: that of its part, or one that
/// is for places of its own name.
fn told_alpha(told: &Value, place: &str) -> Option<Alpha> {
    let (part, name) = place.split_once('.')?;
    let of = |key: &str| told.get(format!("{part}.{key}"));
    let own = of("alpha_pattern").and_then(Value::as_object).and_then(|patterns| {
        let is_it = |pattern: &str| name == pattern || name.ends_with(&format!(".{pattern}"));
        patterns.iter().find(|(pattern, _)| is_it(pattern)).map(|(_, alpha)| alpha)
    });
    let alpha = own.or_else(|| of("lora_alpha"))?.as_f64()?;
    Some(Alpha::Told { alpha, stabilised: of("use_rslora").and_then(Value::as_bool).unwrap_or_default() })
}

/// The place of a change and the name of its upper half, if `name` is that of a lower one.
fn halves(name: &str) -> Option<(&str, String)> {
    let half = HALVES.iter().find_map(|(down, up)| Some((name.strip_suffix(down)?, *up)));
    let older = || Some((name.strip_suffix("_lora.down.weight")?, "_lora.up.weight"));
    let (place, up) = half.or_else(older)?;
    Some((place, format!("{place}{up}")))
}

/// Whether this is the name of a part of a change, also of one of another method.
pub(crate) fn is_change(name: &str) -> bool {
    halves(name).is_some() || OTHERS.iter().any(|other| name.contains(other))
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
        let carried = place.rsplit_once(".to_").map(|(attention, projection)| {
            format!("{attention}.processor.to_{}", projection.trim_end_matches(".0"))
        });
        names.extend(carried.iter().map(|carried| format!("{dotted}.{carried}")));
        if part == Part::UNet {
            // Files of the UNet alone leave its name out, and those of PEFT give the one of their wrapper.
            names.extend([place.to_owned(), format!("base_model.model.{place}")]);
            names.extend(carried);
        }
        for known in names {
            self.0.insert(known, (part, name.to_owned(), shape.to_vec()));
        }
    }

    pub fn find(&self, place: &str) -> Option<(Part, String, Vec<i64>)> {
        self.0.get(place).cloned()
    }
}
