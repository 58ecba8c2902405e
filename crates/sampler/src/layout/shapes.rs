//! What a file without configurations tells by the shapes of its tensors.

use super::ldm;
use crate::autoencoder_kl::AutoencoderKlConfig;
use crate::autoencoder_tiny::AutoencoderTinyConfig;
use crate::checkpoint::Checkpoint;
use crate::text::TextConfig;
use crate::unet::{ControlNetConfig, PerStage, UNetConfig};
use std::collections::HashMap;

/// Heads of the transformers whose projections are convolutions (Stable Diffusion 1), and channels of a head
/// where they are linear (2 and XL).
const HEADS: i64 = 8;
const HEAD_CHANNELS: i64 = 64;
/// More of anything is no such network.
const MOST: usize = 64;

/// A UNet under `prefix`.
pub(super) fn unet(file: &Checkpoint, prefix: &str) -> Option<UNetConfig> {
    let out_channels = *file.shape(&format!("{prefix}out.2.weight"))?.first()? as i64;
    let shape = |name: &str| file.shape(&format!("{prefix}{name}"));
    Some(UNetConfig { out_channels, ..way_down(&shape)? })
}

/// A ControlNet, by the shapes of what the original code names so.
pub(super) fn control<'f>(shape: &dyn Fn(&str) -> Option<&'f [usize]>) -> Option<ControlNetConfig> {
    let hint =
        |n: usize, dim: usize| shape(&format!("input_hint_block.{n}.weight"))?.get(dim).map(|&n| n as i64);
    // The first convolution, and of each pair after it the second, but for the last of all.
    let mut channels = vec![hint(0, 0)?];
    channels.extend((1..MOST).map_while(|n| hint(4 * n + 2, 0).and_then(|_| hint(4 * n, 0))));
    let unet = way_down(shape)?;
    Some(ControlNetConfig {
        conditioning_channels: hint(0, 1)?,
        conditioning_embedding_out_channels: channels,
        unet: UNetConfig { class_name: "ControlNetModel".into(), ..unet },
        ..ControlNetConfig::default()
    })
}

/// A ControlNet in a file with diffusers' names and no configuration beside it.
pub(super) fn usual_control(file: &Checkpoint) -> Option<ControlNetConfig> {
    let stage = |stage: usize, part: &str| file.shape(&format!("down_blocks.{stage}.{part}")).is_some();
    let layer = |n: &usize| stage(0, &format!("resnets.{n}.conv1.weight"));
    let layers = (0..MOST).take_while(layer).count();
    let stages = (0..MOST).take_while(|&n| stage(n, "resnets.0.conv1.weight"));
    let attends: Vec<bool> = stages.map(|n| stage(n, "attentions.0.norm.weight")).collect();
    let hint = |n: &usize| file.shape(&format!("controlnet_cond_embedding.blocks.{n}.weight")).is_some();
    let hints = 2 + (0..MOST).take_while(hint).count();
    // As the original code would name them.
    let original = file.names().filter_map(|name| {
        let other = ldm::control(name, hints, layers, &attends)?;
        Some((other, file.shape(name)?))
    });
    let original: HashMap<String, &[usize]> = original.collect();
    control(&|name| original.get(name).copied())
}

/// What a UNet and a ControlNet share.
fn way_down<'f>(shape: &dyn Fn(&str) -> Option<&'f [usize]>) -> Option<UNetConfig> {
    let side = |name: &str, dim: usize| shape(name)?.get(dim).map(|&n| n as i64);
    let block = |n: usize, part: &str| format!("input_blocks.{n}.{part}");
    // The first change of size ends the first stage.
    let layers = (1..MOST).find(|&n| shape(&block(n, "0.op.weight")).is_some()).map_or_else(
        || (1..MOST).take_while(|&n| shape(&block(n, "0.in_layers.2.weight")).is_some()).count(),
        |n| n - 1,
    );
    let first = |stage: usize| 1 + stage * (layers + 1);
    let stages = (0..MOST).take_while(|&s| shape(&block(first(s), "0.in_layers.2.weight")).is_some()).count();
    let channels = |s: usize| side(&block(first(s), "0.in_layers.2.weight"), 0);
    let attends: Vec<bool> =
        (0..stages).map(|s| shape(&block(first(s), "1.norm.weight")).is_some()).collect();
    let depth = |place: &str| {
        let there = |n: &usize| shape(&format!("{place}.transformer_blocks.{n}.attn2.to_k.weight")).is_some();
        (0..MOST).take_while(there).count().max(1) as i64
    };
    let middle = "middle_block.1";
    let deepest = attends.iter().rposition(|attends| *attends);
    let place = deepest.map_or_else(|| middle.to_owned(), |s| block(first(s), "1"));
    let linear = shape(&format!("{place}.proj_in.weight"))?.len() == 2;
    let channels: Vec<i64> = (0..stages).map(channels).collect::<Option<_>>()?;
    let depths = (0..stages).map(|s| match attends[s] {
        true => depth(&block(first(s), "1")),
        // The middle's, which is told as the last stage's.
        false if s + 1 == stages => depth(middle),
        false => 1,
    });
    let heads = channels.iter().map(|c| if linear { (c / HEAD_CHANNELS).max(1) } else { HEADS });
    let added = side("label_emb.0.0.weight", 1);
    let kinds = |cross: &str, plain: &str| -> Vec<String> {
        attends.iter().map(|attends| if *attends { cross } else { plain }.to_owned()).collect()
    };
    let mut up = kinds("CrossAttnUpBlock2D", "UpBlock2D");
    up.reverse();
    Some(UNetConfig {
        in_channels: side("input_blocks.0.0.weight", 1)?,
        down_block_types: kinds("CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types: up,
        attention_head_dim: PerStage::Each(heads.collect()),
        block_out_channels: channels,
        layers_per_block: PerStage::One(layers as i64),
        cross_attention_dim: PerStage::One(side(
            &format!("{place}.transformer_blocks.0.attn2.to_k.weight"),
            1,
        )?),
        transformer_layers_per_block: PerStage::Each(depths.collect()),
        use_linear_projection: linear,
        addition_embed_type: added.map(|_| "text_time".to_owned()),
        addition_time_embed_dim: added.map(|_| 256),
        projection_class_embeddings_input_dim: added,
        time_cond_proj_dim: side("time_embed.cond_proj.weight", 1),
        ..UNetConfig::default()
    })
}

/// A full autoencoder under `prefix`.
pub(super) fn autoencoder(file: &Checkpoint, prefix: &str) -> Option<AutoencoderKlConfig> {
    let shape = |name: &str| file.shape(&format!("{prefix}{name}"));
    let down =
        |stage: usize, layer: usize| shape(&format!("encoder.down.{stage}.block.{layer}.conv1.weight"));
    let channels: Vec<i64> =
        (0..MOST).map_while(|stage| down(stage, 0)).map(|shape| shape[0] as i64).collect();
    let latents = *shape("decoder.conv_in.weight")?.get(1)? as i64;
    Some(AutoencoderKlConfig {
        down_block_types: vec!["DownEncoderBlock2D".into(); channels.len()],
        up_block_types: vec!["UpDecoderBlock2D".into(); channels.len()],
        block_out_channels: channels,
        layers_per_block: (0..MOST).take_while(|&layer| down(0, layer).is_some()).count() as i64,
        latent_channels: latents,
        ..AutoencoderKlConfig::default()
    })
}

/// A tiny decoder whose layers are called `prefix` and a number, from `first` on.
pub(super) fn tiny(file: &Checkpoint, prefix: &str, first: usize) -> Option<AutoencoderTinyConfig> {
    let conv = |n: usize| file.shape(&format!("{prefix}{}.weight", first + n));
    let is_block = |n: usize| file.shape(&format!("{prefix}{}.conv.0.weight", first + n)).is_some();
    let latent_channels = *conv(0)?.get(1)? as i64;
    let (mut channels, mut blocks) = (vec![*conv(0)?.first()? as i64], vec![0]);
    // After the first convolution and what makes negative values zero.
    let mut at = 2;
    while at < MOST {
        if is_block(at) {
            *blocks.last_mut()? += 1;
        } else if let Some(shape) = conv(at) {
            // The last one makes colours; all others end a stage.
            let output = *shape.first()? as i64;
            if output == 3 {
                return Some(AutoencoderTinyConfig {
                    latent_channels,
                    encoder_block_out_channels: channels.clone(),
                    decoder_block_out_channels: channels,
                    num_encoder_blocks: blocks.iter().rev().copied().collect(),
                    num_decoder_blocks: blocks,
                    ..AutoencoderTinyConfig::default()
                });
            }
            channels.push(output);
            blocks.push(0);
        }
        at += 1;
    }
    None
}

/// A text encoder as transformers writes it, under `prefix`.
pub(super) fn clip(file: &Checkpoint, prefix: &str) -> Option<TextConfig> {
    let shape = |name: &str| file.shape(&format!("{prefix}{name}"));
    let layer = |n: usize| format!("encoder.layers.{n}.mlp.fc1.weight");
    text(
        shape("embeddings.token_embedding.weight")?,
        shape("embeddings.position_embedding.weight")?,
        shape(&layer(0))?,
        (0..MOST).take_while(|&n| shape(&layer(n)).is_some()).count(),
    )
}

/// A text encoder as OpenCLIP writes it, under `prefix`.
pub(super) fn open_clip(file: &Checkpoint, prefix: &str) -> Option<TextConfig> {
    let shape = |name: &str| file.shape(&format!("{prefix}{name}"));
    let layer = |n: usize| format!("transformer.resblocks.{n}.mlp.c_fc.weight");
    let config = text(
        shape("token_embedding.weight")?,
        shape("positional_embedding")?,
        shape(&layer(0))?,
        (0..MOST).take_while(|&n| shape(&layer(n)).is_some()).count(),
    )?;
    let projection = shape("text_projection").and_then(|shape| shape.get(1)).map(|&n| n as i64);
    Some(TextConfig {
        hidden_act: "gelu".into(),
        // OpenCLIP's heads have 64 channels, as CLIP's do.
        projection_dim: projection.unwrap_or(config.hidden_size),
        ..config
    })
}

fn text(tokens: &[usize], positions: &[usize], inner: &[usize], layers: usize) -> Option<TextConfig> {
    let (&[vocabulary, width], &[length, _], &[inner, _]) = (tokens, positions, inner) else { return None };
    Some(TextConfig {
        vocab_size: vocabulary as i64,
        hidden_size: width as i64,
        intermediate_size: inner as i64,
        num_hidden_layers: layers as i64,
        num_attention_heads: (width as i64 / HEAD_CHANNELS).max(1),
        max_position_embeddings: length as i64,
        projection_dim: width as i64,
        ..TextConfig::default()
    })
}
