//! How checkpoints are laid out on disk: what is found in them, under the names that the networks use.

mod diffusers;
mod ldm;
mod shapes;
mod single;
#[cfg(test)]
mod tests;
mod whole;

pub(crate) use whole::{Inputs, inputs};

use crate::LoadError;
use crate::autoencoder::AutoencoderConfig;
use crate::autoencoder_tiny::AutoencoderTinyConfig;
use crate::card::Sidecar;
use crate::checkpoint::Checkpoint;
use crate::reading::Reading;
use crate::scheduler::SchedulerConfig;
use crate::text::TextConfig;
use crate::tokenizer::ClipTokenizer;
use crate::unet::{ControlNetConfig, UNetConfig};
use crate::weights::Weights;
use std::path::Path;

/// All of a model, not built yet.
pub(crate) struct Parts {
    pub unet: (UNetConfig, Weights<'static>),
    pub autoencoder: (AutoencoderConfig, Weights<'static>),
    /// One text encoder, or the two of SDXL.
    pub texts: Vec<TextPart>,
    pub scheduler: SchedulerConfig,
    /// What a model of ours says of itself.
    pub sidecar: Option<Sidecar>,
    /// No words are zeros for the UNet, not what the text encoder makes of them.
    pub zeros_for_no_words: bool,
    /// Bytes and elements of all that is used.
    pub size: (u64, u64),
    /// Whether what the UNet predicts is known; a file of one part does not always say.
    pub prediction_known: bool,
}

/// A ControlNet, not built yet.
pub(crate) struct ControlParts {
    pub config: ControlNetConfig,
    pub weights: Weights<'static>,
    /// Bytes and elements of it.
    pub size: (u64, u64),
}

pub(crate) struct TextPart {
    pub config: TextConfig,
    pub weights: Weights<'static>,
    pub tokenizer: ClipTokenizer,
}

/// Opens a diffusers folder or a single file; reads headers and configurations, and no weights yet. Those of the
/// UNet and the text encoders become what `reading` says when they are read, those of the autoencoder float32.
pub(crate) fn open(path: &Path, reading: &Reading) -> Result<Parts, LoadError> {
    match path {
        path if path.is_dir() => diffusers::open(path, reading),
        path if path.is_file() => single::open(path, reading),
        path => Err(LoadError::Missing { path: path.into() }),
    }
}

/// Whether a single file is a ControlNet, by the names of its tensors.
pub(crate) fn is_control(file: &Checkpoint) -> bool {
    let marks = ["control_model.", "input_hint_block.", "controlnet_cond_embedding."];
    file.names().any(|name| marks.iter().any(|mark| name.starts_with(mark)))
}

/// Opens a ControlNet: a folder in diffusers layout (`config.json` and weights), or a single file with the names of
/// either code.
pub(crate) fn open_control(path: &Path, reading: &Reading) -> Result<ControlParts, LoadError> {
    if path.is_file() {
        return single::open_control(path, reading);
    }
    let config = ControlNetConfig::read(&path.join("config.json"))?;
    let weights = Weights::open_part(path, "diffusion_pytorch_model", reading)?;
    Ok(ControlParts { config, size: weights.size_of_files(), weights })
}

/// Opens the decoder of a tiny autoencoder: a folder in diffusers layout, or a single file of either layout.
pub(crate) fn open_tiny(
    path: &Path,
    reading: &Reading,
) -> Result<(AutoencoderTinyConfig, Weights<'static>), LoadError> {
    if path.is_file() {
        return single::open_tiny(path, reading);
    }
    let file = path.join("config.json");
    match AutoencoderConfig::read(&file)? {
        AutoencoderConfig::Tiny(config) => {
            Ok((config, Weights::open_part(path, "diffusion_pytorch_model", reading)?))
        }
        AutoencoderConfig::Kl(_) => {
            Err(LoadError::config(file, "_class_name", "is no tiny autoencoder; \"AutoencoderTiny\" is one"))
        }
    }
}

/// What the original code calls a tensor of a UNet that diffusers calls `name`.
pub(crate) fn original_name(name: &str, config: &UNetConfig) -> Option<String> {
    ldm::unet(name, config.layers_per_block.get(0) as usize, &attends(config))
}

/// Of which stages there are transformers, from the finest.
fn attends(config: &UNetConfig) -> Vec<bool> {
    config.down_block_types.iter().map(|kind| kind.starts_with("CrossAttn")).collect()
}
