//! What decodes previews for viewers that want pictures: the model's own autoencoder, or a tiny one from a folder that
//! knows its latents.

use super::engine::Decode;
use sampler::{LoadError, Model};
use std::path::{Path, PathBuf};

/// # Errors
/// If the model cannot say how its previews become colour.
pub fn decoder(model: &Model, folder: &Path) -> Result<Box<dyn Decode>, LoadError> {
    let (known, unread) = model.tiny_decoders(&within(folder));
    for why in unread {
        tracing::warn!("no previews are decoded by this file: {why}");
    }
    match known.into_iter().max_by(|(a, _), (b, _)| a.total_cmp(b)) {
        Some((share, decoder)) => {
            tracing::info!(
                "previews of {} are decoded by a tiny autoencoder ({share:.3})",
                model.card().name
            );
            Ok(Box::new(decoder))
        }
        None => Ok(Box::new(model.decoder()?)),
    }
}

/// What could be a tiny autoencoder, by name.
fn within(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| match path.is_dir() {
        true => path.join("config.json").is_file(),
        false => path.extension().is_some_and(|end| end == "safetensors"),
    });
    paths.sort();
    paths
}
