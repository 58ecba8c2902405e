//! A canvas as the sampler takes it: on white paper, and of the picture's size.

use image::{ImageBuffer, Rgb, imageops};
use sampler::Picture;

/// RGBA rows to a picture of `to`: scaled to cover it, and cut evenly where the shapes differ.
/// `None` if the bytes do not fill the size.
pub fn fit(from: (u32, u32), rgba: &[u8], to: (u32, u32)) -> Option<Picture> {
    let paper: Vec<u8> =
        rgba.chunks_exact(4).flat_map(|pixel| on_white([pixel[0], pixel[1], pixel[2]], pixel[3])).collect();
    let canvas: ImageBuffer<Rgb<u8>, _> = ImageBuffer::from_raw(from.0, from.1, paper)?;
    let [x, y, width, height] = covering(from, to);
    let part = imageops::crop_imm(&canvas, x, y, width, height);
    // Averages over what a pixel covers, so that thin lines stay.
    let rgb = match (width, height) == to {
        true => part.to_image().into_raw(),
        false => imageops::resize(&*part, to.0, to.1, imageops::FilterType::Triangle).into_raw(),
    };
    Some(Picture { width: to.0, height: to.1, rgb })
}

fn on_white(colour: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u16::from(alpha);
    colour.map(|value| ((u16::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

/// The largest part of `from`, in its middle, that has the shape of `to`.
fn covering(from: (u32, u32), to: (u32, u32)) -> [u32; 4] {
    let width = from.0.min(from.1 * to.0 / to.1).max(1);
    let height = from.1.min(from.0 * to.1 / to.0).max(1);
    [(from.0 - width) / 2, (from.1 - height) / 2, width, height]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_clear_is_paper() {
        let canvas = [[255, 0, 0, 255], [0, 0, 0, 0], [0, 0, 0, 128], [9, 8, 7, 255]].concat();
        let picture = fit((2, 2), &canvas, (2, 2)).expect("the bytes fill the size");
        assert_eq!(picture.rgb, [255, 0, 0, 255, 255, 255, 127, 127, 127, 9, 8, 7]);
    }

    #[test]
    fn a_wide_canvas_is_cut_at_its_sides() {
        assert_eq!(covering((512, 256), (256, 256)), [128, 0, 256, 256]);
        assert_eq!(covering((512, 512), (256, 128)), [0, 128, 512, 256]);
        assert_eq!(covering((512, 512), (256, 256)), [0, 0, 512, 512]);
    }

    #[test]
    fn half_the_size_keeps_the_mean() {
        let checks: Vec<u8> =
            (0..64 * 64).flat_map(|i| [((i + i / 64) % 2 * 255) as u8, 100, 0, 255]).collect();
        let picture = fit((64, 64), &checks, (32, 32)).expect("the bytes fill the size");
        let inner = &picture.rgb[(32 * 16 + 16) * 3..][..3];
        assert!((126..=129).contains(&inner[0]) && inner[1] == 100, "{inner:?}");
    }

    #[test]
    fn too_few_bytes_are_no_canvas() {
        assert!(fit((64, 64), &[0; 16], (64, 64)).is_none());
    }
}
