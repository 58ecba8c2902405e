//! Single files of the original code, as most checkpoints are passed from hand to hand. What they hold is
//! recognised by the names and shapes of their tensors.

use super::{ControlParts, Parts, TextPart, attends, ldm, original_name, shapes};
use crate::LoadError;
use crate::archive::{Archive, Place, Rename, View};
use crate::autoencoder::AutoencoderConfig;
use crate::autoencoder_tiny::AutoencoderTinyConfig;
use crate::checkpoint::Checkpoint;
use crate::reading::Reading;
use crate::scheduler::{BetaSchedule, Prediction, SchedulerConfig, Spacing};
use crate::text::TextConfig;
use crate::tokenizer::ClipTokenizer;
use crate::unet::UNetConfig;
use crate::weights::Weights;
use std::path::Path;
use std::rc::Rc;
use tch::{Device, Kind};

const UNET: &str = "model.diffusion_model.";
const AUTOENCODER: &str = "first_stage_model.";
/// Where the text encoder lies, and whose code names its tensors.
const TEXTS: [(&str, Names); 6] = [
    ("cond_stage_model.transformer.text_model.", Names::Clip),
    ("cond_stage_model.transformer.", Names::Clip),
    ("cond_stage_model.model.", Names::OpenClip),
    ("conditioner.embedders.0.transformer.text_model.", Names::Clip),
    ("conditioner.embedders.0.model.", Names::OpenClip),
    ("conditioner.embedders.1.model.", Names::OpenClip),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// transformers', whose earlier versions, and what was merged from their files, had no `text_model` before the rest.
    Clip,
    OpenClip,
}
/// More output blocks than any UNet of these families has.
const BLOCKS_MAX: i64 = 16;
/// The factor of SDXL's autoencoder; the earlier ones have [`AutoencoderKlConfig`]'s own.
const XL_SCALING: f64 = 0.13025;

pub(super) fn open(path: &Path, reading: &Reading) -> Result<Parts, LoadError> {
    let file = Rc::new(Checkpoint::open(path)?);
    let unknown = || LoadError::Unknown { path: path.into(), why: what_it_is(&file) };
    let unet = shapes::unet(&file, UNET).ok_or_else(unknown)?;
    let lacking = |what: &str| {
        let why = format!(
            "it holds a UNet, and no {what} that is known beside it; a checkpoint has both in one file"
        );
        LoadError::Unknown { path: path.into(), why }
    };
    let autoencoder = shapes::autoencoder(&file, AUTOENCODER);
    let mut autoencoder = autoencoder.ok_or_else(|| lacking("autoencoder (first_stage_model.…)"))?;
    let stored = |rename: Rename, reading: &Reading| {
        Weights::stored(Archive::renamed(file.clone(), rename), reading.clone())
    };
    let part = |rename: Rename| stored(rename, reading);
    let mut texts = Vec::new();
    for (prefix, names) in TEXTS {
        let config = match names {
            Names::Clip => shapes::clip(&file, prefix),
            Names::OpenClip => shapes::open_clip(&file, prefix),
        };
        if let Some(config) = config {
            texts.push(text(path, prefix, names, config, &part)?);
        }
    }
    if texts.is_empty() {
        return Err(lacking("text encoder (cond_stage_model.…)"));
    }
    let xl = unet.addition_embed_type.is_some();
    if xl && texts.len() < 2 {
        let why = "it has one text encoder, as the refiner of SDXL, which is not supported; its base has two";
        return Err(LoadError::Unknown { path: path.into(), why: why.into() });
    }
    if xl {
        autoencoder.scaling_factor = XL_SCALING;
    } else if let Some(TextPart { config, .. }) =
        texts.first_mut().filter(|text| text.config.hidden_act == "gelu")
    {
        // Stable Diffusion 2 leaves out OpenCLIP's last layer.
        config.num_hidden_layers -= 1;
    }
    let (prediction_type, prediction_known) = prediction(&file, &unet, &texts, xl);
    let stages = autoencoder.block_out_channels.len();
    let side = match (xl, prediction_type) {
        (true, _) => 128,
        (_, Prediction::VPrediction) => 96,
        _ => 64,
    };
    let unet = UNetConfig { sample_size: Some(side), ..unet };
    let named = unet.clone();
    let unet_rename = move |name: &str| {
        Some(Place { name: format!("{UNET}{}", original_name(name, &named)?), view: View::Whole })
    };
    let autoencoder_rename = move |name: &str| {
        let place = ldm::autoencoder(name, stages)?;
        Some(Place { name: format!("{AUTOENCODER}{}", place.name), ..place })
    };
    // Many files hold averages of the weights too, which nobody reads.
    let is_used = |name: &str| {
        let prefixes = TEXTS.iter().map(|(prefix, _)| *prefix).chain([UNET, AUTOENCODER]);
        prefixes.into_iter().any(|prefix| name.starts_with(prefix))
    };
    Ok(Parts {
        size: file.size(is_used),
        unet: (unet, part(Rc::new(unet_rename))),
        autoencoder: (
            AutoencoderConfig::Kl(autoencoder),
            stored(Rc::new(autoencoder_rename), &reading.as_kind(Kind::Float)),
        ),
        texts,
        scheduler: scheduler(prediction_type, file.shape("ztsnr").is_some()),
        sidecar: None,
        zeros_for_no_words: xl,
        prediction_known,
    })
}

/// Prefixes of a ControlNet: as it was trained, and as it is passed on.
const CONTROLS: [&str; 2] = ["control_model.", ""];

pub(super) fn open_control(path: &Path, reading: &Reading) -> Result<ControlParts, LoadError> {
    let file = Rc::new(Checkpoint::open(path)?);
    let unknown = |why: &str| LoadError::Unknown { path: path.into(), why: why.into() };
    if file.names().any(|name| name.starts_with("control_add_embedding.")) {
        return Err(unknown("it is a union of ControlNets, which is not supported"));
    }
    if let Some(config) = shapes::usual_control(&file) {
        let size = file.size(|_| true);
        let weights = Weights::stored(Archive::of(file), reading.clone());
        return Ok(ControlParts { config: config.validated()?, weights, size });
    }
    let found = CONTROLS.into_iter().find_map(|prefix| {
        let shape = |name: &str| file.shape(&format!("{prefix}{name}"));
        Some((prefix, shapes::control(&shape)?))
    });
    let Some((prefix, config)) = found else { return Err(unknown("it holds no ControlNet")) };
    let config = config.validated()?;
    // As they were trained, the checkpoint that they stand beside is in the file too.
    let size = file.size(|name| name.starts_with(prefix));
    let hints = 2 * config.conditioning_embedding_out_channels.len();
    let (layers, attends) = (config.unet.layers_per_block.get(0) as usize, attends(&config.unet));
    let rename = move |name: &str| {
        let stored = ldm::control(name, hints, layers, &attends)?;
        Some(Place { name: format!("{prefix}{stored}"), view: View::Whole })
    };
    let weights = Weights::stored(Archive::renamed(file, Rc::new(rename)), reading.clone());
    Ok(ControlParts { config, weights, size })
}

/// Prefixes of a tiny decoder, and the number of its first convolution: diffusers', and what its author's code calls
/// it alone and among others, where a clamp is the first layer.
const TINY: [(&str, usize); 4] = [("decoder.layers.", 0), ("taesd_decoder.", 1), ("decoder.", 1), ("", 1)];

pub(super) fn open_tiny(
    path: &Path,
    reading: &Reading,
) -> Result<(AutoencoderTinyConfig, Weights<'static>), LoadError> {
    let file = Rc::new(Checkpoint::open(path)?);
    let found = TINY
        .into_iter()
        .find_map(|(prefix, first)| Some((prefix, first, shapes::tiny(&file, prefix, first)?)));
    let Some((prefix, first, config)) = found else {
        let why = "it holds no decoder of a tiny autoencoder (TAESD)";
        return Err(LoadError::Unknown { path: path.into(), why: why.into() });
    };
    let rename = move |name: &str| {
        let (layer, rest) = name.strip_prefix("decoder.layers.")?.split_once('.')?;
        let name = format!("{prefix}{}.{rest}", layer.parse::<usize>().ok()? + first);
        Some(Place { name, view: View::Whole })
    };
    Ok((config, Weights::stored(Archive::renamed(file, Rc::new(rename)), reading.clone())))
}

fn text(
    path: &Path,
    prefix: &'static str,
    names: Names,
    config: TextConfig,
    part: &impl Fn(Rename) -> Weights<'static>,
) -> Result<TextPart, LoadError> {
    let rename = move |name: &str| {
        let place = match names {
            Names::OpenClip => ldm::open_clip(name)?,
            Names::Clip => Place { name: name.strip_prefix("text_model.")?.into(), view: View::Whole },
        };
        Some(Place { name: format!("{prefix}{}", place.name), ..place })
    };
    let length = config.max_position_embeddings as usize;
    let pools = prefix.contains(".1.");
    let beside = path.with_file_name(if pools { "tokenizer_2" } else { "tokenizer" });
    let tokenizer = match beside.is_dir() {
        true => ClipTokenizer::open(&beside, length, config.vocab_size)?,
        false => ClipTokenizer::published(length, names == Names::Clip),
    };
    if config.vocab_size <= i64::from(tokenizer.end()) {
        let why = format!("its text encoder knows {} tokens, which is no CLIP", config.vocab_size);
        return Err(LoadError::Unknown { path: path.into(), why });
    }
    let config = TextConfig { eos_token_id: Some(tokenizer.end().into()), pools, ..config };
    Ok(TextPart { weights: part(Rc::new(rename)), config, tokenizer })
}

/// The norm before the last attention of Stable Diffusion 2 is spread further than this where velocity is predicted, as ComfyUI
/// tells the two kinds apart.
const VELOCITY_SPREAD: f64 = 0.09;

/// Whether a UNet of Stable Diffusion 2 looks like one that predicts velocity, and was trained at 768 pixels for it; the first ones
/// predict noise, at 512 pixels. What it predicts is asked of itself once it is loaded; without that, this says how large its
/// pictures are.
fn seems_of_velocity(file: &Checkpoint) -> bool {
    let place = |n: i64| format!("{UNET}output_blocks.{n}.1.transformer_blocks.0.norm1.bias");
    let last = (0..BLOCKS_MAX).rev().map(place).find(|name| file.shape(name).is_some());
    let bias = last.and_then(|name| file.read(&name, Device::Cpu, Kind::Float).ok().flatten());
    bias.is_some_and(|bias| bias.std(false).double_value(&[]) > VELOCITY_SPREAD)
}

/// What the UNet predicts, and whether the file says so. Stable Diffusion 2 has checkpoints of either kind.
fn prediction(file: &Checkpoint, unet: &UNetConfig, texts: &[TextPart], xl: bool) -> (Prediction, bool) {
    let said = ["modelspec.prediction_type", "modelspec.predict_key", "prediction_type"]
        .into_iter()
        .find_map(|key| file.metadata(key));
    match said {
        Some("v" | "v_prediction") => return (Prediction::VPrediction, true),
        Some("epsilon") => return (Prediction::Epsilon, true),
        _ => {}
    }
    // A mark that fine-tunes of SDXL to predict velocity carry.
    if file.shape("v_pred").is_some() {
        return (Prediction::VPrediction, true);
    }
    let second = !xl && texts.iter().any(|text| text.config.hidden_act == "gelu");
    // Those that paint a part anew, or see depth, are of the first ones.
    let velocity = second && unet.in_channels == 4 && seems_of_velocity(file);
    (if velocity { Prediction::VPrediction } else { Prediction::Epsilon }, !second)
}

/// The noise schedule that all of these families were trained with; fine-tunes whose last noise level holds nothing of the picture
/// (Lin et al., "Common Diffusion Noise Schedules and Sample Steps are Flawed", 2023) carry a mark, and start there.
fn scheduler(prediction_type: Prediction, zero_snr: bool) -> SchedulerConfig {
    SchedulerConfig {
        beta_start: 0.00085,
        beta_end: 0.012,
        beta_schedule: BetaSchedule::ScaledLinear,
        prediction_type,
        set_alpha_to_one: false,
        steps_offset: 1,
        clip_sample: Some(false),
        timestep_spacing: Some(if zero_snr { Spacing::Trailing } else { Spacing::Leading }),
        rescale_betas_zero_snr: zero_snr,
        ..SchedulerConfig::default()
    }
}

/// What a file seems to be that is no whole checkpoint.
fn what_it_is(file: &Checkpoint) -> String {
    let any = |part: &str| file.names().any(|name| name.contains(part));
    let what = if any("lora_down") || any("lora_A") || any(".lora.") {
        "it is a LoRA; give it beside a checkpoint"
    } else if any("control_model.") || any("controlnet_cond_embedding") {
        "it is a ControlNet, which cannot be used alone"
    } else if any("double_blocks.") || any("joint_blocks.") || any("transformer_blocks.0.norm1_context") {
        "it is a transformer of a later family (Flux, Stable Diffusion 3), which is not supported"
    } else if any("down_blocks.") && any("time_embedding.") {
        "it is the UNet of a diffusers folder; give the folder"
    } else if any("decoder.conv_in.") || any("decoder.up.") {
        "it is an autoencoder alone"
    } else if any("text_model.") {
        "it is a text encoder alone"
    } else if any("model.diffusion_model.") {
        "it holds a UNet of an unknown shape, or no autoencoder or text encoder beside it"
    } else {
        "it holds no Stable Diffusion checkpoint: no tensor is named model.diffusion_model.…"
    };
    what.to_owned()
}
