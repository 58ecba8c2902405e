//! The names that tensors have in files of the original code (Rombach et al., "latent-diffusion"; Stability AI,
//! "generative-models"), for the names of diffusers.

use crate::archive::{Place, View};

/// A UNet's; `layers` are its residual blocks for each stage, `stages` how many stages there are, and
/// `attends` says of which stages have transformers, from the finest.
pub(super) fn unet(name: &str, layers: usize, attends: &[bool]) -> Option<String> {
    let stages = attends.len();
    let parts: Vec<&str> = name.split('.').collect();
    let number = |at: usize| parts.get(at)?.parse::<usize>().ok();
    let rest = |from: usize| parts.get(from..).map(|rest| rest.join("."));
    let inner = |from: usize| Some(resnet(&rest(from)?));
    Some(match *parts.first()? {
        "conv_in" => format!("input_blocks.0.0.{}", rest(1)?),
        "conv_norm_out" => format!("out.0.{}", rest(1)?),
        "conv_out" => format!("out.2.{}", rest(1)?),
        embedding @ ("time_embedding" | "add_embedding") => {
            let place = if embedding == "time_embedding" { "time_embed" } else { "label_emb.0" };
            match *parts.get(1)? {
                "linear_1" => format!("{place}.0.{}", rest(2)?),
                "linear_2" => format!("{place}.2.{}", rest(2)?),
                other => format!("{place}.{other}.{}", rest(2)?),
            }
        }
        "down_blocks" => {
            let stage = number(1)?;
            let at = 1 + stage * (layers + 1) + number(3)?;
            match *parts.get(2)? {
                "resnets" => format!("input_blocks.{at}.0.{}", inner(4)?),
                "attentions" => format!("input_blocks.{at}.1.{}", rest(4)?),
                _ => format!("input_blocks.{}.0.op.{}", (stage + 1) * (layers + 1), rest(5)?),
            }
        }
        "mid_block" => match (*parts.get(1)?, number(2)?) {
            ("resnets", n) => format!("middle_block.{}.{}", 2 * n, inner(3)?),
            (_, n) => format!("middle_block.{}.{}", 2 * n + 1, rest(3)?),
        },
        "up_blocks" => {
            let index = number(1)?;
            let at = index * (layers + 1) + number(3)?;
            match *parts.get(2)? {
                "resnets" => format!("output_blocks.{at}.0.{}", inner(4)?),
                "attentions" => format!("output_blocks.{at}.1.{}", rest(4)?),
                _ => {
                    let attends = *attends.get(stages.checked_sub(1 + index)?)?;
                    let at = index * (layers + 1) + layers;
                    format!("output_blocks.{at}.{}.{}", 1 + usize::from(attends), rest(4)?)
                }
            }
        }
        _ => return None,
    })
}

/// A ControlNet's (Zhang et al., "ControlNet"), whose drawing passes so many convolutions; the rest as for [`unet`].
pub(super) fn control(name: &str, hints: usize, layers: usize, attends: &[bool]) -> Option<String> {
    if let Some(place) = name.strip_prefix("controlnet_cond_embedding.") {
        // Between two convolutions is what makes them more than one.
        let (number, kind) = match place.split_once('.')? {
            ("conv_in", kind) => (0, kind),
            ("conv_out", kind) => (hints.checked_sub(1)?, kind),
            (_, block) => {
                let (block, kind) = block.split_once('.')?;
                (1 + block.parse::<usize>().ok()?, kind)
            }
        };
        return Some(format!("input_hint_block.{}.{kind}", 2 * number));
    }
    if let Some(place) = name.strip_prefix("controlnet_down_blocks.") {
        let (number, kind) = place.split_once('.')?;
        return Some(format!("zero_convs.{number}.0.{kind}"));
    }
    match name.strip_prefix("controlnet_mid_block.") {
        Some(kind) => Some(format!("middle_block_out.0.{kind}")),
        None => unet(name, layers, attends),
    }
}

/// Inside a residual block of a UNet.
fn resnet(name: &str) -> String {
    let (part, rest) = name.split_once('.').unwrap_or((name, ""));
    let part = match part {
        "norm1" => "in_layers.0",
        "conv1" => "in_layers.2",
        "time_emb_proj" => "emb_layers.1",
        "norm2" => "out_layers.0",
        "conv2" => "out_layers.3",
        "conv_shortcut" => "skip_connection",
        other => other,
    };
    format!("{part}.{rest}")
}

/// An autoencoder's of so many stages.
pub(super) fn autoencoder(name: &str, stages: usize) -> Option<Place> {
    let parts: Vec<&str> = name.split('.').collect();
    let whole = |name: String| Some(Place { name, view: View::Whole });
    let rest = |from: usize| parts.get(from..).map(|rest| rest.join("."));
    let number = |at: usize| parts.get(at)?.parse::<usize>().ok();
    let half = *parts.first()?;
    if half == "quant_conv" || half == "post_quant_conv" {
        return whole(name.to_owned());
    }
    match *parts.get(1)? {
        "conv_norm_out" => whole(format!("{half}.norm_out.{}", rest(2)?)),
        "mid_block" if parts.get(2) == Some(&"attentions") => {
            let inner = rest(4)?;
            let (part, rest) = inner.rsplit_once('.')?;
            let (part, view) = match part {
                "group_norm" => ("norm", View::Whole),
                "to_q" => ("q", View::Matrix),
                "to_k" => ("k", View::Matrix),
                "to_v" => ("v", View::Matrix),
                "to_out.0" => ("proj_out", View::Matrix),
                _ => return None,
            };
            Some(Place { name: format!("{half}.mid.attn_1.{part}.{rest}"), view })
        }
        "mid_block" => whole(format!("{half}.mid.block_{}.{}", number(3)? + 1, block(&rest(4)?))),
        side @ ("down_blocks" | "up_blocks") => {
            let stage = number(2)?;
            let place = match side {
                "down_blocks" => format!("{half}.down.{stage}"),
                _ => format!("{half}.up.{}", stages.checked_sub(1 + stage)?),
            };
            match *parts.get(3)? {
                "resnets" => whole(format!("{place}.block.{}.{}", number(4)?, block(&rest(5)?))),
                "downsamplers" => whole(format!("{place}.downsample.{}", rest(5)?)),
                _ => whole(format!("{place}.upsample.{}", rest(5)?)),
            }
        }
        _ => whole(name.to_owned()),
    }
}

/// Inside a residual block of an autoencoder.
fn block(name: &str) -> String {
    name.replace("conv_shortcut", "nin_shortcut")
}

/// A text encoder's as OpenCLIP writes it (Cherti et al., "Reproducible Scaling Laws for Contrastive
/// Language-Image Learning", 2022).
pub(super) fn open_clip(name: &str) -> Option<Place> {
    let whole = |name: &str| Some(Place { name: name.to_owned(), view: View::Whole });
    if name == "text_projection.weight" {
        return Some(Place { name: "text_projection".into(), view: View::Transposed });
    }
    let name = name.strip_prefix("text_model.")?;
    match name {
        "embeddings.token_embedding.weight" => return whole("token_embedding.weight"),
        "embeddings.position_embedding.weight" => return whole("positional_embedding"),
        _ => {}
    }
    if let Some(rest) = name.strip_prefix("final_layer_norm.") {
        return whole(&format!("ln_final.{rest}"));
    }
    let (layer, part) = name.strip_prefix("encoder.layers.")?.split_once('.')?;
    let (part, kind) = part.rsplit_once('.')?;
    let place = format!("transformer.resblocks.{layer}");
    let third = |n| Some(Place { name: format!("{place}.attn.in_proj_{kind}"), view: View::Third(n) });
    match part {
        "self_attn.q_proj" => third(0),
        "self_attn.k_proj" => third(1),
        "self_attn.v_proj" => third(2),
        "self_attn.out_proj" => whole(&format!("{place}.attn.out_proj.{kind}")),
        "layer_norm1" => whole(&format!("{place}.ln_1.{kind}")),
        "layer_norm2" => whole(&format!("{place}.ln_2.{kind}")),
        "mlp.fc1" => whole(&format!("{place}.mlp.c_fc.{kind}")),
        "mlp.fc2" => whole(&format!("{place}.mlp.c_proj.{kind}")),
        _ => None,
    }
}
