//! What a person did to the drawing, as small as it can be told to somebody who draws it again.

use crate::{
    SIDE_MAX,
    brush::{Brush, Sample},
    simplify::simplify,
};

/// Most samples of one mark.
pub const SAMPLES_MAX: usize = 4096;
/// Most pixels that one mark may look at, each as often as it does: a tenth of a second's work.
const PIXELS_MAX: u64 = 48 << 20;

/// A finished stroke.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    brush: Brush,
    samples: Vec<Sample>,
}

impl Mark {
    /// The stroke that a pointer drew, simplified below what the eye sees. None if it is nowhere, or so long
    /// and so wide that nobody should have to draw it again.
    pub fn of(brush: Brush, samples: &[Sample]) -> Option<Self> {
        let brush = brush.on_grid();
        Self::new(brush, simplify(brush, samples))
    }

    /// A mark as it was told. None if it is none that [`Mark::of`] gives.
    pub(crate) fn new(brush: Brush, samples: Vec<Sample>) -> Option<Self> {
        let mark = Self { brush, samples };
        let fits = (1..=SAMPLES_MAX).contains(&mark.samples.len()) && mark.pixels() <= PIXELS_MAX;
        fits.then_some(mark)
    }

    pub fn brush(&self) -> Brush {
        self.brush
    }

    pub fn samples(&self) -> &[Sample] {
        &self.samples
    }

    /// An upper bound of the pixels that drawing it looks at.
    fn pixels(&self) -> u64 {
        let width = 2.0 * f64::from(self.brush.size);
        let side = f64::from(SIDE_MAX);
        let piece = |pair: &[Sample]| {
            let (dx, dy) = (f64::from(pair[1].x - pair[0].x), f64::from(pair[1].y - pair[0].y));
            let length = (dx * dx + dy * dy).sqrt();
            // Short capsules of at most twice their width, each in a box as large as the canvas at most.
            let parts = (length / width.max(16.0)).ceil() + 2.0;
            let reach = (width + length / parts + 4.0).min(side);
            parts * reach * reach
        };
        self.samples.windows(2).map(piece).sum::<f64>() as u64
    }
}

/// One thing that was done. Each takes the stroke that is under way back first, if there is one.
#[derive(Debug, Clone, PartialEq)]
pub enum Deed {
    Mark(Mark),
    /// A stroke that is not finished, as it looks so far.
    UnderWay(Mark),
    Undo,
    Redo,
    Clear,
    /// The stroke under way was given up.
    Abort,
}
