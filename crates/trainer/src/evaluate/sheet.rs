//! The sheet of cases that people look at: sketch, result, truth, and the prompt in small letters.

use crate::letters::{LETTER, write};
use image::imageops::{FilterType, resize};
use image::{Rgb, RgbImage};
use std::path::Path;

/// Side of a picture on the sheet in pixels.
const SIDE: u32 = 128;
const COLUMNS: u32 = 8;
const LINES: u32 = 6;
const CELL: u32 = 3 * SIDE + LINES * LETTER;

#[derive(Default)]
pub struct Sheet(Vec<RgbImage>);

impl Sheet {
    /// Sketch, result and truth as RGB rows of `size` x `size` pixels.
    pub fn add(&mut self, pictures: [&[u8]; 3], size: u32, prompt: &str) {
        let mut cell = RgbImage::from_pixel(SIDE, CELL, Rgb([255; 3]));
        for (n, rgb) in (0..).zip(pictures) {
            let whole =
                RgbImage::from_raw(size, size, rgb.to_vec()).expect("rows of the size that was given");
            let small = resize(&whole, SIDE, SIDE, FilterType::Triangle);
            image::imageops::replace(&mut cell, &small, 0, n * i64::from(SIDE));
        }
        for (n, line) in (0..LINES).zip(lines(prompt)) {
            write(&mut cell, 0, 3 * SIDE + n * LETTER, &line);
        }
        self.0.push(cell);
    }

    pub fn save(&self, file: &Path) -> image::ImageResult<()> {
        let rows = (self.0.len() as u32).div_ceil(COLUMNS);
        let mut sheet = RgbImage::from_pixel(COLUMNS * SIDE, rows * CELL, Rgb([255; 3]));
        for (n, cell) in (0..).zip(&self.0) {
            let (x, y) = (n % COLUMNS * SIDE, n / COLUMNS * CELL);
            image::imageops::replace(&mut sheet, cell, x.into(), y.into());
        }
        sheet.save(file)
    }
}

/// Words in lines that fit below a picture.
fn lines(prompt: &str) -> Vec<String> {
    let most = (SIDE / LETTER) as usize;
    let mut lines: Vec<String> = Vec::new();
    for word in prompt.split(' ') {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= most => *line = format!("{line} {word}"),
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_broken_where_they_end() {
        let broken = lines("a pastel drawing of a castle, on a meadow");
        assert_eq!(broken, ["a pastel drawing", "of a castle, on", "a meadow"]);
    }
}
