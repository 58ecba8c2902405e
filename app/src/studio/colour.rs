//! Quantised latents to colour, by the affine map that a job carries; and a drawing's ink alone.

use link::Latents;
use wire::LatentPreview;

/// One RGBA pixel for each latent position, row by row; opaque. `None` if the map is for another number of channels.
pub fn latent_to_rgba(latents: &Latents, map: &LatentPreview) -> Option<Vec<u8>> {
    let header = latents.header;
    let channels = usize::from(header.channels);
    if channels == 0 || map.matrix.iter().any(|row| row.len() != channels) {
        return None;
    }
    let positions = usize::from(header.width) * usize::from(header.height);
    let planes = &latents.values;
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
