//! A pointer on the paper, and what it does there.

use super::Paper;
use canvas::{Brush, Mark, Sample};

/// A line on whose end a hand stays becomes straight if it is so many pixels of usual paper long, and off by no more than this share of it.
const LINE: f32 = 24.0;
const NEARLY: f32 = 0.06;
/// A line that is level, upright or diagonal but for this share of its length, some two degrees, is so.
const LEVEL: f32 = 0.035;
/// Pixels from one place of a line to the next: a path is rounded where places are far apart, and its beginning is a corner.
const APART: f32 = 4.0;

/// What a pointer does with the drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Hand {
    Draws(Brush),
    /// Gives the area that it pressed this colour when it is lifted: until then it may become a pinch.
    Fills([u8; 3]),
    /// Takes the colour that it pressed, when it is lifted.
    Picks,
}

impl Hand {
    /// The same on this paper: a brush is measured by usual one.
    pub(super) fn on(self, paper: Paper) -> Self {
        match self {
            Self::Draws(brush) => Self::Draws(Brush { size: brush.size * paper.scale(), ..brush }),
            other => other,
        }
    }
}

/// A pointer on the paper.
pub(super) struct Held {
    pub id: i32,
    pub is_pen: bool,
    pub hand: Hand,
    /// Where it was, as the browser reported it; never empty.
    pub samples: Vec<Sample>,
    /// Knots that it had when it was told last.
    pub told: usize,
    /// The sample where the line begins whose end it leads.
    pub line_from: Option<usize>,
    /// It stayed at the end of a line, and leads that end for good.
    pub stayed: bool,
}

impl Held {
    pub fn first(&self) -> Sample {
        self.samples[0]
    }

    /// How far it ever was from where it came down, in pixels of the paper.
    pub fn reach(&self) -> f32 {
        self.samples.iter().map(|sample| away(*sample, self.first())).fold(0.0, f32::max)
    }

    pub fn last(&self) -> Sample {
        self.samples[self.samples.len() - 1]
    }

    /// Whether what was drawn is a line, but for what a hand cannot help.
    pub fn is_nearly_straight(&self, paper: Paper) -> bool {
        let (from, to) = (self.first(), self.last());
        let length = away(from, to);
        let (dx, dy) = ((to.x - from.x) / length, (to.y - from.y) / length);
        let off = |at: &Sample| {
            let (x, y) = (at.x - from.x, at.y - from.y);
            let (along, beside) = (x * dx + y * dy, x * dy - y * dx);
            beside.abs().max(-along).max(along - length)
        };
        matches!(self.hand, Hand::Draws(_))
            && length >= LINE * paper.scale()
            && self.samples.iter().map(off).fold(0.0, f32::max) <= NEARLY * length
    }

    /// Leads the end of a line there, which begins where it is if there is none yet.
    pub fn lead(&mut self, to: Sample) {
        let from = *self.line_from.get_or_insert(self.samples.len() - 1);
        self.samples.truncate(from + 1);
        let start = self.last();
        let to = levelled(start, to);
        let parts = (away(start, to) / APART).ceil().max(1.0);
        self.samples.extend((1..=parts as u32).map(|part| start.towards(to, part as f32 / parts)));
    }

    /// The stroke so far, if it is one that can be told.
    pub fn mark(&self) -> Option<Mark> {
        match self.hand {
            Hand::Draws(brush) => Mark::of(brush, &self.samples),
            Hand::Fills(_) | Hand::Picks => None,
        }
    }
}

/// The end of a line that begins there.
fn levelled(start: Sample, to: Sample) -> Sample {
    let (x, y) = (to.x - start.x, to.y - start.y);
    let (wide, high) = (x.abs(), y.abs());
    let (near, side) = (LEVEL * wide.max(high), (wide + high) / 2.0);
    let (x, y) = match () {
        () if high <= near => (x, 0.0),
        () if wide <= near => (0.0, y),
        () if (wide - high).abs() <= near => (side.copysign(x), side.copysign(y)),
        () => (x, y),
    };
    Sample { x: start.x + x, y: start.y + y, ..to }
}

fn away(a: Sample, b: Sample) -> f32 {
    let (x, y) = (a.x - b.x, a.y - b.y);
    (x * x + y * y).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_nearly_level_upright_or_diagonal_is_so() {
        let place = |x, y| Sample { x, y, pressure: 0.5 };
        let end = |x, y| {
            let end = levelled(place(100.0, 100.0), place(x, y));
            (end.x, end.y)
        };
        assert_eq!(end(400.0, 110.0), (400.0, 100.0));
        assert_eq!(end(97.0, 0.0), (100.0, 0.0));
        assert_eq!(end(0.0, 202.0), (-1.0, 201.0), "each way as far as the other");
        assert_eq!(end(400.0, 120.0), (400.0, 120.0), "four degrees are meant");
        assert_eq!(end(100.0, 100.0), (100.0, 100.0));
    }
}
