//! A ControlNet beside a model, and what it says in one run.

use super::run::told_time;
use super::words::Told;
use super::{Model, Request};
use crate::LoadError;
use crate::error::{Interrupted, caught};
use crate::layout;
use crate::reading::Reading;
use crate::unet::{ControlNet, Residuals, TextKeys};
use std::path::Path;
use tch::{Kind, Tensor, no_grad};

impl Model {
    /// From now on the canvas steers each step through this ControlNet: a folder in diffusers layout (`config.json`
    /// and weights), or a single file of the original code.
    ///
    /// # Errors
    /// If it is none, or for another family.
    pub fn control(&mut self, folder: &Path) -> Result<(), LoadError> {
        let reading = Reading::exact(self.device).as_kind(self.kind);
        let read = || -> Result<ControlNet, LoadError> {
            let (config, weights) = layout::open_control(folder, &reading)?;
            ControlNet::new(&weights, &config)
        };
        let control = match caught(|| no_grad(read)) {
            Ok(control) => control?,
            Err(why) => return Err(LoadError::Panicked { path: folder.into(), why }),
        };
        let (theirs, ours) = (&control.config().unet, self.unet.config());
        let scale = 1_i64 << (control.config().conditioning_embedding_out_channels.len() - 1);
        let stages = 0..ours.block_out_channels.len();
        let fits = theirs.block_out_channels == ours.block_out_channels
            && stages.clone().all(|n| theirs.layers_per_block.get(n) == ours.layers_per_block.get(n))
            && stages.clone().all(|n| theirs.cross_attention_dim.get(n) == ours.cross_attention_dim.get(n))
            && theirs.in_channels == ours.out_channels
            && theirs.addition()? == ours.addition()?
            && scale == i64::from(self.scale());
        if !fits {
            let why = "it is a ControlNet for another family of checkpoints".to_owned();
            return Err(LoadError::Unknown { path: folder.into(), why });
        }
        self.card.sketch_conditioned = true;
        self.card.defaults.strength = 1.0;
        self.control = Some(control);
        Ok(())
    }
}

/// All that is constant in a run.
pub(super) struct Steering<'m> {
    control: &'m ControlNet,
    /// The drawing at the size of latents, [1, C, h, w].
    seen: Tensor,
    /// Embeddings of every step, [steps, 4 C].
    times: Tensor,
    added: Option<Tensor>,
    keys: TextKeys,
    scale: f64,
}

impl<'m> Steering<'m> {
    /// For passes of `told`, each for so many pictures; none without a drawing or a ControlNet.
    pub fn new(
        model: &'m Model,
        request: &Request,
        told: &[&Told],
        timesteps: &Tensor,
        sizes: &Tensor,
    ) -> Option<Self> {
        let control = model.control.as_ref().filter(|_| !request.distilled)?;
        let kind = model.kind;
        let drawing = match (&request.control, &request.canvas) {
            // Shown as it is.
            (Some(picture), _) => (picture.to_tensor(model.device, Kind::Float) / 2.0 + 0.5).to_kind(kind),
            (None, Some(canvas)) => canvas.to_lines(model.device, kind),
            (None, None) => return None,
        };
        let Told { words, pooled } = Told::batch(told, request.seeds.len() as i64, kind);
        Some(Self {
            control,
            seen: control.see(&drawing),
            times: control.embed_time(timesteps, kind),
            added: pooled.and_then(|pooled| control.embed_added(&pooled, sizes)),
            keys: control.text_keys(&words),
            scale: request.control_scale.into(),
        })
    }

    /// What is added in step `index` to a pass over `latents` [B, C, h, w], as the network expects them.
    pub fn residuals(
        &self,
        latents: &Tensor,
        index: usize,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Residuals, Interrupted> {
        let time = told_time(&self.times, index, self.added.as_ref());
        self.control.forward_while(latents, &self.seen, &time, &self.keys, self.scale, still_wanted)
    }
}
