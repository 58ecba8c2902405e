//! One stage of the UNet: residual blocks, transformers where the stage attends, and a change of size.

use super::UNetConfig;
use super::attention::{Transformer, TransformerShape, Words};
use super::resnet::{Resnet, ResnetShape, Upsample};
use crate::LoadError;
use crate::error::{Interrupted, ask};
use crate::layers::{Conv2d, ConvShape};
use crate::weights::Weights;
use tch::Tensor;

/// A stage on the way down, the middle, or a stage on the way up.
pub(super) struct Stage {
    resnets: Vec<Resnet>,
    /// As many as residual blocks, or none; in the middle, one between each pair.
    transformers: Vec<Transformer>,
    shrink: Option<Conv2d>,
    grow: Option<Upsample>,
}

/// What every block of one forward pass is given.
pub(super) struct Pass<'a> {
    pub time: Tensor,
    pub words: std::slice::Iter<'a, Words>,
    pub still_wanted: &'a dyn Fn() -> bool,
}

impl Pass<'_> {
    fn ask(&self) -> Result<(), Interrupted> {
        ask(self.still_wanted)
    }
}

/// Builds the parts of one stage; `stage` counts from the finest.
struct Builder<'a, 'w> {
    weights: Weights<'w>,
    config: &'a UNetConfig,
    stage: usize,
}

impl Builder<'_, '_> {
    fn resnet(&self, index: usize, input: i64, output: i64) -> Result<Resnet, LoadError> {
        let shape = ResnetShape {
            input,
            output,
            time: Some(self.config.time_channels()),
            groups: self.config.norm_num_groups,
            eps: self.config.norm_eps,
        };
        Resnet::new(&self.weights.at("resnets").at(index), shape)
    }

    fn transformer(&self, index: usize, channels: i64) -> Result<Transformer, LoadError> {
        let shape = TransformerShape {
            channels,
            heads: self.config.attention_head_dim.get(self.stage),
            layers: self.config.transformer_layers_per_block.get(self.stage),
            text: self.config.cross_attention_dim.get(self.stage),
            groups: self.config.norm_num_groups,
            linear: self.config.use_linear_projection,
        };
        Transformer::new(&self.weights.at("attentions").at(index), shape)
    }

    fn attends(&self, field: &str, kind: &str, plain: &str, cross: &str) -> Result<bool, LoadError> {
        match kind {
            _ if kind == plain => Ok(false),
            _ if kind == cross => Ok(true),
            _ => {
                let why = format!("holds {kind:?}; {plain:?} and {cross:?} are supported");
                Err(LoadError::config("config.json", field, why))
            }
        }
    }
}

impl Stage {
    pub(super) fn down(weights: &Weights, config: &UNetConfig, stage: usize) -> Result<Self, LoadError> {
        let build = Builder { weights: weights.at("down_blocks").at(stage), config, stage };
        let kind = &config.down_block_types[stage];
        let attends = build.attends("down_block_types", kind, "DownBlock2D", "CrossAttnDownBlock2D")?;
        let output = config.block_out_channels[stage];
        let mut input = config.block_out_channels[stage.saturating_sub(1)];
        let (mut resnets, mut transformers) = (Vec::new(), Vec::new());
        for index in 0..config.layers_per_block.get(stage) as usize {
            resnets.push(build.resnet(index, input, output)?);
            if attends {
                transformers.push(build.transformer(index, output)?);
            }
            input = output;
        }
        let last = stage + 1 == config.block_out_channels.len();
        let shape = ConvShape { stride: 2, ..ConvShape::same(output, output) };
        let shrink = match last {
            true => None,
            false => Some(Conv2d::new(&build.weights.at("downsamplers.0.conv"), shape)?),
        };
        Ok(Self { resnets, transformers, shrink, grow: None })
    }

    pub(super) fn middle(weights: &Weights, config: &UNetConfig) -> Result<Self, LoadError> {
        let stage = config.block_out_channels.len() - 1;
        let build = Builder { weights: weights.at("mid_block"), config, stage };
        let channels = config.block_out_channels[stage];
        Ok(Self {
            resnets: vec![build.resnet(0, channels, channels)?, build.resnet(1, channels, channels)?],
            transformers: vec![build.transformer(0, channels)?],
            shrink: None,
            grow: None,
        })
    }

    /// `index` counts up blocks from the coarsest, as the checkpoint's names do.
    pub(super) fn up(weights: &Weights, config: &UNetConfig, index: usize) -> Result<Self, LoadError> {
        let channels = &config.block_out_channels;
        let stage = channels.len() - 1 - index;
        let build = Builder { weights: weights.at("up_blocks").at(index), config, stage };
        let kind = &config.up_block_types[index];
        let attends = build.attends("up_block_types", kind, "UpBlock2D", "CrossAttnUpBlock2D")?;
        let output = channels[stage];
        let layers = config.layers_per_block.get(stage) as usize + 1;
        let (mut resnets, mut transformers) = (Vec::new(), Vec::new());
        for layer in 0..layers {
            let below = if layer == 0 { channels[(stage + 1).min(channels.len() - 1)] } else { output };
            // The last skip of a stage was made by the stage above it (or by conv_in).
            let skip = if layer + 1 == layers { channels[stage.saturating_sub(1)] } else { output };
            resnets.push(build.resnet(layer, below + skip, output)?);
            if attends {
                transformers.push(build.transformer(layer, output)?);
            }
        }
        let grow = match stage {
            0 => None,
            _ => Some(Upsample::new(&build.weights.at("upsamplers.0"), output)?),
        };
        Ok(Self { resnets, transformers, shrink: None, grow })
    }

    /// Appends the keys and values of the words for every cross-attention, in forward order.
    pub(super) fn words(&self, text: &Tensor, into: &mut Vec<Words>) {
        self.transformers.iter().for_each(|transformer| transformer.words(text, into));
    }

    /// Pushes what the way up will need.
    pub(super) fn descend(
        &self,
        mut x: Tensor,
        skips: &mut Vec<Tensor>,
        pass: &mut Pass,
    ) -> Result<Tensor, Interrupted> {
        for (index, resnet) in self.resnets.iter().enumerate() {
            pass.ask()?;
            x = self.block(index, resnet, &x, pass);
            skips.push(x.shallow_clone());
        }
        if let Some(shrink) = &self.shrink {
            x = shrink.forward(&x);
            skips.push(x.shallow_clone());
        }
        Ok(x)
    }

    pub(super) fn cross(&self, mut x: Tensor, pass: &mut Pass) -> Result<Tensor, Interrupted> {
        for (index, resnet) in self.resnets.iter().enumerate() {
            pass.ask()?;
            x = self.block(index, resnet, &x, pass);
        }
        Ok(x)
    }

    /// Pops what the way down pushed.
    pub(super) fn ascend(
        &self,
        mut x: Tensor,
        skips: &mut Vec<Tensor>,
        pass: &mut Pass,
    ) -> Result<Tensor, Interrupted> {
        for (index, resnet) in self.resnets.iter().enumerate() {
            pass.ask()?;
            let skip = skips.pop().expect("the way down pushed one skip per residual block");
            x = self.block(index, resnet, &Tensor::cat(&[x, skip], 1), pass);
        }
        if let Some(grow) = &self.grow {
            // The next skip's size, not the double: an odd side was rounded on the way down.
            let size = skips.last().map_or_else(|| x.size(), Tensor::size);
            x = grow.forward(&x, [size[2], size[3]]);
        }
        Ok(x)
    }

    fn block(&self, index: usize, resnet: &Resnet, x: &Tensor, pass: &mut Pass) -> Tensor {
        let x = resnet.forward(x, Some(&pass.time));
        match self.transformers.get(index) {
            Some(transformer) => transformer.forward(&x, &mut pass.words),
            None => x,
        }
    }
}
