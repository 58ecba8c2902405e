//! A canvas as the sampler takes it: on white paper, and of the picture's size.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use sampler::Picture;
use wire::Spec;

/// A picture whose sides are multiples of 64 has not always quite the shape of the paper: where they differ by less than this
/// share, the drawing is stretched, so that all of it stays, in its place.
const ALIKE: f64 = 0.1;

/// What the pixels of a picture are the means of, so that thin lines stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Averaging {
    /// Of what each covers and a little beyond, as the model that ships was shown drawings.
    Soft,
    /// Of what each covers alone: a picture that lies on paper larger by a whole factor comes back to the last level.
    Exact,
}

impl Averaging {
    /// Exact where a mask leaves a part of the canvas as it is, if the picture's pixels cover whole ones.
    pub fn of(paper: (u32, u32), spec: &Spec) -> Self {
        let factor = paper.0 / spec.width;
        let is_whole = factor > 0 && (spec.width * factor, spec.height * factor) == paper;
        if is_whole && spec.mask.is_some() { Self::Exact } else { Self::Soft }
    }
}

/// RGBA rows to a picture of `to`: all of them if the shapes are alike, else scaled to cover it and cut evenly.
/// `None` if the bytes do not fill the size.
pub fn fit(from: (u32, u32), rgba: &[u8], to: (u32, u32), averaging: Averaging) -> Option<Picture> {
    let paper: Vec<[u8; 3]> =
        rgba.as_chunks().0.iter().map(|[r, g, b, a]| on_white([*r, *g, *b], *a)).collect();
    let canvas = ImageRef::new(from.0, from.1, paper.as_flattened(), PixelType::U8x3).ok()?;
    let mut picture = Image::new(to.0, to.1, PixelType::U8x3);
    let filter = ResizeAlg::Convolution(match averaging {
        Averaging::Soft => FilterType::Bilinear,
        Averaging::Exact => FilterType::Box,
    });
    let ratio = |(width, height): (u32, u32)| f64::from(width) / f64::from(height);
    let options = match ratio(from) / ratio(to) {
        off if (off - 1.0).abs() < ALIKE => ResizeOptions::new(),
        _ => ResizeOptions::new().fit_into_destination(None),
    };
    let options = options.resize_alg(filter);
    Resizer::new().resize(&canvas, &mut picture, &options).ok()?;
    Some(Picture { width: to.0, height: to.1, rgb: picture.into_vec() })
}

fn on_white(colour: [u8; 3], alpha: u8) -> [u8; 3] {
    let alpha = u16::from(alpha);
    colour.map(|value| ((u16::from(value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_clear_is_paper() {
        let canvas = [[255, 0, 0, 255], [0, 0, 0, 0], [0, 0, 0, 128], [9, 8, 7, 255]].concat();
        let picture = fit((2, 2), &canvas, (2, 2), Averaging::Soft).expect("the bytes fill the size");
        assert_eq!(picture.rgb, [255, 0, 0, 255, 255, 255, 127, 127, 127, 9, 8, 7]);
    }

    #[test]
    fn a_wide_canvas_is_cut_at_its_sides() {
        let row: Vec<u8> = (0..64).flat_map(|x: u8| [x, 0, 0, 255]).collect();
        let picture =
            fit((64, 32), &row.repeat(32), (32, 32), Averaging::Soft).expect("the bytes fill the size");
        assert_eq!((picture.rgb[0], picture.rgb[31 * 3]), (16, 47));
        let tall = fit((64, 32), &row.repeat(32), (32, 8), Averaging::Soft).expect("the bytes fill the size");
        assert!(tall.rgb[0] <= 1 && tall.rgb[31 * 3] >= 62);
    }

    #[test]
    fn of_a_canvas_that_is_nearly_as_wide_nothing_is_cut() {
        let edge = |x: u32| if x == 0 || x == 511 { 0 } else { 255 };
        let row: Vec<u8> = (0..512).flat_map(|x| [edge(x), edge(x), edge(x), 255]).collect();
        let picture =
            fit((512, 768), &row.repeat(768), (512, 704), Averaging::Soft).expect("the bytes fill the size");
        assert_eq!((picture.rgb[0], picture.rgb[3], picture.rgb[511 * 3]), (0, 255, 0));
    }

    #[test]
    fn half_the_size_keeps_the_mean() {
        let checks: Vec<u8> =
            (0..64 * 64).flat_map(|i| [((i + i / 64) % 2 * 255) as u8, 100, 0, 255]).collect();
        let picture = fit((64, 64), &checks, (32, 32), Averaging::Soft).expect("the bytes fill the size");
        let inner = &picture.rgb[(32 * 16 + 16) * 3..][..3];
        assert!((126..=129).contains(&inner[0]) && inner[1] == 100, "{inner:?}");
    }

    #[test]
    fn exact_means_are_of_no_neighbours() {
        let row: Vec<u8> =
            (0..64).flat_map(|x: u8| [if x < 31 { 8 } else { 200 + x % 2 * 20 }, 0, 0, 255]).collect();
        let picture =
            fit((64, 64), &row.repeat(64), (32, 32), Averaging::Exact).expect("the bytes fill the size");
        assert_eq!([14, 15, 16, 17].map(|x| picture.rgb[(32 * 16 + x) * 3]), [8, 114, 210, 210]);
    }

    #[test]
    fn too_few_bytes_are_no_canvas() {
        assert!(fit((64, 64), &[0; 16], (64, 64), Averaging::Soft).is_none());
    }
}
