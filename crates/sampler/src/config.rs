//! Reading and writing the `config.json` of diffusers and transformers.

use crate::LoadError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::path::Path;

/// A configuration is a few kilobytes; a vocabulary may be a few megabytes.
const JSON_MOST: u64 = 64 << 20;

/// Reads a JSON file; unknown keys are ignored, as the reference does.
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<T, LoadError> {
    let text = read_text(path)?;
    serde_json::from_str(&standard(&text))
        .map_err(|e| LoadError::config(path, "json", format!("cannot be read: {e}; get the file anew")))
}

/// Python writes numbers for which JSON has no word, diffusers `-Infinity` for each DPM-Solver; nothing here reads them, so that
/// `null` will do.
fn standard(text: &str) -> Cow<'_, str> {
    const STRANGERS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];
    if STRANGERS.iter().all(|word| !text.contains(word)) {
        return text.into();
    }
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    let (mut quoted, mut escaped) = (false, false);
    while let Some(letter) = rest.chars().next() {
        if let Some(word) = STRANGERS.iter().find(|word| !quoted && rest.starts_with(**word)) {
            out.push_str("null");
            rest = &rest[word.len()..];
            continue;
        }
        quoted ^= letter == '"' && !escaped;
        escaped = quoted && letter == '\\' && !escaped;
        out.push(letter);
        rest = &rest[letter.len_utf8()..];
    }
    out.into()
}

/// Writes a JSON file, indented.
pub fn write<T: Serialize>(path: &Path, config: &T) -> Result<(), LoadError> {
    let mut text = serde_json::to_string_pretty(config)
        .map_err(|e| LoadError::config(path, "json", format!("cannot be written: {e}")))?;
    text.push('\n');
    std::fs::write(path, text).map_err(|why| LoadError::Write { path: path.into(), why })
}

pub(crate) fn read_text(path: &Path) -> Result<String, LoadError> {
    let read = |why| LoadError::Read { path: path.into(), why };
    let size = match std::fs::metadata(path) {
        Ok(meta) => meta.len(),
        Err(_) => return Err(LoadError::Missing { path: path.into() }),
    };
    if size > JSON_MOST {
        return Err(LoadError::config(path, "size", format!("is {size} bytes; at most {JSON_MOST}")));
    }
    std::fs::read_to_string(path).map_err(read)
}

/// Refuses a number outside `range`, naming the field.
pub(crate) fn check(field: &str, value: i64, range: std::ops::RangeInclusive<i64>) -> Result<(), LoadError> {
    if range.contains(&value) {
        return Ok(());
    }
    let why = format!("is {value}; {} to {} is allowed", range.start(), range.end());
    Err(LoadError::config("config.json", field, why))
}

/// Refuses a list of the wrong length, naming the field.
pub(crate) fn check_len(field: &str, found: usize, expected: usize) -> Result<(), LoadError> {
    if found == expected {
        return Ok(());
    }
    let why = format!("has {found} entries; {expected} are needed");
    Err(LoadError::config("config.json", field, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_only_python_writes_are_none() {
        let text = r#"{"a": -Infinity, "b": [NaN, Infinity], "c": "NaN \" -Infinity", "d": 1}"#;
        let null = r#"{"a": null, "b": [null, null], "c": "NaN \" -Infinity", "d": 1}"#;
        assert_eq!(standard(text), null);
        assert_eq!(standard(null), null);
    }
}
