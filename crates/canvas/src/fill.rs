//! The bucket: an area of one colour gets another, up to the lines around it.
//!
//! The area is found run by run: Smith, "Tint fill", SIGGRAPH 1979. The soft edge of a line is a mixture of the line
//! and of what was beside it; there only the share of the latter gets the new colour.

use crate::{Rect, surface::Surface};

/// A pixel that differs from the pressed one by so many levels is of the same area: less than the first of the steps
/// in which a black line's edge fades into white.
const ALIKE: u8 = 12;
/// Pixels that a soft edge is wide, at most.
const EDGE: u32 = 2;
/// The share of a pixel that is nothing but ground.
const WHOLE: u8 = 255;

type Place = (u32, u32);

/// Where the bucket was emptied, in pixels from the left and top edge, and what was in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fill {
    pub x: u16,
    pub y: u16,
    pub colour: [u8; 3],
}

/// What a fill changes.
pub(crate) struct Area {
    /// The pressed pixel's colour.
    ground: [u8; 3],
    /// How much of each pixel is ground, 0 to [`WHOLE`].
    shares: Vec<u8>,
    /// All pixels with a share lie in here; empty if the pressed one is not on the surface.
    pub bounds: Rect,
}

impl Area {
    pub fn around(fill: Fill, surface: &Surface) -> Self {
        let (x, y) = (u32::from(fill.x), u32::from(fill.y));
        let Rect { width, height, .. } = surface.bounds();
        if !surface.bounds().contains(x, y) {
            return Self { ground: [0; 3], shares: Vec::new(), bounds: Rect::EMPTY };
        }
        let pixels = Pixels { rgba: surface.pixels(), ground: surface.colour(x, y), width, height };
        let mut area = Self {
            ground: pixels.ground,
            shares: vec![0; width as usize * height as usize],
            bounds: Rect::EMPTY,
        };
        area.flood(&pixels, (x, y));
        area.soften(&pixels);
        area
    }

    /// All pixels like the pressed one that hang together with it by their sides.
    fn flood(&mut self, pixels: &Pixels, from: Place) {
        let mut found = vec![from];
        while let Some((x, y)) = found.pop() {
            if self.shares[pixels.at((x, y))] > 0 {
                continue;
            }
            let alike = |x: &u32| pixels.off((*x, y)) <= ALIKE;
            let left = (0..x).rev().take_while(alike).last().unwrap_or(x);
            let right = (x..pixels.width).take_while(alike).last().unwrap_or(x);
            self.shares[pixels.at((left, y))..=pixels.at((right, y))].fill(WHOLE);
            self.bounds = self.bounds.union(Rect::new(left, y, right - left + 1, 1));
            for y in y.checked_sub(1).into_iter().chain((y + 1 < pixels.height).then_some(y + 1)) {
                let mut in_run = false;
                for place in (left..=right).map(|x| (x, y)) {
                    let is_new = pixels.off(place) <= ALIKE && self.shares[pixels.at(place)] == 0;
                    if is_new && !in_run {
                        found.push(place);
                    }
                    in_run = is_new;
                }
            }
        }
    }

    /// Goes on into the soft edges of what is around.
    fn soften(&mut self, pixels: &Pixels) {
        let mut front = Vec::new();
        for place in self.bounds.places() {
            if self.shares[pixels.at(place)] == WHOLE {
                self.soften_beside(place, pixels, &mut front);
            }
        }
        for _ in 1..EDGE {
            for place in std::mem::take(&mut front) {
                self.soften_beside(place, pixels, &mut front);
            }
        }
    }

    /// Gives the pixels around one their share, and notes which have one.
    fn soften_beside(&mut self, place: Place, pixels: &Pixels, found: &mut Vec<Place>) {
        // Only uphill: what gets nearer to the ground again lies behind a line.
        let least = pixels.off(place).max(ALIKE);
        for place in pixels.near(place, 1).places() {
            let (at, off) = (pixels.at(place), pixels.off(place));
            if self.shares[at] > 0 || off <= least {
                continue;
            }
            let line = pixels.near(place, EDGE).places().map(|place| pixels.off(place)).max();
            let (line, off) = (u32::from(line.unwrap_or(off)), u32::from(off));
            self.shares[at] = ((u32::from(WHOLE) * (line - off) + line / 2) / line) as u8;
            if self.shares[at] > 0 {
                self.bounds = self.bounds.union(Rect::new(place.0, place.1, 1, 1));
                found.push(place);
            }
        }
    }

    /// Exchanges the ground for `colour`.
    pub fn paint(&self, colour: [u8; 3], surface: &mut Surface) {
        let (columns, Rect { x, width, .. }) = (surface.bounds().width as usize, self.bounds);
        for y in self.bounds.y..self.bounds.bottom() {
            let shares = &self.shares[y as usize * columns + x as usize..];
            let row = surface.row_mut(x, y, width).chunks_exact_mut(4);
            for (pixel, &share) in row.zip(shares).filter(|(_, share)| **share > 0) {
                for (channel, now) in pixel[..3].iter_mut().enumerate() {
                    let by = i32::from(colour[channel]) - i32::from(self.ground[channel]);
                    let by = (by * i32::from(share) + 127 * by.signum()) / 255;
                    *now = match share {
                        WHOLE => colour[channel],
                        _ => (i32::from(*now) + by).clamp(0, 255) as u8,
                    };
                }
            }
        }
    }
}

/// What the area is looked for in.
struct Pixels<'a> {
    rgba: &'a [u8],
    ground: [u8; 3],
    width: u32,
    height: u32,
}

impl Pixels<'_> {
    fn at(&self, (x, y): Place) -> usize {
        y as usize * self.width as usize + x as usize
    }

    /// By how many levels a pixel differs from the ground, in the channel in which it differs most.
    fn off(&self, place: Place) -> u8 {
        let pixel = &self.rgba[4 * self.at(place)..][..3];
        pixel.iter().zip(self.ground).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
    }

    /// The square of pixels around one, as far as it lies on the surface.
    fn near(&self, (x, y): Place, reach: u32) -> Rect {
        let (left, top) = (x.saturating_sub(reach), y.saturating_sub(reach));
        let (right, bottom) = ((x + reach + 1).min(self.width), (y + reach + 1).min(self.height));
        Rect::new(left, top, right - left, bottom - top)
    }
}
