//! Contact sheets: square pictures in rows on one PNG.

use std::path::Path;

/// Collects pictures from left to right, top to bottom.
pub struct Contact {
    size: u32,
    columns: u32,
    pictures: Vec<Vec<u8>>,
}

impl Contact {
    /// For pictures of `size` x `size` pixels, `columns` in a row.
    pub fn new(size: u32, columns: u32) -> Self {
        Self { size, columns: columns.max(1), pictures: Vec::new() }
    }

    /// Adds RGB rows of the sheet's picture size.
    pub fn add(&mut self, rgb: &[u8]) {
        assert_eq!(rgb.len(), (self.size * self.size * 3) as usize, "RGB rows of the sheet's picture size");
        self.pictures.push(rgb.to_vec());
    }

    pub fn save(&self, file: &Path) -> image::ImageResult<()> {
        let rows = (self.pictures.len() as u32).div_ceil(self.columns);
        let mut sheet = image::RgbImage::new(self.columns * self.size, rows * self.size);
        for (index, rgb) in self.pictures.iter().enumerate() {
            let (x, y) = (index as u32 % self.columns * self.size, index as u32 / self.columns * self.size);
            for (i, pixel) in rgb.as_chunks::<3>().0.iter().enumerate() {
                let i = i as u32;
                sheet.put_pixel(x + i % self.size, y + i / self.size, image::Rgb(*pixel));
            }
        }
        sheet.save(file)
    }
}
