//! Networks of the sizes that people use, with random weights.

use crate::figure::milliseconds;
use anyhow::{Context, Result};
use sampler::autoencoder_kl::{AutoencoderKl, AutoencoderKlConfig};
use sampler::text::{ClipText, TextConfig};
use sampler::unet::{Replays, TextKeys, UNet};
use sampler::weights::{self, Weights};
use sampler::{LoadError, Reading, config};
use serde::Serialize;
use serde_json::{Value, json};
use shim::inference::inferring;
use std::collections::HashMap;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;
use tch::{Device, Kind, Tensor, nn, no_grad};

const STEM: &str = "diffusion_pytorch_model";

/// Stable Diffusion 1.5's.
pub fn sd15() -> Value {
    json!({ "cross_attention_dim": 768, "sample_size": 64 })
}

/// Stable Diffusion XL's.
pub fn xl() -> Value {
    json!({
        "sample_size": 128,
        "block_out_channels": [320, 640, 1280],
        "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
        "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
        "transformer_layers_per_block": [1, 2, 10],
        "attention_head_dim": [5, 10, 20],
        "cross_attention_dim": 2048,
        "use_linear_projection": true,
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 256,
        "projection_class_embeddings_input_dim": 2816,
    })
}

/// One of them, ready for guided steps.
pub struct Large {
    config: Value,
    unet: UNet,
    replays: Replays,
    kind: Kind,
    device: Device,
}

/// What is constant in a job.
pub struct Job<'l> {
    large: &'l Large,
    sample: Tensor,
    time: Tensor,
    keys: TextKeys,
    number: u64,
}

/// Writes random weights in `kind` into a folder; gives their bytes.
pub fn write(config: &Value, kind: Kind, folder: &Path) -> Result<u64> {
    let path = folder.join(format!("{STEM}.safetensors"));
    write_as(&path, random(kind, Device::Cpu, unet_of(config)?)?, kind)
}

/// Writes a checkpoint of Stable Diffusion 1.5's sizes in half precision, as diffusers lays one out.
pub fn write_checkpoint(folder: &Path) -> Result<()> {
    write_part(&folder.join("unet"), STEM, &sd15(), unet_of(&sd15())?)?;

    let stages = |kind: &str| vec![kind.to_owned(); 4];
    let autoencoder = AutoencoderKlConfig {
        block_out_channels: vec![128, 256, 512, 512],
        layers_per_block: 2,
        down_block_types: stages("DownEncoderBlock2D"),
        up_block_types: stages("UpDecoderBlock2D"),
        ..AutoencoderKlConfig::default()
    };
    write_part(&folder.join("vae"), STEM, &autoencoder, |at| AutoencoderKl::new(at, &autoencoder).map(drop))?;

    let text = TextConfig {
        hidden_size: 768,
        intermediate_size: 3_072,
        num_attention_heads: 12,
        ..TextConfig::default()
    };
    write_part(&folder.join("text_encoder"), "model", &text, |at| ClipText::new(at, &text).map(drop))?;

    for part in ["tokenizer", "scheduler"] {
        fs::create_dir(folder.join(part))?;
    }
    for name in ["tokenizer/vocab.json", "tokenizer/merges.txt", "scheduler/scheduler_config.json"] {
        fs::copy(crate::model_folder().join(name), folder.join(name))?;
    }
    Ok(())
}

/// A part of such a checkpoint: its config, and random weights of all that the network of it asks for.
fn write_part(
    folder: &Path,
    stem: &str,
    config: &impl Serialize,
    ask: impl FnOnce(&Weights) -> Result<(), LoadError>,
) -> Result<()> {
    fs::create_dir(folder)?;
    config::write(&folder.join("config.json"), config)?;
    let weights = random(Kind::Half, Device::Cpu, ask)?;
    write_as(&folder.join(format!("{stem}.safetensors")), weights, Kind::Half)?;
    Ok(())
}

fn write_as(path: &Path, weights: HashMap<String, Tensor>, kind: Kind) -> Result<u64> {
    weights::write(path, &weights.into_iter().collect(), kind)?;
    Ok(fs::metadata(path)?.len())
}

fn unet_of(config: &Value) -> Result<impl FnOnce(&Weights) -> Result<(), LoadError>> {
    let config = serde_json::from_value(config.clone())?;
    Ok(move |at: &Weights| UNet::new(at, &config).map(drop))
}

/// Of what a network asks for.
fn random(
    kind: Kind,
    device: Device,
    ask: impl FnOnce(&Weights) -> Result<(), LoadError>,
) -> Result<HashMap<String, Tensor>> {
    let store = nn::VarStore::new(device);
    ask(&Weights::fresh(&store.root()))?;
    Ok(no_grad(|| store.variables().into_iter().map(|(name, tensor)| (name, tensor.to_kind(kind))).collect()))
}

impl Large {
    /// Of a config as diffusers writes it.
    pub fn new(config: Value, kind: Kind, device: Device) -> Result<Self> {
        let weights = Weights::owning(random(kind, device, unet_of(&config)?)?);
        Self::of(config, &weights, kind, device)
    }

    /// Of weights that [`write`] wrote, on a processor.
    pub fn read(config: Value, kind: Kind, folder: &Path) -> Result<Self> {
        let reading = Reading::exact(Device::Cpu).as_kind(kind);
        Self::of(config, &Weights::open_part(folder, STEM, &reading)?, kind, Device::Cpu)
    }

    fn of(config: Value, weights: &Weights, kind: Kind, device: Device) -> Result<Self> {
        let unet = UNet::new(weights, &serde_json::from_value(config.clone())?)?;
        Ok(Self { config, unet, replays: Replays::default(), kind, device })
    }

    /// What the reference is asked for the same step.
    pub fn question(&self, side: i64) -> Value {
        let kind = match self.kind {
            Kind::Half => "float16",
            Kind::BFloat16 => "bfloat16",
            _ => "float32",
        };
        let device = if self.device.is_cuda() { "cuda" } else { "cpu" };
        json!({
            "folder": null, "config": self.config, "kind": kind, "device": device, "side": side, "words": 77,
            "steps": 1,
        })
    }

    /// A guided job at this side of the latents.
    pub fn job(&self, side: i64, number: u64) -> Job<'_> {
        inferring(|| {
            let config = self.unet.config();
            let random = |shape: &[i64]| Tensor::randn(shape, (self.kind, self.device));
            let text = random(&[2, 77, config.cross_attention_dim.get(0)]);
            let moment = Tensor::from_slice(&[500_i64]).to_device(self.device);
            let mut time = self.unet.embed_time(&moment, None, self.kind);
            let sizes = Tensor::ones([6], (Kind::Float, self.device));
            if let Some(added) = self.unet.embed_added(&random(&[2, 1280]), &sizes) {
                time = time + added;
            }
            let keys = self.unet.text_keys(&text);
            Job { large: self, sample: random(&[2, 4, side, side]), time, keys, number }
        })
    }
}

impl Job<'_> {
    /// Milliseconds of one guided step, both halves in one batch; on a GPU as a graph.
    pub fn step(&self) -> Result<f64> {
        self.timed(true)
    }

    /// As `step`, without graphs.
    pub fn eager_step(&self) -> Result<f64> {
        self.timed(false)
    }

    fn timed(&self, recorded: bool) -> Result<f64> {
        let Large { unet, replays, device, .. } = self.large;
        let wait = || {
            if let Device::Cuda(index) = *device {
                tch::Cuda::synchronize(index as i64);
            }
        };
        inferring(|| {
            wait();
            let begun = Instant::now();
            let recorded = match recorded && device.is_cuda() {
                true => replays.forward(unet, &self.sample, &self.time, &self.keys, self.number),
                false => None,
            };
            let both = match recorded {
                Some(both) => both,
                None => unet
                    .forward_while(&self.sample, &self.time, &self.keys, &|| true)
                    .ok()
                    .context("it is always wanted")?,
            };
            let halves = both.chunk(2, 0);
            drop(black_box(&halves[0] + (&halves[1] - &halves[0]) * 4.5));
            wait();
            Ok(milliseconds(begun.elapsed()))
        })
    }
}
