//! From samples to a smooth path: quadratic curves from midpoint to midpoint, with the samples
//! as control points. The path has no corners and waits for half a sample only.

use crate::brush::Dab;

/// How far the straight pieces may leave the curve, in pixels.
pub(crate) const FLATNESS: f32 = 0.1;
/// Pieces of one curve; enough for the sharpest turn on the largest canvas.
pub(crate) const PIECES_MAX: f32 = 64.0;

/// The part of a stroke that may still bend.
#[derive(Debug)]
pub(crate) struct Path {
    /// Where the drawn part ends.
    end: Dab,
    /// The newest sample, towards which it goes.
    last: Dab,
}

impl Path {
    pub fn begin(at: Dab) -> Self {
        Self { end: at, last: at }
    }

    /// Goes on towards `next`; `piece` gets the straight pieces in order.
    pub fn extend(&mut self, next: Dab, piece: &mut impl FnMut(Dab, Dab)) {
        if next == self.last {
            return;
        }
        let middle = self.last.towards(next, 0.5);
        curve(self.end, self.last, middle, piece);
        self.end = middle;
        self.last = next;
    }

    /// Reaches the last sample.
    pub fn finish(self, piece: &mut impl FnMut(Dab, Dab)) {
        if self.end != self.last {
            piece(self.end, self.last);
        }
    }
}

/// Flattens the quadratic Bézier curve from `a` to `b` with control point `c`: in `n` equal
/// steps of the parameter its pieces are off by |a - 2c + b| / 4n² at most.
fn curve(a: Dab, c: Dab, b: Dab, piece: &mut impl FnMut(Dab, Dab)) {
    let bend_x = a.x - 2.0 * c.x + b.x;
    let bend_y = a.y - 2.0 * c.y + b.y;
    let bend = (bend_x * bend_x + bend_y * bend_y).sqrt();
    let pieces = (bend / (4.0 * FLATNESS)).sqrt().ceil().clamp(1.0, PIECES_MAX);
    let mut from = a;
    for i in 1..=pieces as u32 {
        let t = i as f32 / pieces;
        let to = a.towards(c, t).towards(c.towards(b, t), t);
        piece(from, to);
        from = to;
    }
}
