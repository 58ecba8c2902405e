//! Results that cost seconds, kept under the hash of what they were made from.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::paths;

/// The folder in `target/wasm/memo` for this input of this stage, filled by `make` unless it was before. The
/// results of other inputs are dropped: what a stage keeps is the last one.
pub fn folder(stage: &str, key: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    folder_in(&paths::target().join("wasm/memo"), stage, key, make)
}

fn folder_in(memo: &Path, stage: &str, key: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let kept = memo.join(stage).join(key);
    if kept.is_dir() {
        return Ok(kept);
    }
    let stage = memo.join(stage);
    if stage.exists() {
        fs::remove_dir_all(&stage)?;
    }
    let part = stage.join("part");
    fs::create_dir_all(&part)?;
    make(&part)?;
    fs::rename(&part, &kept).with_context(|| format!("could not make {}", kept.display()))?;
    Ok(kept)
}

/// The first 16 hexadecimal digits of the BLAKE3 hash of the parts, in this order.
pub fn key(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        // The length tells "ab", "c" from "a", "bc".
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    hasher.finalize().to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_made_once_for_one_input() {
        let memo = std::env::temp_dir().join(format!("pentimento-memo-{}", std::process::id()));
        let mut made = 0;
        for input in ["a", "a", "b", "b"] {
            let make = |folder: &Path| {
                made += 1;
                Ok(fs::write(folder.join("result"), input)?)
            };
            let folder = folder_in(&memo, "stage", &key(&[input.as_bytes()]), make).unwrap();
            assert_eq!(fs::read_to_string(folder.join("result")).unwrap(), input);
        }
        assert_eq!((made, fs::read_dir(memo.join("stage")).unwrap().count()), (2, 1));
        fs::remove_dir_all(memo).unwrap();
    }

    #[test]
    fn a_key_knows_where_a_part_ends() {
        assert_ne!(key(&[b"ab", b"c"]), key(&[b"a", b"bc"]));
        assert_eq!(key(&[b"ab"]).len(), 16);
    }
}
