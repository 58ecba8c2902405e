//! A stroke as few samples as the eye can tell: the same path within less than a pixel.
//!
//! Douglas and Peucker, "Algorithms for the reduction of the number of points required to represent a digitized
//! line", 1973, with the curve through the kept points in place of lines.

use crate::brush::{Brush, Dab, Sample};
use crate::curve::{Node, Point, Span, length, slope, towards};
use crate::mark::Knot;
use crate::path::Path;

/// Places on a pixel's side that a sample of a thin brush may have; of a wider one it is one place.
const GRID: f32 = 2.0;
const WIDE: f32 = 12.0;
/// Steps of pressure.
const PRESSURES: f32 = 16.0;
/// Steps of a brush's diameter within a pixel.
const SIZES: f32 = 4.0;
/// How far the path may move, in pixels, whatever the brush; and by so much more for each pixel of it. The
/// grid moves it by another third of a pixel.
const NEAR: f32 = 0.35;
const NEARER: f32 = 0.02;
/// At most so far, however wide the brush.
const NEAR_MOST: f32 = 1.5;
/// Straight pieces of a span, for measuring.
const PIECES: u32 = 8;
/// A corner turns within so many pixels on either side, by 60 degrees or more: the cosine is less than this.
const ARM: f32 = 6.0;
const CORNER: f32 = 0.5;
/// Samples nearer than this to the last are the same place.
const STILL: f32 = 0.25;
/// Pixels from one point of the drawn path to the next, at most.
const CLOSE: f32 = 3.0;
/// Places looked at for one that is so far away: a hand may stay within a few pixels for long.
const LOOKED_AT: usize = 64;
/// Over so many pixels the slope of the drawn path is taken, on either side.
const SMOOTH: f32 = 3.0;
/// Kept points on either side that the path at a point depends on.
const REACH: usize = 3;

/// Few samples that draw what `samples` draw, on the grid that a stream of strokes can tell; and which of them
/// are corners.
pub(crate) fn simplify(brush: Brush, samples: &[Sample]) -> Vec<Knot> {
    let drawn = drawn(samples);
    let Some(last) = drawn.len().checked_sub(1) else { return Vec::new() };
    let near = (NEAR + NEARER * brush.size).min(NEAR_MOST);
    let knot =
        |index: usize, corner| Knot { sample: Sample::of_steps(brush.steps(drawn[index]), brush), corner };
    let mut knots = vec![knot(0, false)];
    // Between corners the path is smooth.
    let corners = corners(&drawn);
    for piece in corners.windows(2) {
        let (first, end) = (piece[0], piece[1]);
        // The radius goes by so many pixels from no pressure to all.
        let fit = Fit { drawn: &drawn[first..=end], near, swell: brush.size * 0.6 };
        let mut kept = fit.strides();
        while fit.refine(&mut kept) {}
        while fit.thin(&mut kept) {}
        knots.extend(kept[1..].iter().map(|index| knot(first + index, first + index == end && end < last)));
    }
    // On the grid neighbours may have become one, which has no direction.
    knots.dedup_by(|b, a| a.sample == b.sample);
    knots
}

/// The ends of a path, and between them the places where it turns within a few pixels.
fn corners(drawn: &[Point]) -> Vec<usize> {
    let last = drawn.len() - 1;
    let mut found = vec![0];
    // The sharpest of neighbours, and how far straight on it still goes.
    let mut sharpest: Option<(usize, f32)> = None;
    for at in 1..last {
        let straight = straightness(drawn, at).filter(|straight| *straight < CORNER);
        sharpest = match (sharpest, straight) {
            (Some((other, least)), Some(straight)) if least <= straight => Some((other, least)),
            (_, Some(straight)) => Some((at, straight)),
            (Some((corner, _)), None) => {
                found.push(corner);
                None
            }
            (None, None) => None,
        };
    }
    found.extend(sharpest.map(|(corner, _)| corner));
    found.extend((last > 0).then_some(last));
    found
}

/// The cosine between where the path at a place comes from and where it goes to; none near its ends.
fn straightness(drawn: &[Point], at: usize) -> Option<f32> {
    let here = drawn[at];
    // Exactly as far on both sides, or places beside the corner would look as sharp.
    let arm = |inner: usize, outer: usize| {
        let (near, far) = (length(drawn[inner], here), length(drawn[outer], here));
        towards(drawn[inner], drawn[outer], ((ARM - near) / (far - near)).clamp(0.0, 1.0))
    };
    let far = |n: &usize| length(drawn[*n], here) >= ARM;
    let (before, after) =
        ((0..at).rev().take(LOOKED_AT).find(far)?, (at + 1..drawn.len()).take(LOOKED_AT).find(far)?);
    let (from, to) = (slope(arm(before + 1, before), here), slope(here, arm(after - 1, after)));
    Some(from[0] * to[0] + from[1] * to[1])
}

/// What a simpler path is held against.
struct Fit<'a> {
    drawn: &'a [Point],
    /// How far it may be off.
    near: f32,
    swell: f32,
}

impl Fit<'_> {
    /// From the first place to the last in strides as long as one curve can follow.
    fn strides(&self) -> Vec<usize> {
        let last = self.drawn.len() - 1;
        let mut kept = vec![0];
        let mut from = 0;
        while from < last {
            let good = |to: usize| self.follows(from, to);
            // The end is like no place before it: there nothing says where the curve has to lead.
            if good(last) {
                kept.push(last);
                break;
            }
            let mut far = 1;
            while from + 2 * far < last && good(from + 2 * far) {
                far *= 2;
            }
            // Good at `far`, and at twice that not, or beyond the end.
            let (mut to, mut beyond) = (from + far, (from + 2 * far).min(last + 1));
            while to + 1 < beyond {
                let middle = usize::midpoint(to, beyond);
                if good(middle) { to = middle } else { beyond = middle }
            }
            kept.push(to);
            from = to;
        }
        kept
    }

    /// Whether one curve with the slopes of the drawn path, but at its ends, follows it between two places.
    fn follows(&self, from: usize, to: usize) -> bool {
        let slope = |at: usize| (0 < at && at < self.drawn.len() - 1).then(|| self.slope(at));
        let span = Span::between(self.drawn[from], self.drawn[to], slope(from), slope(to));
        self.worst(&span, from, to).is_none()
    }

    /// The slope of the drawn path, a little smoothed.
    fn slope(&self, at: usize) -> Point {
        let far = |n: &usize| length(self.drawn[*n], self.drawn[at]) >= SMOOTH;
        let before = (0..at).rev().take(LOOKED_AT).find(far).unwrap_or(at.saturating_sub(LOOKED_AT));
        let after = (at + 1..self.drawn.len())
            .take(LOOKED_AT)
            .find(far)
            .unwrap_or((at + LOOKED_AT).min(self.drawn.len() - 1));
        slope(self.drawn[before], self.drawn[after])
    }

    /// Keeps the worst place of each span that is off; whether there was one.
    fn refine(&self, kept: &mut Vec<usize>) -> bool {
        let points = self.points(kept);
        let before = std::mem::take(kept);
        for (n, ends) in before.windows(2).enumerate() {
            kept.push(ends[0]);
            kept.extend(self.worst(&Span::of(&points, n), ends[0], ends[1]));
        }
        kept.extend(before.last());
        kept.len() > before.len()
    }

    /// Gives up kept points that the path does without; whether there was one.
    fn thin(&self, kept: &mut Vec<usize>) -> bool {
        let (before, mut n) = (kept.len(), 1);
        while n + 1 < kept.len() {
            let place = kept.remove(n);
            // The spans that end or begin at its neighbours, and what bends them.
            let (first, last) = (n.saturating_sub(REACH), (n + REACH - 1).min(kept.len() - 1));
            let beside = &kept[first..=last];
            let points = self.points(beside);
            let spans = n.saturating_sub(2)..(n + 1).min(kept.len() - 1);
            let mut good = spans.map(|span| span - first).filter(|span| span + 1 < beside.len());
            if !good
                .all(|span| self.worst(&Span::of(&points, span), beside[span], beside[span + 1]).is_none())
            {
                kept.insert(n, place);
                n += 1;
            }
        }
        kept.len() < before
    }

    /// The place between two that a curve from one to the other misses most, if it misses one.
    fn worst(&self, span: &Span, from: usize, to: usize) -> Option<usize> {
        let mut path = [self.drawn[from]; PIECES as usize + 1];
        for (n, place) in (0..).zip(&mut path) {
            *place = span.at(n as f32 / PIECES as f32);
        }
        let off = |index: usize| (index, self.distance(self.drawn[index], &path));
        let worst = (from + 1..to).map(off).max_by(|a, b| a.1.total_cmp(&b.1));
        worst.filter(|(_, off)| *off > self.near).map(|(index, _)| index)
    }

    fn points(&self, kept: &[usize]) -> Vec<Node> {
        kept.iter().map(|index| Node { at: self.drawn[*index], corner: false }).collect()
    }

    /// How far a place is from a path, in pixels; a wrong radius counts as a wrong place.
    fn distance(&self, place: Point, path: &[Point]) -> f32 {
        let off = path.windows(2).map(|pair| {
            let (a, b) = (pair[0], pair[1]);
            let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
            let square = dx * dx + dy * dy;
            let along = ((place[0] - a[0]) * dx + (place[1] - a[1]) * dy) / square;
            let near = towards(a, b, if square > 0.0 { along.clamp(0.0, 1.0) } else { 0.0 });
            let (x, y, r) = (place[0] - near[0], place[1] - near[1], (place[2] - near[2]) * self.swell);
            x * x + y * y + r * r
        });
        off.fold(f32::MAX, f32::min).sqrt()
    }
}

/// Points on the path that these samples draw under the hand, close together: between them nothing is measured.
fn drawn(samples: &[Sample]) -> Vec<Point> {
    let finite = samples.iter().filter(|s| s.x.is_finite() && s.y.is_finite());
    let mut places: Vec<Point> = finite.map(|sample| point(*sample)).collect();
    // A hand that rests says nothing.
    places.dedup_by(|b, a| length(*a, *b) < STILL && (a[2] - b[2]).abs() < 0.5 / PRESSURES);
    let [first, rest @ ..] = &places[..] else { return Vec::new() };
    let mut drawn = vec![*first];
    let mut piece = |a: Dab, b: Dab| {
        let parts = (length(a.into(), b.into()) / CLOSE).ceil();
        drawn.extend((1..=parts as u32).map(|n| towards(a.into(), b.into(), n as f32 / parts)));
    };
    let mut path = Path::begin((*first).into());
    rest.iter().for_each(|place| path.extend((*place).into(), &mut piece));
    path.finish(&mut piece);
    drawn
}

pub(crate) fn point(sample: Sample) -> Point {
    [sample.x, sample.y, if sample.pressure.is_finite() { sample.pressure } else { 0.5 }]
}

impl Brush {
    /// The brush that a stream can tell.
    pub(crate) fn on_grid(self) -> Self {
        let size = if self.size.is_finite() { self.size } else { crate::brush::SIZE_MIN };
        let size = size.clamp(crate::brush::SIZE_MIN, crate::brush::SIZE_MAX);
        Self { size: (size * SIZES).round() / SIZES, ..self }
    }

    /// Steps on a pixel's side for places of this brush.
    fn grid(self) -> f32 {
        if self.size < WIDE { GRID } else { 1.0 }
    }

    /// Place and pressure in whole steps.
    pub(crate) fn steps(self, [x, y, pressure]: Point) -> [i32; 3] {
        let reach = crate::SIDE_MAX as f32 * 2.0;
        let whole = |value: f32| (value.clamp(-reach, reach) * self.grid()).round() as i32;
        [whole(x), whole(y), (pressure.clamp(0.0, 1.0) * PRESSURES).round() as i32]
    }

    /// The diameter in whole steps; exact for a brush on the grid.
    pub(crate) fn size_steps(self) -> u32 {
        (self.size * SIZES) as u32
    }

    pub(crate) fn of_size_steps(steps: u32, colour: [u8; 3], eraser: bool) -> Self {
        Self { size: steps as f32 / SIZES, colour, eraser }
    }
}

impl Sample {
    /// The sample of a brush whose steps these are.
    pub(crate) fn of_steps([x, y, pressure]: [i32; 3], brush: Brush) -> Self {
        Self { x: x as f32 / brush.grid(), y: y as f32 / brush.grid(), pressure: pressure as f32 / PRESSURES }
    }
}
