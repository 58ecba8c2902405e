//! What a person did to the drawing, as small as it can be told to somebody who draws it again.

use crate::{
    Fill, SIDE_MAX,
    brush::{Brush, Sample},
    curve::{Node, Point, Span, length},
    simplify::{point, simplify},
};

/// Most knots of one mark.
pub const KNOTS_MAX: usize = 4096;
/// Most pixels that one mark may look at, each as often as it does: a tenth of a second's work.
pub const PIXELS_MAX: u64 = 24 << 20;

/// Pixels of the largest paper.
const PAPER_MAX: u64 = SIDE_MAX as u64 * SIDE_MAX as u64;
/// How many of a mark's pixels one of a fill is worth, in time.
const FILL_LOOKS: u64 = 12;

/// A finished stroke: a smooth path through its knots.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    brush: Brush,
    knots: Vec<Knot>,
}

/// A sample that is kept, and whether the path has a corner there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Knot {
    pub sample: Sample,
    pub corner: bool,
}

impl Mark {
    /// The stroke that a pointer drew, simplified below what the eye sees. None if it is nowhere, or so long
    /// and so wide that nobody should have to draw it again.
    pub fn of(brush: Brush, samples: &[Sample]) -> Option<Self> {
        let brush = brush.on_grid();
        Self::new(brush, simplify(brush, samples))
    }

    /// A mark as it was told. None if it is none that [`Mark::of`] gives.
    pub(crate) fn new(brush: Brush, knots: Vec<Knot>) -> Option<Self> {
        let mark = Self { brush, knots };
        let fits = (1..=KNOTS_MAX).contains(&mark.knots.len()) && mark.pixels() <= PIXELS_MAX;
        fits.then_some(mark)
    }

    pub fn brush(&self) -> Brush {
        self.brush
    }

    pub fn knots(&self) -> &[Knot] {
        &self.knots
    }

    /// Its knots in whole steps of their grid: place and pressure.
    pub fn steps(&self) -> impl Iterator<Item = [i32; 3]> + '_ {
        self.knots.iter().map(|knot| self.brush.steps(point(knot.sample)))
    }

    /// Places on the curve that it draws, a few for each pixel.
    pub fn path(&self) -> impl Iterator<Item = [f32; 2]> + '_ {
        let nodes = self.nodes();
        let last = nodes.last().map(|node| [node.at[0], node.at[1]]);
        let spans = (1..nodes.len()).flat_map(move |n| {
            let span = Span::of(&nodes, n - 1);
            let count = (4.0 * length(nodes[n - 1].at, nodes[n].at)).ceil() as u32;
            (0..count).map(move |k| span.at(k as f32 / count as f32)).map(|[x, y, _]| [x, y])
        });
        spans.chain(last)
    }

    /// An upper bound of the pixels that drawing it looks at.
    fn pixels(&self) -> u64 {
        let nodes = self.nodes();
        // The widest that pressure makes it, and its soft edge.
        let width = 1.6 * self.brush.size + 4.0;
        let side = |from: f32, to: f32, parts: f32| (width + (to - from).abs() / parts).min(SIDE_MAX as f32);
        let piece = |a: Point, b: Point| {
            // Drawn in short capsules, each in a box of its own.
            let parts = (length(a, b) / 16.0_f32.max(0.8 * self.brush.size)).ceil();
            parts * side(a[0], b[0], parts) * side(a[1], b[1], parts)
        };
        let spans = (1..nodes.len()).map(|n| {
            let span = Span::of(&nodes, n - 1);
            let pieces = span.pieces();
            let at = |n: u32| span.at(n as f32 / pieces as f32);
            (1..=pieces).map(|n| f64::from(piece(at(n - 1), at(n)))).sum::<f64>()
        });
        (spans.sum::<f64>() + f64::from(width * width)) as u64
    }

    fn nodes(&self) -> Vec<Node> {
        self.knots.iter().map(|knot| Node { at: point(knot.sample), corner: knot.corner }).collect()
    }
}

/// One thing that was done. Each takes the stroke that is under way back first, if there is one.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    Mark(Mark),
    /// A stroke that is not finished, as it looks so far.
    UnderWay(Mark),
    Fill(Fill),
    Undo,
    Redo,
    Clear,
    /// The stroke under way was given up.
    Abort,
}

impl Deed {
    /// An upper bound of the pixels that doing it looks at.
    pub(crate) fn pixels(&self) -> u64 {
        match self {
            Self::Mark(mark) | Self::UnderWay(mark) => mark.pixels(),
            Self::Fill(_) => FILL_LOOKS * PAPER_MAX,
            Self::Undo | Self::Redo | Self::Clear | Self::Abort => PAPER_MAX,
        }
    }
}
