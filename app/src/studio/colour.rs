//! Quantised latents to colour, by the affine map that a job carries.

use wire::{Frame, FrameFormat, LatentPreview};

/// One RGBA pixel for each latent position, row by row; opaque. `None` if the frame holds no
/// latents or the map is for another number of channels.
pub fn latent_to_rgba(frame: &Frame, map: &LatentPreview) -> Option<Vec<u8>> {
    let header = frame.header;
    let channels = usize::from(header.channels);
    let fits = header.format == FrameFormat::Latent && channels > 0;
    if !fits || map.matrix.iter().any(|row| row.len() != channels) {
        return None;
    }
    let positions = usize::from(header.width) * usize::from(header.height);
    let planes = frame.payload();
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
