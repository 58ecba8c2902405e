//! The pixels themselves.

use crate::{Rect, TILE, TILE_BYTES, Tile};

const ROW: usize = (TILE * 4) as usize;

/// RGBA pixels in rows, a whole number of tiles in both directions.
#[derive(Debug, Clone)]
pub(crate) struct Surface {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Surface {
    /// Opaque white.
    pub fn paper(width: u32, height: u32) -> Self {
        Self { width, height, pixels: vec![255; width as usize * height as usize * 4] }
    }

    /// Opaque white of another size, with these pixels in its middle.
    pub fn cut(&self, width: u32, height: u32) -> Self {
        let mut cut = Self::paper(width, height);
        // What is left over on one side of here is what is missing on the same side of there.
        let inset = |from: u32, to: u32| (from.saturating_sub(to) / 2, to.saturating_sub(from) / 2);
        let ((x, to_x), (y, to_y)) = (inset(self.width, width), inset(self.height, height));
        let columns = self.width.min(width);
        for row in 0..self.height.min(height) {
            cut.row_mut(to_x, to_y + row, columns).copy_from_slice(self.row(x, y + row, columns));
        }
        cut
    }

    /// Lays `rgba`, all rows or the first of them, over the pixels.
    pub fn fill(&mut self, rgba: &[u8]) {
        let known = rgba.len().min(self.pixels.len());
        self.pixels[..known].copy_from_slice(&rgba[..known]);
    }

    pub fn bounds(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    pub fn columns(&self) -> u32 {
        self.width / TILE
    }

    pub fn tiles(&self) -> u32 {
        self.columns() * (self.height / TILE)
    }

    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    pub fn colour(&self, x: u32, y: u32) -> [u8; 3] {
        let at = self.at(x, y);
        [self.pixels[at], self.pixels[at + 1], self.pixels[at + 2]]
    }

    /// The bytes of one pixel row from column `x` on, `width` pixels long.
    pub fn row(&self, x: u32, y: u32, width: u32) -> &[u8] {
        let at = self.at(x, y);
        &self.pixels[at..at + width as usize * 4]
    }

    pub fn row_mut(&mut self, x: u32, y: u32, width: u32) -> &mut [u8] {
        let at = self.at(x, y);
        &mut self.pixels[at..at + width as usize * 4]
    }

    /// The pixels of tile `index`, counted row by row.
    pub fn tile_rect(&self, index: u32) -> Rect {
        Rect::new(index % self.columns() * TILE, index / self.columns() * TILE, TILE, TILE)
    }

    pub fn tile(&self, index: u32) -> Box<Tile> {
        let rect = self.tile_rect(index);
        let mut tile = Box::new([0; TILE_BYTES]);
        for (y, row) in (rect.y..).zip(tile.chunks_exact_mut(ROW)) {
            row.copy_from_slice(self.row(rect.x, y, TILE));
        }
        tile
    }

    pub fn put_tile(&mut self, index: u32, tile: &Tile) {
        let rect = self.tile_rect(index);
        for (y, row) in (rect.y..).zip(tile.chunks_exact(ROW)) {
            self.row_mut(rect.x, y, TILE).copy_from_slice(row);
        }
    }

    /// Whether tile `index` has exactly these pixels.
    pub fn tile_is(&self, index: u32, tile: &Tile) -> bool {
        let rect = self.tile_rect(index);
        (rect.y..).zip(tile.chunks_exact(ROW)).all(|(y, row)| self.row(rect.x, y, TILE) == row)
    }

    fn at(&self, x: u32, y: u32) -> usize {
        (y as usize * self.width as usize + x as usize) * 4
    }
}
