//! The tokenizer's tables: byte-level byte-pair encoding (Sennrich et al. 2016) with CLIP's conventions.

use serde_json::json;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

const START: &str = "<|startoftext|>";
const END: &str = "<|endoftext|>";
/// Marks the last piece of a word.
const LAST: &str = "</w>";

/// Tokens in the order of their ids, and the merges in the order in which they apply.
pub struct Vocabulary {
    tokens: Vec<String>,
    merges: Vec<(String, String)>,
}

impl Vocabulary {
    /// Learns at most `most` merges from captions of lower-case words; pairs seen once are not merged.
    pub fn learn<'a>(captions: impl Iterator<Item = &'a str>, most: usize) -> Self {
        let mut words = count(captions);
        let bytes = byte_symbols();
        let mut tokens: Vec<String> = bytes.iter().cloned().collect();
        tokens.extend(bytes.iter().map(|symbol| format!("{symbol}{LAST}")));
        let mut merges = Vec::new();
        while merges.len() < most
            && let Some(pair) = commonest(&words)
        {
            let merged = format!("{}{}", pair.0, pair.1);
            for (pieces, _) in &mut words {
                merge(pieces, &pair, &merged);
            }
            // Two paths to one token are two merges and one entry.
            if !tokens.contains(&merged) {
                tokens.push(merged);
            }
            merges.push(pair);
        }
        tokens.extend([START.to_owned(), END.to_owned()]);
        Self { tokens, merges }
    }

    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Every token with its id.
    pub fn ids(&self) -> impl Iterator<Item = (&str, i64)> {
        self.tokens.iter().map(String::as_str).zip(0..)
    }

    /// Id of the token that begins every text; the one that ends it follows.
    pub fn start(&self) -> i64 {
        self.len() as i64 - 2
    }

    /// Writes `vocab.json`, `merges.txt` and what `CLIPTokenizer` wants beside them.
    pub fn write(&self, folder: &Path, length: i64) -> io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let vocab: BTreeMap<&String, usize> = self.tokens.iter().zip(0..).collect();
        std::fs::write(folder.join("vocab.json"), serde_json::to_vec(&vocab)?)?;
        let lines: Vec<String> =
            self.merges.iter().map(|(left, right)| format!("{left} {right}\n")).collect();
        std::fs::write(folder.join("merges.txt"), format!("#version: 0.2\n{}", lines.concat()))?;
        let special = json!({"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END});
        std::fs::write(folder.join("special_tokens_map.json"), serde_json::to_vec_pretty(&special)?)?;
        let mut config = special;
        config["tokenizer_class"] = json!("CLIPTokenizer");
        config["model_max_length"] = json!(length);
        config["do_lower_case"] = json!(true);
        std::fs::write(folder.join("tokenizer_config.json"), serde_json::to_vec_pretty(&config)?)
    }
}

/// Words as single bytes, the last one marked, with how often they occur.
fn count<'a>(captions: impl Iterator<Item = &'a str>) -> Vec<(Vec<String>, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for caption in captions {
        for word in caption.split(|c: char| !c.is_ascii_lowercase()).filter(|word| !word.is_empty()) {
            *counts.entry(word.to_owned()).or_default() += 1;
        }
    }
    let pieces = |word: String| {
        let last = word.len() - 1;
        word.char_indices()
            .map(|(i, c)| if i == last { format!("{c}{LAST}") } else { c.to_string() })
            .collect()
    };
    counts.into_iter().map(|(word, count)| (pieces(word), count)).collect()
}

fn commonest(words: &[(Vec<String>, usize)]) -> Option<(String, String)> {
    let mut pairs: BTreeMap<(&String, &String), usize> = BTreeMap::new();
    for (pieces, count) in words {
        for pair in pieces.windows(2) {
            *pairs.entry((&pair[0], &pair[1])).or_default() += count;
        }
    }
    let (pair, count) = pairs.into_iter().max_by_key(|(_, count)| *count)?;
    (count > 1).then(|| (pair.0.clone(), pair.1.clone()))
}

fn merge(pieces: &mut Vec<String>, pair: &(String, String), merged: &str) {
    let mut i = 0;
    while i + 1 < pieces.len() {
        if pieces[i] == pair.0 && pieces[i + 1] == pair.1 {
            pieces[i] = merged.to_owned();
            pieces.remove(i + 1);
        }
        i += 1;
    }
}

/// GPT-2's printable stand-ins for the 256 bytes, in CLIP's order: printable bytes first.
fn byte_symbols() -> Vec<String> {
    let printable = |byte: &u32| matches!(byte, 33..=126 | 161..=172 | 174..=255);
    let hidden = (0..256u32).filter(|byte| !printable(byte)).count() as u32;
    let codes = (0..256).filter(printable).chain(256..256 + hidden);
    codes.filter_map(char::from_u32).map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sampler::tokenizer::ClipTokenizer;

    #[test]
    fn common_words_become_one_token_and_the_sampler_reads_them() {
        let captions = ["a red house under a sun", "a house and a sun", "red house"];
        let vocabulary = Vocabulary::learn(captions.into_iter(), 200);
        let folder = tempfile::tempdir().expect("a folder");
        vocabulary.write(folder.path(), 12).expect("written");
        let tokenizer = ClipTokenizer::open(folder.path(), 12, vocabulary.len() as i64).expect("readable");
        let ids = tokenizer.ids("a red house").expect("tokens");
        assert_eq!(ids[0], vocabulary.start());
        assert_eq!(ids[4], vocabulary.start() + 1, "three words are three tokens: {ids:?}");
        assert!(tokenizer.ids("Überall, 火!").is_ok());
    }

    #[test]
    fn all_bytes_have_a_symbol() {
        let symbols = byte_symbols();
        assert_eq!(symbols.len(), 256);
        assert_eq!(symbols.iter().collect::<std::collections::HashSet<_>>().len(), 256);
    }
}
