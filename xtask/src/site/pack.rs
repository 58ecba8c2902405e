//! Packed copies beside the files: brotli and gzip, as small as they get, made once per content.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::{Compression, write::GzEncoder};

use super::memo;

/// What gains from packing. Pictures and fonts are packed already.
const KINDS: [&str; 7] = ["js", "wasm", "css", "svg", "json", "txt", "webmanifest"];
/// Less than a network packet's worth gains nothing.
const SMALLEST: usize = 1_000;
/// 16 MiB: the whole wasm is within reach of every match.
const WINDOW_BITS: i32 = 24;

/// One file's two packed forms.
pub struct Packed {
    pub brotli: Vec<u8>,
    pub gzip: Vec<u8>,
}

/// Whether a file of this name and size is packed.
pub fn worthwhile(name: &str, bytes: &[u8]) -> bool {
    let kind = Path::new(name).extension().map(|extension| extension.to_string_lossy());
    bytes.len() >= SMALLEST && kind.is_some_and(|kind| KINDS.contains(&kind.as_ref()))
}

/// Packs, or takes what was packed before. `name` tells the files of the site apart.
pub fn pack(name: &str, bytes: &[u8]) -> Result<Packed> {
    let stage = format!("packed/{}", name.replace('/', "-"));
    let folder = memo::folder(&stage, &memo::key(&[bytes]), |folder| {
        fs::write(folder.join("br"), brotli(bytes)?)?;
        Ok(fs::write(folder.join("gz"), gzip(bytes)?)?)
    })?;
    Ok(Packed { brotli: fs::read(folder.join("br"))?, gzip: fs::read(folder.join("gz"))? })
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = BrotliEncoderParams { quality: 11, lgwin: WINDOW_BITS, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut packed, &parameters)?;
    Ok(packed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn both_forms_unpack_to_the_same_bytes() {
        let bytes: Vec<u8> = (0..20_000u32).map(|i| (i * i >> 7) as u8).collect();
        let mut from_brotli = Vec::new();
        brotli::BrotliDecompress(&mut &brotli(&bytes).unwrap()[..], &mut from_brotli).unwrap();
        let mut from_gzip = Vec::new();
        flate2::read::GzDecoder::new(&gzip(&bytes).unwrap()[..]).read_to_end(&mut from_gzip).unwrap();
        assert!(from_brotli == bytes && from_gzip == bytes);
    }

    #[test]
    fn small_files_and_pictures_are_left_as_they_are() {
        assert!(worthwhile("pkg/pentimento.wasm", &[0; 5_000]));
        assert!(!worthwhile("pkg/pentimento.css", &[0; 500]));
        assert!(!worthwhile("icon.png", &[0; 5_000]));
    }
}
