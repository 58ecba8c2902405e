//! CLIP's byte-level BPE (Radford et al. 2021), with the ids that transformers' `CLIPTokenizer` gives.

use crate::LoadError;
use crate::config::{read, read_text};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use tokenizers::normalizers::NFC;
use tokenizers::{NormalizedString, Normalizer, Tokenizer};

const START: &str = "<|startoftext|>";
const END: &str = "<|endoftext|>";

/// How CLIP cuts text before merging; the contractions and classes are part of the model.
const PIECES: &str =
    r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+";

/// Text to token ids.
pub struct ClipTokenizer {
    engine: Engine,
    start: u32,
    end: u32,
    pad: u32,
    length: usize,
}

enum Engine {
    /// With the vocabulary of a folder.
    Read(Box<Tokenizer>),
    /// With the vocabulary that all published CLIP text encoders share.
    Published(Box<instant_clip_tokenizer::Tokenizer>),
}

impl ClipTokenizer {
    /// Reads `vocab.json` and `merges.txt`, or the same from `tokenizer.json`. Every id must be below
    /// `vocabulary`, the rows of the text encoder's table.
    pub fn open(folder: &Path, length: usize, vocabulary: i64) -> Result<Self, LoadError> {
        let broken = |why: String| LoadError::Tokenizer { path: folder.into(), why };
        let (vocab, merges) = tables(folder)?;
        if let Some((token, id)) = vocab.iter().find(|&(_, &id)| i64::from(id) >= vocabulary) {
            let why = format!("token {token:?} has id {id}; the text encoder knows {vocabulary} tokens");
            return Err(broken(why));
        }
        let id = |token: &str| {
            vocab.get(token).copied().ok_or_else(|| broken(format!("its vocabulary lacks {token}")))
        };
        let (start, end) = (id(START)?, id(END)?);
        let pad = match padding(folder)? {
            Some(token) => id(&token)?,
            None => end,
        };
        let text = pipeline(&vocab, &merges, start, end).to_string();
        let inner = Tokenizer::from_bytes(text).map_err(|e| broken(e.to_string()))?;
        Ok(Self { engine: Engine::Read(Box::new(inner)), start, end, pad, length })
    }

    /// The published vocabulary, for checkpoints that bring none; padded with the end, or with "!" as OpenCLIP's
    /// are.
    pub fn published(length: usize, pads_with_end: bool) -> Self {
        let inner = instant_clip_tokenizer::Tokenizer::new();
        let (start, end) = (inner.start_of_text().to_u16().into(), inner.end_of_text().to_u16().into());
        let pad = if pads_with_end { end } else { 0 };
        Self { engine: Engine::Published(Box::new(inner)), start, end, pad, length }
    }

    /// The id that ends a text.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// Words that one reading of the text encoder has room for.
    pub fn room(&self) -> usize {
        self.length.saturating_sub(2)
    }

    /// Ids of the words of `text`, however many.
    pub fn words(&self, text: &str) -> Result<Vec<u32>, String> {
        match &self.engine {
            Engine::Read(inner) => {
                Ok(inner.encode_fast(text, false).map_err(|e| e.to_string())?.get_ids().to_vec())
            }
            Engine::Published(inner) => {
                let mut composed = NormalizedString::from(text);
                NFC.normalize(&mut composed).map_err(|e| e.to_string())?;
                Ok(self.published_words(inner, composed.get()))
            }
        }
    }

    /// The reference reads the special tokens in a prompt as themselves.
    fn published_words(&self, inner: &instant_clip_tokenizer::Tokenizer, text: &str) -> Vec<u32> {
        let next = [(START, self.start), (END, self.end)]
            .into_iter()
            .filter_map(|(token, id)| text.find(token).map(|at| (at, token, id)))
            .min();
        let plain = |text: &str| {
            let mut words = Vec::new();
            inner.encode(text, &mut words);
            words.into_iter().map(|word| u32::from(word.to_u16())).collect::<Vec<_>>()
        };
        match next {
            None => plain(text),
            Some((at, token, id)) => {
                let mut words = plain(&text[..at]);
                words.push(id);
                words.extend(self.published_words(inner, &text[at + token.len()..]));
                words
            }
        }
    }

    /// Words as the text encoder reads them: start, words, end, padding, always `length` of them. What is too
    /// long is cut.
    pub fn framed(&self, words: &[u32]) -> Vec<i64> {
        let words = words.iter().take(self.room());
        let mut ids: Vec<i64> =
            std::iter::once(&self.start).chain(words).chain([&self.end]).map(|&id| i64::from(id)).collect();
        ids.resize(self.length, i64::from(self.pad));
        ids
    }

    /// Ids of `text`, always `length` of them.
    pub fn ids(&self, text: &str) -> Result<Vec<i64>, String> {
        Ok(self.framed(&self.words(text)?))
    }
}

type Tables = (HashMap<String, u32>, Vec<(String, String)>);

fn tables(folder: &Path) -> Result<Tables, LoadError> {
    let vocab = folder.join("vocab.json");
    if vocab.is_file() {
        let lines = read_text(&folder.join("merges.txt"))?;
        let pairs = lines.lines().filter(|line| !line.starts_with("#version") && !line.is_empty());
        return Ok((read(&vocab)?, pairs.map(|line| pair(folder, line)).collect::<Result<_, _>>()?));
    }
    let path = folder.join("tokenizer.json");
    if !path.is_file() {
        return Err(LoadError::Missing { path: vocab });
    }
    #[derive(Deserialize)]
    struct File {
        model: Model,
    }
    #[derive(Deserialize)]
    struct Model {
        vocab: HashMap<String, u32>,
        merges: Vec<Merge>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Merge {
        Pair(String, String),
        Line(String),
    }
    let model = read::<File>(&path)?.model;
    let merges = model.merges.into_iter().map(|merge| match merge {
        Merge::Pair(left, right) => Ok((left, right)),
        Merge::Line(line) => pair(folder, &line),
    });
    Ok((model.vocab, merges.collect::<Result<_, _>>()?))
}

fn pair(folder: &Path, line: &str) -> Result<(String, String), LoadError> {
    let (left, right) = line.split_once(' ').ok_or_else(|| LoadError::Tokenizer {
        path: folder.into(),
        why: format!("the merge {line:?} is no pair of tokens"),
    })?;
    Ok((left.into(), right.trim_end().into()))
}

/// The padding token where it is not the end token: Stable Diffusion 2 pads with "!".
fn padding(folder: &Path) -> Result<Option<String>, LoadError> {
    for name in ["special_tokens_map.json", "tokenizer_config.json"] {
        let path = folder.join(name);
        if !path.is_file() {
            continue;
        }
        let pad = &read::<Value>(&path)?["pad_token"];
        if let Some(token) = pad.as_str().or_else(|| pad["content"].as_str()) {
            return Ok(Some(token.into()));
        }
    }
    Ok(None)
}

/// What `tokenizer.json` would say. The reference reads the special tokens in a prompt as themselves.
fn pipeline(vocab: &HashMap<String, u32>, merges: &[(String, String)], start: u32, end: u32) -> Value {
    let special = |id: u32, content: &str| {
        json!({"id": id, "content": content, "special": true, "normalized": false,
               "single_word": false, "lstrip": false, "rstrip": false})
    };
    json!({
        "version": "1.0",
        "added_tokens": [special(start, START), special(end, END)],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "NFC"},
            {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
            {"type": "Lowercase"},
        ]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": PIECES}, "behavior": "Removed", "invert": true},
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        ]},
        "model": {"type": "BPE", "unk_token": END, "continuing_subword_prefix": "",
                  "end_of_word_suffix": "</w>", "fuse_unk": false, "vocab": vocab, "merges": merges},
    })
}
