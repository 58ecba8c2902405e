//! Embeddings of words that a run has learned, carried over to another vocabulary.

use super::state::Kept;
use crate::vocabulary::Vocabulary;
use sampler::weights;
use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::Path;
use tch::{Kind, Tensor};

const EMBEDDING: &str = "text.text_model.embeddings.token_embedding.weight";

/// Renumbers what the denoiser's state in `folder` knows of words, from the ids in the tokenizer beside
/// it to those of `vocabulary`. A state without a tokenizer, or with the same one, is left alone.
///
/// # Errors
/// If a file cannot be read or written.
pub fn renumber(folder: &Path, vocabulary: &Vocabulary) -> Result<(), Box<dyn Error>> {
    let kept = Kept::new(folder, "diffusion");
    let file = folder.join("tokenizer/vocab.json");
    if !file.is_file() || !kept.file("step").is_file() {
        return Ok(());
    }
    let before: HashMap<String, i64> = serde_json::from_slice(&std::fs::read(file)?)?;
    if before.len() == vocabulary.len() && vocabulary.ids().all(|(token, id)| before.get(token) == Some(&id))
    {
        return Ok(());
    }
    for suffix in ["safetensors", "average.safetensors"] {
        let file = kept.file(suffix);
        let mut tensors: BTreeMap<_, _> = Tensor::read_safetensors(&file)?.into_iter().collect();
        // Done before an interruption.
        if tensors.get(EMBEDDING).is_some_and(|rows| rows.size()[0] == vocabulary.len() as i64) {
            continue;
        }
        let embedding = tensors.get_mut(EMBEDDING).ok_or("the state has no token embedding")?;
        *embedding = carried_over(embedding, &before, vocabulary);
        let part = kept.file("part");
        weights::write(&part, &tensors, Kind::Float)?;
        std::fs::rename(part, file)?;
    }
    Ok(())
}

/// Rows of known tokens by their ids of now; the others start at the mean, all the same.
fn carried_over(rows: &Tensor, before: &HashMap<String, i64>, vocabulary: &Vocabulary) -> Tensor {
    let mean = rows.mean_dim([0].as_slice(), false, Kind::Float);
    let row = |(token, _): (&str, i64)| match before.get(token) {
        Some(&id) => rows.get(id),
        None => mean.shallow_clone(),
    };
    Tensor::stack(&vocabulary.ids().map(row).collect::<Vec<_>>(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::Device;

    #[test]
    fn known_words_keep_their_embeddings() {
        let folder = tempfile::tempdir().expect("a folder");
        let before = Vocabulary::learn(["a red house", "a red boat"].into_iter(), 50);
        let after =
            Vocabulary::learn(["a green cat", "a green cat", "a red house", "a red one"].into_iter(), 50);
        before.write(&folder.path().join("tokenizer"), 8).expect("written");
        let rows = Tensor::randn([before.len() as i64, 4], (Kind::Float, Device::Cpu));
        let state = BTreeMap::from([(EMBEDDING.to_owned(), rows.shallow_clone())]);
        Kept::new(folder.path(), "diffusion").start(&state).expect("a state");
        renumber(folder.path(), &after).expect("renumbered");
        let kept = Tensor::read_safetensors(folder.path().join("diffusion.safetensors")).expect("a state");
        let id =
            |vocabulary: &Vocabulary, word| vocabulary.ids().find(|(token, _)| *token == word).map(|t| t.1);
        assert_eq!(kept[0].1.size(), [after.len() as i64, 4]);
        assert_ne!(id(&before, "<|endoftext|>"), id(&after, "<|endoftext|>"), "there is something to do");
        for word in ["red</w>", "<|endoftext|>"] {
            let (was, is) = (id(&before, word).expect("known"), id(&after, word).expect("known"));
            assert!(kept[0].1.get(is).equal(&rows.get(was)), "{word}");
        }
    }
}
