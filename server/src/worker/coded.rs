//! Pictures as JPEGs.

use jpeg_encoder::{ColorType, Encoder};
use sampler::Picture;

/// Good enough to judge by, and a third of a fine one.
const PREVIEW: u8 = 70;
/// Hardly to be told from the picture itself; some 20 kB at 256 pixels.
const SHOWN: u8 = 88;

/// A preview, which the next one replaces.
pub fn preview_jpeg(picture: &Picture) -> Result<Vec<u8>, String> {
    coded(picture, PREVIEW)
}

/// One that stays on the screen: a live picture until one draws on, a finished one until it has come in full.
pub fn jpeg(picture: &Picture) -> Result<Vec<u8>, String> {
    coded(picture, SHOWN)
}

fn coded(picture: &Picture, quality: u8) -> Result<Vec<u8>, String> {
    let (width, height) = (picture.width as u16, picture.height as u16);
    let mut bytes = Vec::new();
    let encoder = Encoder::new(&mut bytes, quality);
    encoder.encode(&picture.rgb, width, height, ColorType::Rgb).map_err(|error| error.to_string())?;
    Ok(bytes)
}
