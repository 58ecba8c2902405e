//! The full variational autoencoder (Rombach et al. 2022), diffusers' `AutoencoderKL`.

use crate::LoadError;
use crate::config::{check, check_len};
use crate::error::{Interrupted, ask};
use crate::layers::{Conv2d, ConvShape, GroupNorm, Linear, attend};
use crate::unet::resnet::{Resnet, ResnetShape, Upsample};
use crate::weights::Weights;
use serde::{Deserialize, Serialize};
use tch::Tensor;

/// The reference fixes this epsilon for every normalisation of this network.
const EPS: f64 = 1e-6;

/// diffusers' `config.json` of an `AutoencoderKL`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AutoencoderKlConfig {
    #[serde(rename = "_class_name")]
    pub class_name: String,
    pub in_channels: i64,
    pub out_channels: i64,
    pub down_block_types: Vec<String>,
    pub up_block_types: Vec<String>,
    pub block_out_channels: Vec<i64>,
    pub layers_per_block: i64,
    pub act_fn: String,
    pub latent_channels: i64,
    pub norm_num_groups: i64,
    pub scaling_factor: f64,
    pub shift_factor: Option<f64>,
    pub use_quant_conv: bool,
    pub use_post_quant_conv: bool,
    pub mid_block_add_attention: bool,
}

impl Default for AutoencoderKlConfig {
    fn default() -> Self {
        Self {
            class_name: "AutoencoderKL".into(),
            in_channels: 3,
            out_channels: 3,
            down_block_types: vec!["DownEncoderBlock2D".into()],
            up_block_types: vec!["UpDecoderBlock2D".into()],
            block_out_channels: vec![64],
            layers_per_block: 1,
            act_fn: "silu".into(),
            latent_channels: 4,
            norm_num_groups: 32,
            scaling_factor: 0.18215,
            shift_factor: None,
            use_quant_conv: true,
            use_post_quant_conv: true,
            mid_block_add_attention: true,
        }
    }
}

impl AutoencoderKlConfig {
    /// Pixels per latent along one side.
    pub fn scale(&self) -> i64 {
        1 << (self.block_out_channels.len() - 1)
    }

    fn validate(&self) -> Result<(), LoadError> {
        let stages = self.block_out_channels.len();
        check("block_out_channels (stages)", stages as i64, 1..=8)?;
        check_len("down_block_types", self.down_block_types.len(), stages)?;
        check_len("up_block_types", self.up_block_types.len(), stages)?;
        check("in_channels", self.in_channels, 3..=3)?;
        check("out_channels", self.out_channels, 3..=3)?;
        check("latent_channels", self.latent_channels, 1..=64)?;
        check("layers_per_block", self.layers_per_block, 1..=16)?;
        check("norm_num_groups", self.norm_num_groups, 1..=1024)?;
        self.block_out_channels.iter().try_for_each(|&n| check("block_out_channels", n, 1..=8192))?;
        let plain = |kind: &String| kind == "DownEncoderBlock2D" || kind == "UpDecoderBlock2D";
        match self.down_block_types.iter().chain(&self.up_block_types).find(|kind| !plain(kind)) {
            Some(kind) => {
                let why = format!("holds {kind:?}, which is not supported");
                Err(LoadError::config("config.json", "block_types", why))
            }
            None => Ok(()),
        }
    }
}

/// Pictures [B, 3, H, W] in -1..1 to latents [B, C, H/s, W/s] (before scaling) and back.
pub struct AutoencoderKl {
    config: AutoencoderKlConfig,
    encoder: Half,
    decoder: Half,
    quant: Option<Conv2d>,
    post_quant: Option<Conv2d>,
}

/// Encoder and decoder are the same parts in another order.
struct Half {
    conv_in: Conv2d,
    stages: Vec<Stage>,
    middle: Middle,
    norm_out: GroupNorm,
    conv_out: Conv2d,
}

struct Stage {
    resnets: Vec<Resnet>,
    shrink: Option<Conv2d>,
    grow: Option<Upsample>,
}

struct Middle {
    resnets: [Resnet; 2],
    attention: Option<Attention>,
}

struct Attention {
    norm: GroupNorm,
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
}

impl AutoencoderKl {
    pub fn new(weights: &Weights, config: &AutoencoderKlConfig) -> Result<Self, LoadError> {
        config.validate()?;
        let latents = config.latent_channels;
        let quant = match config.use_quant_conv {
            true => Some(Conv2d::new(&weights.at("quant_conv"), ConvShape::point(2 * latents, 2 * latents))?),
            false => None,
        };
        let post_quant = match config.use_post_quant_conv {
            true => Some(Conv2d::new(&weights.at("post_quant_conv"), ConvShape::point(latents, latents))?),
            false => None,
        };
        Ok(Self {
            encoder: encoder(&weights.at("encoder"), config)?,
            decoder: decoder(&weights.at("decoder"), config)?,
            quant,
            post_quant,
            config: config.clone(),
        })
    }

    pub fn config(&self) -> &AutoencoderKlConfig {
        &self.config
    }

    /// The mode of the latent distribution of pictures [B, 3, H, W] in -1..1, unscaled.
    pub fn encode_while(
        &self,
        pictures: &Tensor,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Tensor, Interrupted> {
        let half = &self.encoder;
        let x = half.pass_stages(half.conv_in.forward(pictures), still_wanted)?;
        let x = half.leave(&half.middle.forward(&x, still_wanted)?);
        let moments = match &self.quant {
            Some(quant) => quant.forward(&x),
            None => x,
        };
        Ok(moments.narrow(1, 0, self.config.latent_channels))
    }

    /// Unscaled latents to pictures [B, 3, H, W], about -1..1 and not clamped.
    pub fn decode_while(
        &self,
        latents: &Tensor,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Tensor, Interrupted> {
        let half = &self.decoder;
        let x = match &self.post_quant {
            Some(quant) => half.conv_in.forward(&quant.forward(latents)),
            None => half.conv_in.forward(latents),
        };
        let x = half.pass_stages(half.middle.forward(&x, still_wanted)?, still_wanted)?;
        Ok(half.leave(&x))
    }
}

fn encoder(weights: &Weights, config: &AutoencoderKlConfig) -> Result<Half, LoadError> {
    let channels = &config.block_out_channels;
    let mut stages = Vec::new();
    for (index, &output) in channels.iter().enumerate() {
        let place = weights.at("down_blocks").at(index);
        let input = channels[index.saturating_sub(1)];
        let mut stage = Stage::new(&place, config, input, output, config.layers_per_block)?;
        if index + 1 < channels.len() {
            // Padded on the far sides only, in `forward`.
            let shape = ConvShape { stride: 2, padding: 0, ..ConvShape::same(output, output) };
            stage.shrink = Some(Conv2d::new(&place.at("downsamplers.0.conv"), shape)?);
        }
        stages.push(stage);
    }
    let last = channels[channels.len() - 1];
    Ok(Half {
        conv_in: Conv2d::new(&weights.at("conv_in"), ConvShape::same(config.in_channels, channels[0]))?,
        stages,
        middle: Middle::new(&weights.at("mid_block"), config, last)?,
        norm_out: GroupNorm::new(&weights.at("conv_norm_out"), config.norm_num_groups, last, EPS)?,
        conv_out: Conv2d::new(&weights.at("conv_out"), ConvShape::same(last, 2 * config.latent_channels))?,
    })
}

fn decoder(weights: &Weights, config: &AutoencoderKlConfig) -> Result<Half, LoadError> {
    let channels: Vec<i64> = config.block_out_channels.iter().rev().copied().collect();
    let mut stages = Vec::new();
    for (index, &output) in channels.iter().enumerate() {
        let place = weights.at("up_blocks").at(index);
        let input = channels[index.saturating_sub(1)];
        let mut stage = Stage::new(&place, config, input, output, config.layers_per_block + 1)?;
        if index + 1 < channels.len() {
            stage.grow = Some(Upsample::new(&place.at("upsamplers.0"), output)?);
        }
        stages.push(stage);
    }
    let last = channels[channels.len() - 1];
    Ok(Half {
        conv_in: Conv2d::new(&weights.at("conv_in"), ConvShape::same(config.latent_channels, channels[0]))?,
        stages,
        middle: Middle::new(&weights.at("mid_block"), config, channels[0])?,
        norm_out: GroupNorm::new(&weights.at("conv_norm_out"), config.norm_num_groups, last, EPS)?,
        conv_out: Conv2d::new(&weights.at("conv_out"), ConvShape::same(last, config.out_channels))?,
    })
}

impl Half {
    fn pass_stages(&self, x: Tensor, still_wanted: &dyn Fn() -> bool) -> Result<Tensor, Interrupted> {
        self.stages.iter().try_fold(x, |x, stage| stage.forward(x, still_wanted))
    }

    fn leave(&self, x: &Tensor) -> Tensor {
        self.conv_out.forward(&self.norm_out.forward_silu(x))
    }
}

fn resnet(
    weights: &Weights,
    config: &AutoencoderKlConfig,
    input: i64,
    output: i64,
) -> Result<Resnet, LoadError> {
    Resnet::new(weights, ResnetShape { input, output, time: None, groups: config.norm_num_groups, eps: EPS })
}

impl Stage {
    fn new(
        weights: &Weights,
        config: &AutoencoderKlConfig,
        input: i64,
        output: i64,
        layers: i64,
    ) -> Result<Self, LoadError> {
        let resnets = (0..layers)
            .map(|layer| {
                let input = if layer == 0 { input } else { output };
                resnet(&weights.at("resnets").at(layer), config, input, output)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { resnets, shrink: None, grow: None })
    }

    fn forward(&self, mut x: Tensor, still_wanted: &dyn Fn() -> bool) -> Result<Tensor, Interrupted> {
        for resnet in &self.resnets {
            ask(still_wanted)?;
            x = resnet.forward(&x, None);
        }
        ask(still_wanted)?;
        let size = x.size();
        Ok(match (&self.shrink, &self.grow) {
            (Some(shrink), _) => shrink.forward(&x.constant_pad_nd([0, 1, 0, 1])),
            (_, Some(grow)) => grow.forward(&x, [2 * size[2], 2 * size[3]]),
            _ => x,
        })
    }
}

impl Middle {
    fn new(weights: &Weights, config: &AutoencoderKlConfig, channels: i64) -> Result<Self, LoadError> {
        let resnet = |name: &str| resnet(&weights.at(name), config, channels, channels);
        let attention = match config.mid_block_add_attention {
            true => Some(Attention::new(&weights.at("attentions.0"), config.norm_num_groups, channels)?),
            false => None,
        };
        Ok(Self { resnets: [resnet("resnets.0")?, resnet("resnets.1")?], attention })
    }

    fn forward(&self, x: &Tensor, still_wanted: &dyn Fn() -> bool) -> Result<Tensor, Interrupted> {
        ask(still_wanted)?;
        let mut x = self.resnets[0].forward(x, None);
        if let Some(attention) = &self.attention {
            ask(still_wanted)?;
            x = attention.forward(&x);
        }
        ask(still_wanted)?;
        Ok(self.resnets[1].forward(&x, None))
    }
}

impl Attention {
    fn new(weights: &Weights, groups: i64, channels: i64) -> Result<Self, LoadError> {
        // Checkpoints from before diffusers 0.12 have other names for the same tensors.
        let project = |name: &str, old: &str| {
            let has = |name: &str| weights.has(&format!("{name}.weight"));
            let name = if has(old) && !has(name) { old } else { name };
            Linear::new(&weights.at(name), channels, channels)
        };
        Ok(Self {
            norm: GroupNorm::new(&weights.at("group_norm"), groups, channels, EPS)?,
            query: project("to_q", "query")?,
            key: project("to_k", "key")?,
            value: project("to_v", "value")?,
            output: project("to_out.0", "proj_attn")?,
        })
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        let tokens = self.norm.forward(x).flatten(2, 3).transpose(1, 2);
        let (query, key, value) =
            (self.query.forward(&tokens), self.key.forward(&tokens), self.value.forward(&tokens));
        let mixed = self.output.forward(&attend(&query, &key, &value, 1, false));
        mixed.transpose(1, 2).reshape(x.size()) + x
    }
}
