//! One stroke on its way: how much of each pixel it covers, and what was below it.
//!
//! Coverage only grows (the greatest of all pieces), and is laid once over the pixels from
//! before the stroke. So a stroke that crosses itself gets no darker, and its edges stay smooth.

use crate::{
    Rect, TILE, Tile,
    brush::{Brush, Dab, Sample},
    curve::{Node, Span},
    mark::Knot,
    path::Path,
    surface::Surface,
};

const TILE_PIXELS: usize = (TILE * TILE) as usize;
/// Steps of a soft edge. The eye takes 16 for smooth, and they code into half the bytes of 256.
const LEVELS: f32 = 15.0;

#[derive(Debug)]
pub(crate) struct Stroke {
    brush: Brush,
    /// None until the first sample that is a place.
    path: Option<Path>,
    layer: Layer,
}

/// What the stroke has painted so far, by tile.
#[derive(Debug)]
struct Layer {
    paint: [u8; 3],
    /// By their indices, in order.
    touched: Vec<(u32, Touched)>,
    damage: Rect,
}

#[derive(Debug)]
struct Touched {
    before: Box<Tile>,
    /// 0 to 255 for each pixel.
    coverage: Box<[u8; TILE_PIXELS]>,
}

impl Stroke {
    pub fn new(brush: Brush) -> Self {
        let layer = Layer { paint: brush.paint(), touched: Vec::new(), damage: Rect::EMPTY };
        Self { brush, path: None, layer }
    }

    /// Draws on to `samples`; returns what changed.
    pub fn extend(&mut self, samples: &[Sample], surface: &mut Surface) -> Rect {
        for dab in samples.iter().filter_map(|&sample| self.brush.dab(sample)) {
            let mut piece = |a, b| self.layer.capsule(a, b, surface);
            match &mut self.path {
                Some(path) => path.extend(dab, &mut piece),
                None => {
                    piece(dab, dab);
                    self.path = Some(Path::begin(dab));
                }
            }
        }
        std::mem::take(&mut self.layer.damage)
    }

    /// Draws the curve through `knots`, all of it; returns what changed.
    pub fn trace(&mut self, knots: &[Knot], surface: &mut Surface) -> Rect {
        let node = |knot: &Knot| {
            let Dab { x, y, radius } = self.brush.dab(knot.sample)?;
            Some(Node { at: [x, y, radius], corner: knot.corner })
        };
        let nodes: Vec<Node> = knots.iter().filter_map(node).collect();
        if let [only] = nodes[..] {
            self.layer.capsule(only.at.into(), only.at.into(), surface);
        }
        for n in 1..nodes.len() {
            let span = Span::of(&nodes, n - 1);
            let pieces = span.pieces();
            let mut from = nodes[n - 1].at;
            for piece in 1..=pieces {
                let to = span.at(piece as f32 / pieces as f32);
                self.layer.capsule(from.into(), to.into(), surface);
                from = to;
            }
        }
        std::mem::take(&mut self.layer.damage)
    }

    /// Tiles that it has touched so far.
    pub fn tiles(&self) -> impl Iterator<Item = u32> {
        self.layer.touched.iter().map(|(index, _)| *index)
    }

    /// Draws to the last sample; returns what changed, and each touched tile from before.
    pub fn finish(mut self, surface: &mut Surface) -> (Rect, Vec<(u32, Box<Tile>)>) {
        if let Some(path) = self.path.take() {
            path.finish(&mut |a, b| self.layer.capsule(a, b, surface));
        }
        let before = self.layer.touched.into_iter().map(|(index, touched)| (index, touched.before));
        (self.layer.damage, before.collect())
    }

    /// Takes everything back; returns what changed.
    pub fn abort(self, surface: &mut Surface) -> Rect {
        self.layer.touched.into_iter().fold(Rect::EMPTY, |damage, (index, touched)| {
            surface.put_tile(index, &touched.before);
            damage.union(surface.tile_rect(index))
        })
    }
}

impl Layer {
    /// Paints the discs from `a` to `b`, in lengths short enough that the box around a slanted
    /// one is not mostly empty.
    fn capsule(&mut self, a: Dab, b: Dab, surface: &mut Surface) {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let length = (dx * dx + dy * dy).sqrt();
        let widest = a.radius.max(b.radius);
        let parts = (length / (2.0 * widest).max(16.0)).ceil().max(1.0);
        let mut from = a;
        for i in 1..=parts as u32 {
            let to = if i as f32 == parts { b } else { a.towards(b, i as f32 / parts) };
            self.short_capsule(&Capsule::new(from, to), surface);
            from = to;
        }
    }

    fn short_capsule(&mut self, capsule: &Capsule, surface: &mut Surface) {
        let bounds = capsule.bounds(surface.bounds());
        for (column, row) in bounds.tiles() {
            let index = row * surface.columns() + column;
            let rect = surface.tile_rect(index);
            let found = self.touched.binary_search_by_key(&index, |(index, _)| *index);
            let at = found.unwrap_or_else(|at| {
                let coverage = Box::new([0; TILE_PIXELS]);
                self.touched.insert(at, (index, Touched { before: surface.tile(index), coverage }));
                at
            });
            self.touched[at].1.paint(capsule, self.paint, bounds.intersection(rect), rect, surface);
        }
        self.damage = self.damage.union(bounds);
    }
}

impl Touched {
    /// Paints the pixels of `area`, which lies in this tile, at `rect`.
    fn paint(&mut self, capsule: &Capsule, paint: [u8; 3], area: Rect, rect: Rect, surface: &mut Surface) {
        for y in area.y..area.bottom() {
            let at = ((y - rect.y) * TILE + area.x - rect.x) as usize;
            let coverage = &mut self.coverage[at..at + area.width as usize];
            let before = self.before[at * 4..].chunks_exact(4);
            let now = surface.row_mut(area.x, y, area.width).chunks_exact_mut(4);
            for (((x, covered), before), now) in (area.x..).zip(coverage).zip(before).zip(now) {
                let new = capsule.coverage(x as f32 + 0.5, y as f32 + 0.5);
                if new > *covered {
                    *covered = new;
                    for channel in 0..3 {
                        now[channel] = mix(before[channel], paint[channel], new);
                    }
                    now[3] = mix(before[3], 255, new);
                }
            }
        }
    }
}

/// `from` towards `to` by `by` 255ths, rounded.
pub(crate) fn mix(from: u8, to: u8, by: u8) -> u8 {
    let (from, to, by) = (u32::from(from), u32::from(to), u32::from(by));
    ((from * (255 - by) + to * by + 127) / 255) as u8
}

/// All discs between two dabs.
struct Capsule {
    a: Dab,
    dx: f32,
    dy: f32,
    swell: f32,
    /// 1 / length², or 0 for a single disc.
    inverse: f32,
    widest: f32,
}

impl Capsule {
    fn new(a: Dab, b: Dab) -> Self {
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let square = dx * dx + dy * dy;
        // Below this the inverse overflows; such a capsule is a disc.
        let inverse = if square > 1e-12 { 1.0 / square } else { 0.0 };
        Self { a, dx, dy, swell: b.radius - a.radius, inverse, widest: a.radius.max(b.radius) }
    }

    /// The pixels that it may cover, within `canvas`.
    fn bounds(&self, canvas: Rect) -> Rect {
        let reach = self.widest + 1.0;
        let span = |from: f32, by: f32, end: u32| {
            let low = (from.min(from + by) - reach).floor().clamp(0.0, end as f32) as u32;
            let high = (from.max(from + by) + reach).ceil().clamp(0.0, end as f32) as u32;
            (low, high - low)
        };
        let (x, width) = span(self.a.x, self.dx, canvas.width);
        let (y, height) = span(self.a.y, self.dy, canvas.height);
        if width == 0 || height == 0 { Rect::EMPTY } else { Rect::new(x, y, width, height) }
    }

    /// How much of the pixel around (`x`, `y`) it covers: the edge is one pixel soft.
    fn coverage(&self, x: f32, y: f32) -> u8 {
        let (px, py) = (x - self.a.x, y - self.a.y);
        let t = ((px * self.dx + py * self.dy) * self.inverse).clamp(0.0, 1.0);
        let (ex, ey) = (px - self.dx * t, py - self.dy * t);
        let square = ex * ex + ey * ey;
        let radius = self.a.radius + self.swell * t;
        let (outer, inner) = (radius + 0.5, radius - 0.5);
        if square >= outer * outer {
            return 0;
        }
        if inner > 0.0 && square <= inner * inner {
            return 255;
        }
        // A line thinner than a pixel covers no more of it than its own width.
        let soft = (outer - square.sqrt()).min(2.0 * radius).clamp(0.0, 1.0);
        (soft * LEVELS + 0.5) as u8 * (255.0 / LEVELS) as u8
    }
}
