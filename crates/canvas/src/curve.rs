//! A smooth path through few points, however unevenly they lie.
//!
//! Its direction at a point is that of the parabola through the point and its neighbours by chord length (Catmull
//! and Rom, "A class of local interpolating splines", 1974; Yuksel et al., "Parameterization and applications of
//! Catmull-Rom curves", 2011), and each span bends as an arc of a circle would. Only `+ - * /` and `sqrt`.

use crate::path::{FLATNESS, PIECES_MAX};

/// Place and a third value that changes along with it: pressure or radius.
pub(crate) type Point = [f32; 3];

/// A point of a path, and whether the path has a corner there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub at: Point,
    pub corner: bool,
}

/// Shorter chords than this have no direction.
const CHORD_MIN: f32 = 1.0 / 64.0;

/// The curve from one point to the next, as a cubic Bézier.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span([Point; 4]);

impl Span {
    /// The curve from node `n` to the next of `nodes`.
    ///
    /// # Panics
    /// If there is none.
    pub fn of(nodes: &[Node], n: usize) -> Self {
        let (a, b) = (nodes[n].at, nodes[n + 1].at);
        let before = n.checked_sub(1).filter(|_| !nodes[n].corner);
        let start = before.map(|before| bend(nodes[before].at, a, b));
        let after = nodes.get(n + 2).filter(|_| !nodes[n + 1].corner);
        let end = after.map(|after| bend(a, b, after.at));
        Self::between(a, b, start, end)
    }

    /// The curve from one point to another with these slopes there; without one it bends there as it does at the
    /// other end.
    pub fn between(a: Point, b: Point, start: Option<Point>, end: Option<Point>) -> Self {
        let straight = slope(a, b);
        let like = |other: Option<Point>| other.map_or(straight, |other| mirrored(other, straight));
        let (start, end) = (start.unwrap_or_else(|| like(end)), end.unwrap_or_else(|| like(start)));
        let chord = length(a, b);
        let reach = |slope: Point| {
            // As far as on an arc that leaves the chord at this angle.
            let turn = (slope[0] * straight[0] + slope[1] * straight[1]).max(0.0);
            chord / 3.0 * (2.0 / (1.0 + turn))
        };
        let (from, to) = (reach(start), reach(end));
        let (mut c, mut d) =
            (each(a, start, |a, slope| a + slope * from), each(b, end, |b, slope| b - slope * to));
        // A slope of the third value over a short chord would carry it far beyond its ends on a long one.
        (c[2], d[2]) = (a[2] + (b[2] - a[2]) / 3.0, a[2] + (b[2] - a[2]) * 2.0 / 3.0);
        Self([a, c, d, b])
    }

    /// In how many straight pieces it is drawn: in `n` equal steps of the parameter a cubic is off by 3/4 of
    /// its greatest second difference over n² at most.
    pub fn pieces(&self) -> u32 {
        (self.bulge() * 0.75 / FLATNESS).sqrt().ceil().clamp(1.0, PIECES_MAX) as u32
    }

    pub fn at(&self, t: f32) -> Point {
        let [a, c, d, b] = self.0;
        let (ac, cd, db) = (towards(a, c, t), towards(c, d, t), towards(d, b, t));
        towards(towards(ac, cd, t), towards(cd, db, t), t)
    }

    /// The greatest second difference of its control points, in pixels.
    fn bulge(&self) -> f32 {
        let [a, c, d, b] = self.0;
        let off = |p: Point, q: Point, r: Point| {
            let (x, y) = (p[0] - 2.0 * q[0] + r[0], p[1] - 2.0 * q[1] + r[1]);
            (x * x + y * y).sqrt()
        };
        off(a, c, d).max(off(c, d, b))
    }
}

/// The slope of the parabola through three points at the middle one.
fn bend(before: Point, at: Point, after: Point) -> Point {
    let (d0, d1) = (length(before, at), length(at, after));
    let (v0, v1) = (slope(before, at), slope(at, after));
    let [x, y, w] = each(v0, v1, |v0, v1| (v0 * d1 + v1 * d0) / (d0 + d1));
    let size = (x * x + y * y).sqrt();
    // Where the path turns back there is no direction in between.
    if size < 0.05 { v1 } else { [x / size, y / size, w] }
}

/// The slope at one end of a span that is as far from its chord's as `other` at the other end.
fn mirrored(other: Point, chord: Point) -> Point {
    let turn = 2.0 * (other[0] * chord[0] + other[1] * chord[1]);
    [turn * chord[0] - other[0], turn * chord[1] - other[1], chord[2]]
}

/// How a straight line changes in each pixel.
pub(crate) fn slope(a: Point, b: Point) -> Point {
    let chord = length(a, b);
    each(a, b, |a, b| (b - a) / chord)
}

pub(crate) fn length(a: Point, b: Point) -> f32 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    (dx * dx + dy * dy).sqrt().max(CHORD_MIN)
}

pub(crate) fn towards(a: Point, b: Point, t: f32) -> Point {
    each(a, b, |a, b| a + (b - a) * t)
}

fn each(a: Point, b: Point, f: impl Fn(f32, f32) -> f32) -> Point {
    [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2])]
}
