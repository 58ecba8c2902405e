//! Small letters on pictures: an 8x8 font of the public domain.

use font8x8::{BASIC_FONTS, UnicodeFonts};
use image::{Rgb, RgbImage};

/// A letter is a square of this side, in pixels.
pub const LETTER: u32 = 8;

/// Writes a line whose first letter has its corner at (`left`, `top`); what lies beyond the picture is lost.
pub fn write(picture: &mut RgbImage, left: u32, top: u32, line: &str) {
    for (n, letter) in (0..).zip(line.chars()) {
        for (y, row) in (0..).zip(BASIC_FONTS.get(letter).unwrap_or_default()) {
            for x in (0..LETTER).filter(|x| row >> x & 1 == 1) {
                let at = (left + n * LETTER + x, top + y);
                if let Some(pixel) = picture.get_pixel_mut_checked(at.0, at.1) {
                    *pixel = Rgb([60; 3]);
                }
            }
        }
    }
}
