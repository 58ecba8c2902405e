//! What a stroke is drawn with, and what a pointer reports.

use crate::curve::{Point, towards};

/// Smallest and largest brush, as diameters in pixels.
pub const SIZE_MIN: f32 = 1.0;
pub const SIZE_MAX: f32 = 512.0;
/// A pointer this far outside the canvas is as good as any that is farther.
const REACH: f32 = 8192.0;

/// A round brush.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Brush {
    /// Diameter in pixels at a pressure of 0.5; held to [`SIZE_MIN`] and [`SIZE_MAX`].
    pub size: f32,
    /// Red, green, blue.
    pub colour: [u8; 3],
    /// Paints the paper's white, whatever `colour` says.
    pub eraser: bool,
}

/// Where the pointer was, in pixels of the canvas; the centre of the first one is (0.5, 0.5).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    pub x: f32,
    pub y: f32,
    /// 0 to 1. A mouse reports 0.5, which draws the brush's own size.
    pub pressure: f32,
}

impl Sample {
    /// The sample at `t` of the way to `to`.
    pub fn towards(self, to: Self, t: f32) -> Self {
        let [x, y, pressure] = towards([self.x, self.y, self.pressure], [to.x, to.y, to.pressure], t);
        Self { x, y, pressure }
    }
}

/// A disc that the brush leaves: a point of the path with the radius there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Dab {
    pub x: f32,
    pub y: f32,
    pub radius: f32,
}

impl Brush {
    pub(crate) fn paint(&self) -> [u8; 3] {
        if self.eraser { [255; 3] } else { self.colour }
    }

    /// The disc that `sample` leaves; none if a coordinate is no number.
    pub(crate) fn dab(&self, sample: Sample) -> Option<Dab> {
        if !sample.x.is_finite() || !sample.y.is_finite() {
            return None;
        }
        let size = if self.size.is_finite() { self.size.clamp(SIZE_MIN, SIZE_MAX) } else { SIZE_MIN };
        let pressure = if sample.pressure.is_finite() { sample.pressure.clamp(0.0, 1.0) } else { 0.5 };
        Some(Dab {
            x: sample.x.clamp(-REACH, REACH),
            y: sample.y.clamp(-REACH, REACH),
            // The lightest touch draws 0.4 of the size, the hardest 1.6.
            radius: size * 0.5 * (0.4 + 1.2 * pressure),
        })
    }
}

impl From<Point> for Dab {
    fn from([x, y, radius]: Point) -> Self {
        Self { x, y, radius }
    }
}

impl From<Dab> for Point {
    fn from(dab: Dab) -> Self {
        [dab.x, dab.y, dab.radius]
    }
}

impl Dab {
    /// The point at `t` of the way to `to`.
    pub fn towards(self, to: Self, t: f32) -> Self {
        towards(self.into(), to.into(), t).into()
    }
}
