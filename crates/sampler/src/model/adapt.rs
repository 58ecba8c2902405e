//! A model with LoRAs: the tensors that they change are replaced, all others stay shared.

use super::Model;
use crate::LoadError;
use crate::error::caught;
use crate::layout;
use crate::lora::{Lora, Part, Places};
use crate::text::ClipText;
use crate::unet::UNet;
use crate::weights::Weights;
use std::collections::HashMap;
use tch::{Tensor, no_grad};

impl Model {
    /// From now on the model is as it was loaded, with these LoRAs added, each so much. None of them takes all
    /// away again, to the bit.
    ///
    /// # Errors
    /// If one is for another family; the model stays what it is then.
    pub fn adapt(&mut self, loras: &[(&Lora, f32)]) -> Result<(), LoadError> {
        match caught(|| no_grad(|| self.adapted(loras))) {
            Ok(adapted) => adapted,
            Err(why) => Err(LoadError::Panicked { path: "the LoRAs".into(), why }),
        }
    }

    fn adapted(&mut self, loras: &[(&Lora, f32)]) -> Result<(), LoadError> {
        let mut sums = HashMap::new();
        if !loras.is_empty() {
            let places = self.places()?;
            for (lora, weight) in loras {
                lora.add_to(*weight, &places, &mut sums)?;
            }
        }
        let mut parts: Vec<HashMap<String, Tensor>> =
            (0..=self.texts.encoders().len()).map(|_| HashMap::new()).collect();
        for ((part, name), sum) in sums {
            let before = self.part(part).find(&name)?;
            if let Some(before) = before {
                let made = &before + sum.to_device(before.device()).to_kind(before.kind());
                parts[part].insert(name, made);
            }
        }
        let adapted = |part: usize, tensors| self.part(part).replaced(tensors);
        let mut parts = parts.into_iter().enumerate().map(|(part, tensors)| adapted(part, tensors));
        let unet_weights = parts.next().unwrap_or_else(|| self.unet_weights.clone());
        let unet = UNet::new(&unet_weights, self.unet.config())?;
        let texts = parts.zip(self.texts.encoders());
        let texts = texts.map(|(weights, (text, _))| ClipText::new(&weights, text.config()));
        let texts = texts.collect::<Result<Vec<_>, _>>()?;
        self.unet = unet;
        self.replays.forget();
        self.adapted_weights = unet_weights;
        self.texts.replace(texts);
        self.guide(self.guidance)
    }

    /// The weights of a part, as they were loaded.
    fn part(&self, part: usize) -> &Weights<'static> {
        match part {
            0 => &self.unet_weights,
            text => &self.text_weights[text - 1],
        }
    }

    fn places(&self) -> Result<Places, LoadError> {
        let mut places = Places::default();
        let parts = (0..self.texts.encoders().len()).map(Part::Text);
        for part in std::iter::once(Part::UNet).chain(parts) {
            let weights = self.part(part.index());
            for name in weights.names() {
                let shape = weights.shape(&name).unwrap_or_default();
                let original = match part {
                    Part::UNet => layout::original_name(&name, self.unet.config()),
                    Part::Text(_) => None,
                };
                // transformers 5 leaves this prefix out; everybody else counts on it.
                let full = match part {
                    Part::Text(_) if !name.starts_with("text_") => format!("text_model.{name}"),
                    _ => name.clone(),
                };
                places.add(part, &name, &full, original.as_deref(), &shape);
            }
        }
        Ok(places)
    }
}
