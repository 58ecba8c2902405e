//! Folders of diffusers: `model_index.json` and a folder for each part.

use super::{Parts, TextPart};
use crate::LoadError;
use crate::autoencoder::AutoencoderConfig;
use crate::card::Sidecar;
use crate::config;
use crate::reading::Reading;
use crate::scheduler::SchedulerConfig;
use crate::text::TextConfig;
use crate::tokenizer::ClipTokenizer;
use crate::weights::Weights;
use serde::Deserialize;
use std::path::Path;
use tch::Kind;

/// What `model_index.json` says beside the classes of the parts.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Index {
    force_zeros_for_empty_prompt: bool,
}

pub(super) fn open(folder: &Path, reading: &Reading) -> Result<Parts, LoadError> {
    if !folder.join("unet").is_dir() {
        return Err(LoadError::Unknown { path: folder.into(), why: what_it_is(folder).into() });
    }
    let open = |part: &str, stem: &str| Weights::open_part(&folder.join(part), stem, reading);
    let index = folder.join("model_index.json");
    let index: Index = if index.is_file() { config::read(&index)? } else { Index::default() };
    let text = |part: &str, tokenizer: &str| -> Result<TextPart, LoadError> {
        let config: TextConfig = config::read(&folder.join(part).join("config.json"))?;
        let length = config.max_position_embeddings as usize;
        let tokenizer = ClipTokenizer::open(&folder.join(tokenizer), length, config.vocab_size)?;
        Ok(TextPart { weights: open(part, "model")?, config, tokenizer })
    };
    let mut texts = vec![text("text_encoder", "tokenizer")?];
    if folder.join("text_encoder_2").is_dir() {
        let mut second = text("text_encoder_2", "tokenizer_2")?;
        second.config.pools = true;
        texts.push(second);
    }
    let schedule = folder.join("scheduler/scheduler_config.json");
    let scheduler: SchedulerConfig = config::read(&schedule)?;
    scheduler.validate().map_err(|refused| refused.at(&schedule))?;
    let stem = "diffusion_pytorch_model";
    let unet = open("unet", stem)?;
    let autoencoder = Weights::open_part(&folder.join("vae"), stem, &reading.as_kind(Kind::Float))?;
    let parts = texts.iter().map(|text| &text.weights).chain([&unet, &autoencoder]);
    let sizes = parts.map(Weights::size_of_files);
    Ok(Parts {
        size: sizes.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1)),
        unet: (config::read(&folder.join("unet/config.json"))?, unet),
        autoencoder: (AutoencoderConfig::read(&folder.join("vae/config.json"))?, autoencoder),
        texts,
        scheduler,
        sidecar: Sidecar::read(folder)?,
        zeros_for_no_words: index.force_zeros_for_empty_prompt,
        prediction_known: true,
    })
}

/// What a folder seems to be that is no whole checkpoint.
fn what_it_is(folder: &Path) -> &'static str {
    #[derive(Deserialize)]
    struct Part {
        #[serde(rename = "_class_name")]
        class_name: Option<String>,
    }
    let part = config::read::<Part>(&folder.join("config.json")).ok().and_then(|part| part.class_name);
    let holds_files = || {
        let mut beside = std::fs::read_dir(folder).into_iter().flatten().flatten();
        beside.any(|entry| entry.path().extension().is_some_and(|end| end == "safetensors"))
    };
    match part.as_deref() {
        Some("ControlNetModel") => "it is a ControlNet; give it beside a checkpoint",
        Some("UNet2DConditionModel") => "it is the UNet of a diffusers folder; give the folder around it",
        Some("AutoencoderTiny" | "AutoencoderKL") => "it is an autoencoder alone; give a whole checkpoint",
        _ if holds_files() => {
            "it is no folder of diffusers, which has a folder `unet`; give one of the files in it"
        }
        _ => {
            "a checkpoint in diffusers layout has the folders unet, vae, text_encoder, tokenizer and scheduler"
        }
    }
}
