//! Whether a checkpoint is whole, and its parts were made for each other: told by configurations and headers, before any weights
//! are read.

use super::{ControlParts, Parts};
use crate::LoadError;
use crate::autoencoder::Autoencoder;
use crate::text::ClipText;
use crate::unet::{ControlNet, UNet, UNetConfig};
use std::path::PathBuf;

/// What a UNet is given in each step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inputs {
    /// The noisy latents alone.
    Latents,
    /// The latents of the canvas too.
    WithCanvas,
    /// A mask, and the latents of what stays around it: checkpoints for inpainting.
    WithHole,
}

/// Numbers that SDXL is told beside the words: two sizes and a corner.
const SIZES: i64 = 6;

impl Parts {
    /// What the UNet is given, of a checkpoint that has all that its networks ask for.
    ///
    /// # Errors
    /// If a tensor is missing or has another shape, or the parts were not made for each other.
    pub fn fit_together(&self) -> Result<Inputs, LoadError> {
        let within = |part: &str| PathBuf::from(part).join("config.json");
        let (unet, weights) = &self.unet;
        UNet::new(&weights.unread(), unet).map_err(|why| why.at(&within("unet")))?;
        let (config, weights) = &self.autoencoder;
        let autoencoder =
            Autoencoder::new(&weights.unread(), config).map_err(|why| why.at(&within("vae")))?;
        let texts = self.texts.iter().zip(["text_encoder", "text_encoder_2"]).map(|(part, name)| {
            ClipText::new(&part.weights.unread(), &part.config).map_err(|why| why.at(&within(name)))
        });
        let texts: Vec<ClipText> = texts.collect::<Result<_, _>>()?;
        inputs(unet, texts.iter(), autoencoder.latent_channels())
    }
}

impl ControlParts {
    /// # Errors
    /// If a tensor is missing or has another shape.
    pub fn check(&self) -> Result<(), LoadError> {
        ControlNet::new(&self.weights.unread(), &self.config).map(drop)
    }
}

/// What a UNet is given beside these text encoders and latents of so many channels.
///
/// # Errors
/// If they were not made for each other.
pub(crate) fn inputs<'t>(
    unet: &UNetConfig,
    texts: impl Iterator<Item = &'t ClipText>,
    latents: i64,
) -> Result<Inputs, LoadError> {
    let texts: Vec<&ClipText> = texts.collect();
    let refuse = |field: &str, why: String| Err(LoadError::config("unet/config.json", field, why));
    let widths = texts.iter().map(|text| text.config().hidden_size);
    let words: i64 = widths.sum();
    for stage in 0..unet.block_out_channels.len() {
        let width = unet.cross_attention_dim.get(stage);
        if width != words {
            let why = format!(
                "is {width}, but the text encoder's hidden_size is {words}; get the one that belongs to it"
            );
            return refuse("cross_attention_dim", why);
        }
    }
    if let Some((waves, all)) = unet.addition()? {
        let Some(pooled) = texts.last().and_then(|text| text.pooled_width()) else {
            return refuse("addition_embed_type", "is of SDXL, whose second text encoder is missing".into());
        };
        if pooled + SIZES * waves != all {
            let why = format!(
                "is {all}; pooled words of {pooled} and {SIZES} sizes of {waves} do not fit it: get the text encoder that \
                 belongs to it"
            );
            return refuse("projection_class_embeddings_input_dim", why);
        }
    }
    if unet.out_channels != latents {
        let why = format!("is {}, but the autoencoder has {latents} latent channels", unet.out_channels);
        return refuse("out_channels", why);
    }
    match unet.in_channels {
        plain if plain == latents => Ok(Inputs::Latents),
        canvas if canvas == 2 * latents => Ok(Inputs::WithCanvas),
        hole if hole == 2 * latents + 1 => Ok(Inputs::WithHole),
        other => {
            let (canvas, hole) = (2 * latents, 2 * latents + 1);
            let why = format!(
                "is {other}; {latents}, {canvas} with the canvas, or {hole} with a mask is supported"
            );
            refuse("in_channels", why)
        }
    }
}
