//! The tiny autoencoder (TAESD, Ollin Boer Bohan 2023): plain 3x3 convolutions, no normalisation.

use crate::LoadError;
use crate::config::{check, check_len};
use crate::layers::{Conv2d, ConvShape};
use crate::weights::Weights;
use serde::{Deserialize, Serialize};
use tch::Tensor;

/// diffusers' `config.json` of an `AutoencoderTiny`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoencoderTinyConfig {
    #[serde(rename = "_class_name")]
    pub class_name: String,
    pub in_channels: i64,
    pub out_channels: i64,
    pub encoder_block_out_channels: Vec<i64>,
    pub decoder_block_out_channels: Vec<i64>,
    pub act_fn: String,
    pub upsample_fn: String,
    pub latent_channels: i64,
    pub upsampling_scaling_factor: i64,
    pub num_encoder_blocks: Vec<i64>,
    pub num_decoder_blocks: Vec<i64>,
    pub latent_magnitude: f64,
    pub latent_shift: f64,
    pub force_upcast: bool,
    pub scaling_factor: f64,
    pub shift_factor: f64,
}

impl Default for AutoencoderTinyConfig {
    fn default() -> Self {
        Self {
            class_name: "AutoencoderTiny".into(),
            in_channels: 3,
            out_channels: 3,
            encoder_block_out_channels: vec![64; 4],
            decoder_block_out_channels: vec![64; 4],
            act_fn: "relu".into(),
            upsample_fn: "nearest".into(),
            latent_channels: 4,
            upsampling_scaling_factor: 2,
            num_encoder_blocks: vec![1, 3, 3, 3],
            num_decoder_blocks: vec![3, 3, 3, 1],
            latent_magnitude: 3.0,
            latent_shift: 0.5,
            force_upcast: false,
            scaling_factor: 1.0,
            shift_factor: 0.0,
        }
    }
}

impl AutoencoderTinyConfig {
    fn validate(&self) -> Result<(), LoadError> {
        check("in_channels", self.in_channels, 3..=3)?;
        check("out_channels", self.out_channels, 3..=3)?;
        check("latent_channels", self.latent_channels, 1..=64)?;
        check("upsampling_scaling_factor", self.upsampling_scaling_factor, 2..=2)?;
        check("num_encoder_blocks (stages)", self.num_encoder_blocks.len() as i64, 1..=8)?;
        check("num_decoder_blocks (stages)", self.num_decoder_blocks.len() as i64, 1..=8)?;
        check_len(
            "encoder_block_out_channels",
            self.encoder_block_out_channels.len(),
            self.num_encoder_blocks.len(),
        )?;
        check_len(
            "decoder_block_out_channels",
            self.decoder_block_out_channels.len(),
            self.num_decoder_blocks.len(),
        )?;
        for &channels in self.encoder_block_out_channels.iter().chain(&self.decoder_block_out_channels) {
            check("block_out_channels", channels, 1..=4096)?;
        }
        for &blocks in self.num_encoder_blocks.iter().chain(&self.num_decoder_blocks) {
            check("num_blocks", blocks, 0..=64)?;
        }
        if self.act_fn != "relu" {
            let why = format!("is {:?}; only \"relu\" is known for this network", self.act_fn);
            return Err(LoadError::config("config.json", "act_fn", why));
        }
        if self.upsample_fn != "nearest" {
            let why = format!("is {:?}; only \"nearest\" is known", self.upsample_fn);
            return Err(LoadError::config("config.json", "upsample_fn", why));
        }
        Ok(())
    }

    /// Channels at the size of pictures, on the way to them.
    pub fn widest(&self) -> i64 {
        self.decoder_block_out_channels.last().copied().unwrap_or_default()
    }

    /// Pixels per latent along one side.
    pub fn scale(&self) -> i64 {
        1 << (self.num_decoder_blocks.len() - 1)
    }
}

/// Pictures [B, 3, H, W] in -1..1 to latents [B, C, H/s, W/s] and back.
pub struct AutoencoderTiny {
    encoder: Vec<Layer>,
    decoder: TinyDecoder,
    config: AutoencoderTinyConfig,
}

/// Its second half, which is passed from hand to hand alone: latents [B, C, h, w] to pictures [B, 3, H, W].
pub struct TinyDecoder(Vec<Layer>);

enum Layer {
    Conv(Conv2d),
    Relu,
    Block(Box<Block>),
    Double,
}

struct Block([Conv2d; 3]);

impl AutoencoderTiny {
    /// Builds both halves from `weights`.
    pub fn new(weights: &Weights, config: &AutoencoderTinyConfig) -> Result<Self, LoadError> {
        config.validate()?;
        let encoder = encoder(&weights.at("encoder.layers"), config)?;
        let decoder = TinyDecoder::new(weights, config)?;
        Ok(Self { encoder, decoder, config: config.clone() })
    }

    pub fn config(&self) -> &AutoencoderTinyConfig {
        &self.config
    }

    /// Pictures [B, 3, H, W] in -1..1 to latents; H and W must be multiples of `config.scale()`.
    pub fn encode(&self, pictures: &Tensor) -> Tensor {
        run(&self.encoder, (pictures + 1.0) / 2.0)
    }

    /// Latents to pictures [B, 3, H, W], about -1..1 and not clamped.
    pub fn decode(&self, latents: &Tensor) -> Tensor {
        self.decoder.decode(latents)
    }
}

impl TinyDecoder {
    /// Builds it from the tensors below `decoder.layers`.
    pub fn new(weights: &Weights, config: &AutoencoderTinyConfig) -> Result<Self, LoadError> {
        config.validate()?;
        decoder(&weights.at("decoder.layers"), config).map(Self)
    }

    /// Latents to pictures [B, 3, H, W], about -1..1 and not clamped.
    pub fn decode(&self, latents: &Tensor) -> Tensor {
        // The soft clamp is part of the network: it keeps outliers from blowing up.
        run(&self.0, (latents / 3.0).tanh() * 3.0) * 2.0 - 1.0
    }
}

fn run(layers: &[Layer], x: Tensor) -> Tensor {
    layers.iter().fold(x, |x, layer| match layer {
        Layer::Conv(conv) => conv.forward(&x),
        Layer::Relu => x.relu(),
        Layer::Block(block) => block.forward(&x),
        Layer::Double => double(&x),
    })
}

fn double(x: &Tensor) -> Tensor {
    let size = x.size();
    x.upsample_nearest2d([size[2] * 2, size[3] * 2], 2.0, 2.0)
}

fn encoder(weights: &Weights, config: &AutoencoderTinyConfig) -> Result<Vec<Layer>, LoadError> {
    let mut layers = Vec::new();
    let stages = config.encoder_block_out_channels.iter().zip(&config.num_encoder_blocks);
    let mut last = config.in_channels;
    for (stage, (&channels, &blocks)) in stages.enumerate() {
        let shape = match stage {
            0 => ConvShape::same(config.in_channels, channels),
            _ => ConvShape { stride: 2, bias: false, ..ConvShape::same(channels, channels) },
        };
        layers.push(Layer::Conv(Conv2d::new(&weights.at(layers.len()), shape)?));
        for _ in 0..blocks {
            layers.push(Block::layer(&weights.at(layers.len()), channels)?);
        }
        last = channels;
    }
    let shape = ConvShape::same(last, config.latent_channels);
    layers.push(Layer::Conv(Conv2d::new(&weights.at(layers.len()), shape)?));
    Ok(layers)
}

fn decoder(weights: &Weights, config: &AutoencoderTinyConfig) -> Result<Vec<Layer>, LoadError> {
    let channels = &config.decoder_block_out_channels;
    let first = ConvShape::same(config.latent_channels, channels[0]);
    let mut layers = vec![Layer::Conv(Conv2d::new(&weights.at(0), first)?), Layer::Relu];
    for (stage, (&channels, &blocks)) in channels.iter().zip(&config.num_decoder_blocks).enumerate() {
        for _ in 0..blocks {
            layers.push(Block::layer(&weights.at(layers.len()), channels)?);
        }
        let last = stage + 1 == config.num_decoder_blocks.len();
        if !last {
            layers.push(Layer::Double);
        }
        let output = if last { config.out_channels } else { channels };
        let shape = ConvShape { bias: last, ..ConvShape::same(channels, output) };
        layers.push(Layer::Conv(Conv2d::new(&weights.at(layers.len()), shape)?));
    }
    Ok(layers)
}

impl Block {
    fn layer(weights: &Weights, channels: i64) -> Result<Layer, LoadError> {
        let conv = |at: &str| Conv2d::new(&weights.at(at), ConvShape::same(channels, channels));
        Ok(Layer::Block(Box::new(Self([conv("conv.0")?, conv("conv.2")?, conv("conv.4")?]))))
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        let [first, second, third] = &self.0;
        let inner = third.forward(&second.forward_relu(&first.forward_relu(x)));
        (inner + x).relu()
    }
}
