//! The model folder: what was trained, in diffusers' layout, with the map that previews need.

use crate::runs;
use crate::styles::STYLES;
use crate::train::autoencoder::{self, Part};
use crate::train::diffusion::unet_config;
use crate::train::distil;
use crate::train::pairs::{Pairs, to_tensor};
use crate::train::state::Kept;
use sampler::autoencoder_tiny::{AutoencoderTiny, AutoencoderTinyConfig};
use sampler::config;
use sampler::scheduler::{BetaSchedule, Prediction, SchedulerConfig, Spacing};
use sampler::text::TextConfig;
use sampler::weights::{self, Weights};
use sampler::{Defaults, Distilled, LatentRgb, SchedulerKind, Sidecar};
use serde_json::json;
use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::path::Path;
use tch::{Kind, Tensor, no_grad};

/// Held-out pictures that the preview map is fitted to.
const FITTED: usize = 48;
/// Scale of the guidance that suits the model: styles are plainer than with 3, colours still true.
pub const GUIDANCE: f32 = 4.5;

/// How good the autoencoder and its preview are, in dB.
pub struct Figures {
    pub reproduction: f64,
    /// Preview against the decoded picture at the preview's size.
    pub preview: f64,
}

/// Writes the whole folder from the averages in `state`.
pub fn write(state: &Path, pairs: &Pairs, folder: &Path) -> Result<Figures, Box<dyn Error>> {
    let autoencoder = read(&state.join("autoencoder.average.safetensors"))?;
    let denoiser = read(&state.join("diffusion.average.safetensors"))?;
    let text: TextConfig = config::read(&state.join("text.json"))?;
    let vae = without_preview(autoencoder);
    part(folder, "vae", "diffusion_pytorch_model", &vae)?;
    part(folder, "unet", "diffusion_pytorch_model", &below(&denoiser, "unet."))?;
    part(folder, "text_encoder", "model", &below(&denoiser, "text."))?;
    config::write(&folder.join("vae/config.json"), &autoencoder::config())?;
    config::write(&folder.join("unet/config.json"), &unet_config())?;
    config::write(&folder.join("text_encoder/config.json"), &text)?;
    fs::create_dir_all(folder.join("scheduler"))?;
    config::write(&folder.join("scheduler/scheduler_config.json"), &scheduler())?;
    config::write(&folder.join("model_index.json"), &index())?;
    copy_tokenizer(state, folder)?;
    let distilled = distilled(state, folder)?;
    let (map, figures) = fit(vae, pairs)?;
    let sidecar = Sidecar {
        name: "Pentimento".into(),
        // Fresh noise at each step brings back the grain that guidance smooths away.
        defaults: Defaults { guidance: GUIDANCE, scheduler: SchedulerKind::Ddpm, ..Defaults::default() },
        guides_sketch: true,
        styles: STYLES.map(|style| style.words()[1].to_owned()).into(),
        distilled,
        preview: Some(map),
    };
    sidecar.write(folder)?;
    runs::copy(state, folder)?;
    Ok(figures)
}

/// The opposite of [`write`]: the folder's weights as the state of runs that have done no step yet.
pub fn adopt(folder: &Path, state: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(state)?;
    copy_tokenizer(folder, state)?;
    runs::copy(folder, state)?;
    let sidecar = Sidecar::read(folder)?.and_then(|sidecar| sidecar.preview);
    let map = sidecar.ok_or_else(|| format!("{}: no preview map", folder.display()))?;
    let (weight, bias) = map.latent_map();
    for (name, part) in [("vae", Part::Whole), ("vae_distilled", Part::Distilled)] {
        let file = folder.join(name).join("diffusion_pytorch_model.safetensors");
        // A smaller one of another shape is trained anew.
        let fits = || {
            Ok::<_, Box<dyn Error>>(
                config::read::<AutoencoderTinyConfig>(&folder.join(name).join("config.json"))?
                    == part.config(),
            )
        };
        if part == Part::Whole || (file.is_file() && fits()?) {
            let mut autoencoder = read(&file)?;
            let weight = Tensor::from_slice(&weight.concat()).view([3, -1, 1, 1]);
            autoencoder.insert("preview.weight".into(), weight);
            autoencoder.insert("preview.bias".into(), Tensor::from_slice(&bias));
            Kept::new(state, part.name()).start(&autoencoder)?;
        }
    }
    let unet = read(&folder.join("unet/diffusion_pytorch_model.safetensors"))?;
    let text = read(&folder.join("text_encoder/model.safetensors"))?;
    let named = |prefix: &'static str, tensors: BTreeMap<String, Tensor>| {
        tensors.into_iter().map(move |(name, tensor)| (format!("{prefix}.{name}"), tensor))
    };
    let distilled = folder.join("unet_distilled/diffusion_pytorch_model.safetensors");
    if distilled.is_file() {
        Kept::new(state, "distilled").start(&named("unet", read(&distilled)?).collect())?;
    }
    Kept::new(state, "diffusion").start(&named("unet", unet).chain(named("text", text)).collect())
}

/// The tensors of a safetensors file.
pub(crate) fn read(file: &Path) -> Result<BTreeMap<String, Tensor>, Box<dyn Error>> {
    let tensors = Tensor::read_safetensors(file).map_err(|e| format!("{}: {e}", file.display()))?;
    Ok(tensors.into_iter().collect())
}

fn below(tensors: &BTreeMap<String, Tensor>, prefix: &str) -> BTreeMap<String, Tensor> {
    let strip = |(name, tensor): (&String, &Tensor)| {
        name.strip_prefix(prefix).map(|name| (name.to_owned(), tensor.shallow_clone()))
    };
    tensors.iter().filter_map(strip).collect()
}

fn without_preview(autoencoder: BTreeMap<String, Tensor>) -> BTreeMap<String, Tensor> {
    autoencoder.into_iter().filter(|(name, _)| !name.starts_with("preview.")).collect()
}

/// The denoiser in few steps, if the state has one.
fn distilled(state: &Path, folder: &Path) -> Result<Option<Distilled>, Box<dyn Error>> {
    let file = Kept::new(state, "distilled").file("average.safetensors");
    if !file.is_file() {
        return Ok(None);
    }
    part(folder, "unet_distilled", "diffusion_pytorch_model", &below(&read(&file)?, "unet."))?;
    config::write(&folder.join("unet_distilled/config.json"), &unet_config())?;
    let vae = Kept::new(state, Part::Distilled.name()).file("average.safetensors");
    if vae.is_file() {
        part(folder, "vae_distilled", "diffusion_pytorch_model", &without_preview(read(&vae)?))?;
        config::write(&folder.join("vae_distilled/config.json"), &autoencoder::distilled_config())?;
    }
    Ok(Some(Distilled { steps: distil::STEPS as u32, live: Some(distil::LIVE_STEPS as u32) }))
}

fn copy_tokenizer(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(to.join("tokenizer"))?;
    for entry in fs::read_dir(from.join("tokenizer"))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join("tokenizer").join(entry.file_name()))?;
    }
    Ok(())
}

/// Half precision: the weights are far from its limits, and the files half as large.
fn part(
    folder: &Path,
    name: &str,
    stem: &str,
    tensors: &BTreeMap<String, Tensor>,
) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder.join(name))?;
    Ok(weights::write(&folder.join(name).join(format!("{stem}.safetensors")), tensors, Kind::Half)?)
}

fn scheduler() -> SchedulerConfig {
    SchedulerConfig {
        class_name: "DDIMScheduler".into(),
        beta_start: 0.00085,
        beta_end: 0.012,
        beta_schedule: BetaSchedule::ScaledLinear,
        prediction_type: Prediction::VPrediction,
        rescale_betas_zero_snr: true,
        timestep_spacing: Some(Spacing::Trailing),
        set_alpha_to_one: true,
        clip_sample: Some(false),
        ..SchedulerConfig::default()
    }
}

/// What diffusers builds from the folder.
fn index() -> serde_json::Value {
    json!({
        "_class_name": "StableDiffusionInstructPix2PixPipeline",
        "vae": ["diffusers", "AutoencoderTiny"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "scheduler": ["diffusers", "DDIMScheduler"],
        "safety_checker": [null, null],
        "feature_extractor": [null, null],
        "image_encoder": [null, null],
        "requires_safety_checker": false,
    })
}

/// Fits, by least squares, the decoded pictures at the size of their latents to the latents.
fn fit(vae: BTreeMap<String, Tensor>, pairs: &Pairs) -> Result<(LatentRgb, Figures), Box<dyn Error>> {
    let vae =
        AutoencoderTiny::new(&Weights::from_tensors(vae.into_iter().collect()), &autoencoder::config())?;
    let first = autoencoder::trained_on(pairs.len());
    let (mut latents, mut colours, mut reproduction) = (Vec::new(), Vec::new(), 0.0);
    let end = pairs.len().min(first + FITTED);
    for index in first..end {
        let truth = to_tensor(&pairs.picture(index)?, pairs.size()).unsqueeze(0);
        let latent = no_grad(|| vae.encode(&truth));
        let made = no_grad(|| vae.decode(&latent)).clamp(-1.0, 1.0);
        reproduction += crate::train::loss::psnr(&made, &truth) / (end - first) as f64;
        let small = made.avg_pool2d([8, 8], [8, 8], [0, 0], false, true, None);
        let rows = |x: &Tensor| x.flatten(2, 3).squeeze_dim(0).transpose(0, 1).to_kind(Kind::Double);
        latents.push(rows(&latent));
        colours.push(rows(&small));
    }
    let (z, colour) = (Tensor::cat(&latents, 0), Tensor::cat(&colours, 0));
    let reach =
        z.abs().flatten(0, 1).topk(z.numel() as i64 / 2000 + 1, 0, true, true).0.min().double_value(&[]);
    let ones = Tensor::ones([z.size()[0], 1], (Kind::Double, z.device()));
    let with_one = Tensor::cat(&[&z, &ones], 1);
    let solved = with_one
        .transpose(0, 1)
        .matmul(&with_one)
        .inverse()
        .matmul(&with_one.transpose(0, 1).matmul(&colour));
    let preview = crate::train::loss::psnr(&with_one.matmul(&solved), &colour);
    let at = |row: i64, column: i64| solved.double_value(&[row, column]) as f32;
    let weight = [0, 1, 2].map(|c| (0..4).map(|k| at(k, c)).collect());
    let map = LatentRgb::from_latent_map(-reach as f32, reach as f32, &weight, [0, 1, 2].map(|c| at(4, c)));
    Ok((map, Figures { reproduction, preview }))
}
