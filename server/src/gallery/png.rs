//! PNG files: finished pictures with their settings inside.

use png::{BitDepth, ColorType, Compression, Decoder, Encoder};
use serde::Serialize;
use std::io::Cursor;
use wire::{JobId, Seed, Sigmas, Spec};

/// Why pixels do not become a file.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the PNG: {0}")]
pub struct PngError(#[from] png::EncodingError);

/// Why a file does not become pixels.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    #[error("cannot read the PNG: {0}")]
    Png(#[from] png::DecodingError),
    #[error("the PNG holds no RGB picture of 8 bits")]
    Other,
}

/// What a picture was made from; in the file as JSON under the keyword `pentimento`.
#[derive(Debug, Serialize)]
pub struct Settings<'a> {
    pub job: JobId,
    pub model: &'a str,
    /// Of this picture, which is not the job's own for the second variation and later ones.
    pub seed: Seed,
    pub spec: &'a Spec,
}

/// A finished picture (RGB rows) as a PNG file that carries its settings.
///
/// # Errors
/// If the pixels do not fill the size.
pub fn encode_picture(
    width: u32,
    height: u32,
    rgb: &[u8],
    settings: &Settings<'_>,
) -> Result<Vec<u8>, PngError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    let json = serde_json::to_string(settings).expect("settings have string keys only");
    encoder.add_itxt_chunk("pentimento".to_owned(), json)?;
    encoder.add_itxt_chunk("parameters".to_owned(), parameters(settings))?;
    encoder.write_header()?.write_image_data(rgb)?;
    Ok(file)
}

/// Width and height, and RGB rows, of what [`encode_picture`] made.
///
/// # Errors
/// If it is no such file.
pub fn decode_picture(file: &[u8]) -> Result<((u32, u32), Vec<u8>), ReadError> {
    let mut reader = Decoder::new(Cursor::new(file)).read_info()?;
    let (info, size) = (reader.info(), reader.output_buffer_size());
    let is_ours = (info.color_type, info.bit_depth) == (ColorType::Rgb, BitDepth::Eight);
    let side = (info.width, info.height);
    let mut rgb = vec![0; size.filter(|_| is_ours).ok_or(ReadError::Other)?];
    reader.next_frame(&mut rgb)?;
    Ok((side, rgb))
}

/// A drawing (RGBA rows) as a PNG file.
///
/// # Errors
/// If the pixels do not fill the size.
pub fn encode_drawing(width: u32, height: u32, rgba: &[u8]) -> Result<Vec<u8>, PngError> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Rgba);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Fast);
    encoder.write_header()?.write_image_data(rgba)?;
    Ok(file)
}

/// The settings in the text form that other image tools read.
fn parameters(settings: &Settings<'_>) -> String {
    let Settings { spec, seed, model, .. } = settings;
    let sampler = spec.scheduler.title();
    let mut text = format!("{}\n", spec.prompt);
    if !spec.negative.is_empty() {
        text += &format!("Negative prompt: {}\n", spec.negative);
    }
    text += &format!(
        "Steps: {}, Sampler: {sampler}, CFG scale: {}, Seed: {}, Size: {}x{}, Model: {model}, Denoising strength: {}",
        spec.steps, spec.guidance, seed.0, spec.width, spec.height, spec.strength
    );
    match spec.sigmas {
        Sigmas::Model => {}
        Sigmas::Karras => text += ", Schedule type: Karras",
        Sigmas::Exponential => text += ", Schedule type: Exponential",
    }
    if spec.image_guidance != 1.0 {
        text += &format!(", Image CFG scale: {}", spec.image_guidance);
    }
    if spec.clip_skip > 0 {
        // There the last layer counts as 1.
        text += &format!(", Clip skip: {}", spec.clip_skip + 1);
    }
    if !spec.control.is_empty() {
        text += &format!(", ControlNet: {}, ControlNet weight: {}", spec.control, spec.control_scale);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use png::Decoder;
    use std::io::Cursor;

    #[test]
    fn a_picture_carries_its_settings() {
        let spec = Spec { prompt: "ein Haus, 家".to_owned(), steps: 7, ..Spec::default() };
        let settings = Settings { job: JobId([3; 8]), model: "small", seed: Seed(u64::MAX), spec: &spec };
        let file = encode_picture(64, 64, &[9; 64 * 64 * 3], &settings).expect("the pixels fill the size");
        let reader = Decoder::new(Cursor::new(&file)).read_info().expect("a PNG");
        let texts: Vec<_> =
            reader.info().utf8_text.iter().map(|t| (t.keyword.as_str(), t.get_text())).collect();
        let json: serde_json::Value = serde_json::from_str(texts[0].1.as_ref().expect("text")).expect("JSON");
        assert_eq!(texts[0].0, "pentimento");
        assert_eq!(json["spec"]["prompt"], "ein Haus, 家");
        assert_eq!(json["seed"], u64::MAX.to_string());
        assert_eq!(texts[1].0, "parameters");
        let parameters = texts[1].1.as_ref().expect("text");
        assert!(
            parameters.starts_with("ein Haus, 家\nSteps: 7, Sampler: DDIM, CFG scale: 3"),
            "{parameters}"
        );
    }
}
