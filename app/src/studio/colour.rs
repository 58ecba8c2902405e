//! Quantised latents to colour, by the affine map that a job carries; and a drawing's ink alone.

use wire::{Frame, FrameFormat, LatentPreview, latents};

/// One RGBA pixel for each latent position, row by row; opaque. `None` if the frame holds no
/// latents or the map is for another number of channels.
pub fn latent_to_rgba(frame: &Frame, map: &LatentPreview) -> Option<Vec<u8>> {
    let header = frame.header;
    let channels = usize::from(header.channels);
    let fits = header.format == FrameFormat::Latent && channels > 0;
    if !fits || map.matrix.iter().any(|row| row.len() != channels) {
        return None;
    }
    let (width, height) = (usize::from(header.width), usize::from(header.height));
    let positions = width * height;
    let planes = latents::decode(frame.payload(), channels, width, height)?;
    let mut rgba = vec![255; 4 * positions];
    for (at, pixel) in rgba.chunks_exact_mut(4).enumerate() {
        for (colour, (row, offset)) in pixel.iter_mut().zip(map.matrix.iter().zip(map.offset)) {
            let sum = row.iter().enumerate().fold(offset, |sum, (channel, weight)| {
                sum + weight * f32::from(planes[channel * positions + at])
            });
            // A cast saturates, and rounding needs half a step.
            *colour = (sum + 0.5) as u8;
        }
    }
    Some(rgba)
}

/// The ink of an opaque drawing without its white paper: laid over white, it is the drawing again.
/// RGBA in and out, not premultiplied.
pub fn ink_of(drawing: &[u8]) -> Vec<u8> {
    let mut ink = vec![0; drawing.len()];
    for (ink, pixel) in ink.chunks_exact_mut(4).zip(drawing.chunks_exact(4)) {
        let paper = pixel[0].min(pixel[1]).min(pixel[2]);
        let cover = 255 - paper;
        if cover > 0 {
            for (ink, colour) in ink.iter_mut().zip(&pixel[..3]) {
                *ink = (u32::from(colour - paper) * 255 / u32::from(cover)) as u8;
            }
            ink[3] = cover;
        }
    }
    ink
}
