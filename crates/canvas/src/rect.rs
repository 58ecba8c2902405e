//! Which pixels changed.

use crate::TILE;

/// Pixels from (`x`, `y`) to the right and down. Empty if a side is 0.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rect {
    pub x: u32,
    pub y: u32,
    pub width: u32,
    pub height: u32,
}

impl Rect {
    pub const EMPTY: Self = Self { x: 0, y: 0, width: 0, height: 0 };

    pub fn new(x: u32, y: u32, width: u32, height: u32) -> Self {
        Self { x, y, width, height }
    }

    pub fn is_empty(&self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// First column to the right of the rectangle.
    pub fn right(&self) -> u32 {
        self.x.saturating_add(self.width)
    }

    /// First row below the rectangle.
    pub fn bottom(&self) -> u32 {
        self.y.saturating_add(self.height)
    }

    pub fn contains(&self, x: u32, y: u32) -> bool {
        (self.x..self.right()).contains(&x) && (self.y..self.bottom()).contains(&y)
    }

    /// The smallest rectangle around both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        Self::new(x, y, self.right().max(other.right()) - x, self.bottom().max(other.bottom()) - y)
    }

    /// What both have in common.
    #[must_use]
    pub fn intersection(self, other: Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        let width = self.right().min(other.right()).saturating_sub(x);
        let height = self.bottom().min(other.bottom()).saturating_sub(y);
        if width == 0 || height == 0 { Self::EMPTY } else { Self::new(x, y, width, height) }
    }

    /// Its pixels, row by row.
    pub(crate) fn places(&self) -> impl Iterator<Item = (u32, u32)> + use<> {
        let (columns, rows) = (self.x..self.right(), self.y..self.bottom());
        rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
    }

    /// Columns and rows of the tiles that hold these pixels.
    pub(crate) fn tiles(&self) -> impl Iterator<Item = (u32, u32)> + use<> {
        let (left, top) = (self.x / TILE, self.y / TILE);
        let (right, bottom) = match self.is_empty() {
            true => (left, top),
            false => (self.right().div_ceil(TILE), self.bottom().div_ceil(TILE)),
        };
        (top..bottom).flat_map(move |row| (left..right).map(move |column| (column, row)))
    }
}
