//! The bucket: an area of one colour gets another, up to the lines around it.
//!
//! The area is found run by run: Smith, "Tint fill", SIGGRAPH 1979. First only where there is some room, so that it
//! does not run out through a gap that a hand left; then from there up to the lines. The soft edge of a line is a
//! mixture of the line and of what was beside it; there only the share of the latter gets the new colour.

use crate::{Rect, surface::Surface};

/// A pixel that differs from the pressed one by so many levels is of the same area: less than the first of the steps
/// in which a black line's edge fades into white.
const ALIKE: u8 = 12;
/// Pixels that a soft edge is wide, at most.
const EDGE: u32 = 2;
/// A gap in a line that is narrower than two of these and one is taken for closed, on a surface of [`USUAL`] pixels or less on its
/// shorter side; on a finer one as much wider.
const GAP: u32 = 3;
const USUAL: u32 = 512;
/// So many pixels have no room for that, where lines meet at a sharp angle; on a finer surface as many more as look as large.
const CORNER: usize = 128;
/// The share of a pixel that is nothing but ground.
const WHOLE: u8 = 255;

type Place = (u32, u32);

/// Where the bucket was emptied, in pixels from the left and top edge, and what was in it. Places beyond the largest
/// paper are told as others.
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
        let place = (u32::from(fill.x), u32::from(fill.y));
        let Rect { width, height, .. } = surface.bounds();
        if !surface.bounds().contains(place.0, place.1) {
            return Self { ground: [0; 3], shares: Vec::new(), bounds: Rect::EMPTY };
        }
        let ground = surface.colour(place.0, place.1);
        let pixels = Pixels { rgba: surface.pixels(), ground, width, height };
        let shares = vec![0; width as usize * height as usize];
        let mut area = Self { ground, shares, bounds: Rect::EMPTY };
        let alike = pixels.alike();
        let roomy = pixels.roomy(&alike);
        // The room beside a line is that of the middle.
        let room = pixels.near(place, pixels.gap()).places().find(|place| roomy[pixels.at(*place)]);
        if let Some(room) = room {
            area.flood(&pixels, room, &roomy);
            area.grow(&pixels, &alike);
            area.fill_corners(&pixels, &alike);
        } else {
            area.flood(&pixels, place, &alike);
        }
        area.soften(&pixels);
        area
    }

    /// All pixels that are `open` and hang together with this one by their sides.
    fn flood(&mut self, pixels: &Pixels, from: Place, open: &[bool]) {
        let mut found = vec![from];
        while let Some((x, y)) = found.pop() {
            if self.shares[pixels.at((x, y))] > 0 {
                continue;
            }
            let is_open = |x: &u32| open[pixels.at((*x, y))];
            let left = (0..x).rev().take_while(is_open).last().unwrap_or(x);
            let right = (x..pixels.width).take_while(is_open).last().unwrap_or(x);
            self.shares[pixels.at((left, y))..=pixels.at((right, y))].fill(WHOLE);
            self.bounds = self.bounds.union(Rect::new(left, y, right - left + 1, 1));
            for y in y.checked_sub(1).into_iter().chain((y + 1 < pixels.height).then_some(y + 1)) {
                let mut in_run = false;
                for place in (left..=right).map(|x| (x, y)) {
                    let is_new = self.is_left(open, pixels.at(place));
                    if is_new && !in_run {
                        found.push(place);
                    }
                    in_run = is_new;
                }
            }
        }
    }

    /// From where there is room up to the lines.
    fn grow(&mut self, pixels: &Pixels, alike: &[bool]) {
        let mut front = self.rim(pixels);
        for _ in 0..pixels.gap() {
            for place in std::mem::take(&mut front) {
                for place in pixels.near(place, 1).places() {
                    if self.is_left(alike, pixels.at(place)) {
                        self.take(pixels, place, WHOLE);
                        front.push(place);
                    }
                }
            }
        }
    }

    /// Corners where lines meet have no room either; what lies behind a gap is larger than they.
    fn fill_corners(&mut self, pixels: &Pixels, alike: &[bool]) {
        let mut found = vec![Found::Not; alike.len()];
        for place in self.rim(pixels) {
            for place in pixels.beside(place) {
                let at = pixels.at(place);
                if self.is_left(alike, at) && found[at] == Found::Not {
                    let (corner, is_behind) = self.corner(pixels, alike, &mut found, place);
                    for place in corner {
                        found[pixels.at(place)] = Found::Behind;
                        if !is_behind {
                            self.take(pixels, place, WHOLE);
                        }
                    }
                }
            }
        }
    }

    /// What hangs together with this place and was not reached; if it lies behind a gap, only so much of it as says so.
    fn corner(
        &self,
        pixels: &Pixels,
        alike: &[bool],
        found: &mut [Found],
        from: Place,
    ) -> (Vec<Place>, bool) {
        let mut corner = vec![from];
        found[pixels.at(from)] = Found::Now;
        let most = CORNER * (pixels.gap() * pixels.gap() / (GAP * GAP)) as usize;
        let mut next = 0;
        while let Some(place) = corner.get(next).copied() {
            for place in pixels.beside(place) {
                let at = pixels.at(place);
                if !self.is_left(alike, at) {
                    continue;
                }
                match found[at] {
                    Found::Not => {
                        found[at] = Found::Now;
                        corner.push(place);
                    }
                    Found::Now => {}
                    Found::Behind => return (corner, true),
                }
            }
            if corner.len() > most {
                return (corner, true);
            }
            next += 1;
        }
        (corner, false)
    }

    /// Whether a pixel is open and was not taken yet.
    fn is_left(&self, open: &[bool], at: usize) -> bool {
        open[at] && self.shares[at] == 0
    }

    fn take(&mut self, pixels: &Pixels, place: Place, share: u8) {
        self.shares[pixels.at(place)] = share;
        self.bounds = self.bounds.union(Rect::new(place.0, place.1, 1, 1));
    }

    /// The pixels that are nothing but ground and have others around them, or the edge of the surface.
    fn rim(&self, pixels: &Pixels) -> Vec<Place> {
        let (width, last) = (pixels.width as usize, (pixels.width - 1, pixels.height - 1));
        let is_inside = |(x, y): Place| {
            let at = pixels.at((x, y));
            let is_whole = |at: usize| self.shares[at - 1..=at + 1] == [WHOLE; 3];
            x > 0
                && y > 0
                && x < last.0
                && y < last.1
                && [at - width, at, at + width].into_iter().all(is_whole)
        };
        let whole = self.bounds.places().filter(|place| self.shares[pixels.at(*place)] == WHOLE);
        whole.filter(|place| !is_inside(*place)).collect()
    }

    /// Goes on into the soft edges of what is around.
    fn soften(&mut self, pixels: &Pixels) {
        let mut front = self.rim(pixels);
        let mut met = vec![false; self.shares.len()];
        for _ in 0..EDGE {
            for place in std::mem::take(&mut front) {
                self.soften_beside(place, pixels, &mut met, &mut front);
            }
        }
    }

    /// Gives the pixels around one their share, and notes which have one.
    fn soften_beside(&mut self, place: Place, pixels: &Pixels, met: &mut [bool], found: &mut Vec<Place>) {
        // Only uphill: what gets nearer to the ground again lies behind a line.
        let least = pixels.off(place).max(ALIKE);
        for place in pixels.near(place, 1).places() {
            let (at, off) = (pixels.at(place), pixels.off(place));
            if self.shares[at] > 0 || off <= least || std::mem::replace(&mut met[at], true) {
                continue;
            }
            let line = pixels.near(place, EDGE).places().map(|place| pixels.off(place)).max();
            let (line, off) = (u32::from(line.unwrap_or(off)), u32::from(off));
            let share = ((u32::from(WHOLE) * (line - off) + line / 2) / line) as u8;
            if share > 0 {
                self.take(pixels, place, share);
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

/// Whether a pixel that was not reached is known.
#[derive(Clone, Copy, PartialEq)]
enum Found {
    Not,
    /// In what is looked at now.
    Now,
    /// In what lies behind a gap.
    Behind,
}

/// What the area is looked for in.
struct Pixels<'a> {
    rgba: &'a [u8],
    ground: [u8; 3],
    width: u32,
    height: u32,
}

impl Pixels<'_> {
    /// [`GAP`] as wide as it looks.
    fn gap(&self) -> u32 {
        let short = self.width.min(self.height).max(USUAL);
        (GAP * short + USUAL / 2) / USUAL
    }

    fn at(&self, (x, y): Place) -> usize {
        y as usize * self.width as usize + x as usize
    }

    /// By how many levels a pixel differs from the ground, in the channel in which it differs most.
    fn off(&self, place: Place) -> u8 {
        let pixel = &self.rgba[4 * self.at(place)..][..3];
        pixel.iter().zip(self.ground).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0)
    }

    /// Whether each is of the ground's colour.
    fn alike(&self) -> Vec<bool> {
        let places = Rect::new(0, 0, self.width, self.height).places();
        places.map(|place| self.off(place) <= ALIKE).collect()
    }

    /// Whether a square of pixels around each, a [`Self::gap`] to every side, is open; beyond the edge all is.
    fn roomy(&self, open: &[bool]) -> Vec<bool> {
        let (width, height, gap) = (self.width as usize, self.height as usize, self.gap() as usize);
        let narrowed = |open: &[bool], lines: usize, along: usize, length: usize, across: usize| {
            let mut roomy = vec![false; open.len()];
            for line in 0..lines {
                let mut run = gap;
                for n in 0..length + gap {
                    let is_open = n >= length || open[line * across + n * along];
                    run = if is_open { run + 1 } else { 0 };
                    if n >= gap {
                        roomy[line * across + (n - gap) * along] = run > 2 * gap;
                    }
                }
            }
            roomy
        };
        let rows = narrowed(open, height, 1, width, width);
        narrowed(&rows, width, width, height, 1)
    }

    /// The pixels at the four sides of one.
    fn beside(&self, (x, y): Place) -> impl Iterator<Item = Place> + use<> {
        let (right, below) = ((x + 1 < self.width).then_some(x + 1), (y + 1 < self.height).then_some(y + 1));
        let across = x.checked_sub(1).into_iter().chain(right).map(move |x| (x, y));
        across.chain(y.checked_sub(1).into_iter().chain(below).map(move |y| (x, y)))
    }

    /// The square of pixels around one, as far as it lies on the surface.
    fn near(&self, (x, y): Place, reach: u32) -> Rect {
        let (left, top) = (x.saturating_sub(reach), y.saturating_sub(reach));
        let (right, bottom) = ((x + reach + 1).min(self.width), (y + reach + 1).min(self.height));
        Rect::new(left, top, right - left, bottom - top)
    }
}
