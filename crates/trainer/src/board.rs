//! What sketches are drawn on: the painter's sheet, or the studio's own canvas with its own brush.

use crate::colour::Colour;
use crate::sheet::{Ink, Point, Sheet};
use canvas::{Brush, Canvas, Sample};

/// Takes lines and blobs in unit coordinates; widths in units of the side.
pub trait Board {
    fn line(&mut self, points: &[Point], width: f32, colour: Colour);
    /// A curve through `points`.
    fn curve(&mut self, points: &[Point], width: f32, colour: Colour);
    /// The inside of an outline, which is a curve if `round`.
    fn fill(&mut self, points: &[Point], round: bool, colour: Colour);
}

impl Board for Sheet {
    fn line(&mut self, points: &[Point], width: f32, colour: Colour) {
        Sheet::line(self, points, width, colour);
    }

    fn curve(&mut self, points: &[Point], width: f32, colour: Colour) {
        self.stroke_curve(points, false, width, colour);
    }

    fn fill(&mut self, points: &[Point], round: bool, colour: Colour) {
        match round {
            true => Sheet::curve(self, points, Ink::Flat(colour)),
            false => self.polygon(points, Ink::Flat(colour)),
        }
    }
}

/// Side of the studio's canvas in pixels.
pub const SIDE: u32 = 512;
/// Rows of a filled shape lie closer than the pen is wide: no paper shows.
const ROWS: f32 = 0.75;

/// The studio's canvas: it has a brush and nothing else, so shapes are filled with zigzags.
pub struct Drawing(Canvas);

impl Drawing {
    pub fn new() -> Self {
        Self(Canvas::new(SIDE, SIDE))
    }

    /// RGB rows of `size` x `size` pixels, made smaller as the server does it.
    pub fn rgb(&self, size: u32) -> Vec<u8> {
        let rgb: Vec<u8> = self.0.pixels().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
        let whole = image::RgbImage::from_raw(SIDE, SIDE, rgb).expect("the canvas is as large as it says");
        image::imageops::resize(&whole, size, size, image::imageops::FilterType::Triangle).into_raw()
    }

    fn stroke(&mut self, points: &[Point], width: f32, colour: Colour) {
        let side = SIDE as f32;
        let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
        let brush = Brush {
            size: width * side,
            colour: [byte(colour.r), byte(colour.g), byte(colour.b)],
            eraser: false,
        };
        let mut samples = points.iter().map(|p| Sample { x: p[0] * side, y: p[1] * side, pressure: 0.5 });
        if let Some(first) = samples.next() {
            self.0.begin(brush, first);
            self.0.extend(&samples.collect::<Vec<_>>());
            self.0.end();
        }
    }
}

impl Default for Drawing {
    fn default() -> Self {
        Self::new()
    }
}

impl Board for Drawing {
    fn line(&mut self, points: &[Point], width: f32, colour: Colour) {
        self.stroke(&dense(points), width, colour);
    }

    /// The brush smooths by itself.
    fn curve(&mut self, points: &[Point], width: f32, colour: Colour) {
        self.stroke(points, width, colour);
    }

    fn fill(&mut self, points: &[Point], _: bool, colour: Colour) {
        let low = points.iter().map(|p| p[1]).fold(f32::MAX, f32::min).max(-0.1);
        let high = points.iter().map(|p| p[1]).fold(f32::MIN, f32::max).min(1.1);
        let width = ((high - low) * 0.12).clamp(0.008, 0.05);
        let (mut y, mut right) = (low + 0.5 * width, false);
        let mut path = Vec::new();
        while y < high {
            for (from, to) in spans(points, y) {
                let (from, to) = (from + 0.4 * width, to - 0.4 * width);
                if from < to {
                    path.extend(if right { [[from, y], [to, y]] } else { [[to, y], [from, y]] });
                }
            }
            right = !right;
            y += width * ROWS;
        }
        // One stroke a row: a zigzag would cross what is not inside.
        for row in path.chunks_exact(2) {
            self.stroke(&dense(row), width, colour);
        }
    }
}

/// Points close enough that corners stay corners under a brush that smooths.
fn dense(points: &[Point]) -> Vec<Point> {
    let mut out: Vec<Point> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let [a, b] = [pair[0], pair[1]];
        let pieces = ((((b[0] - a[0]).powi(2) + (b[1] - a[1]).powi(2)).sqrt() / 0.02).ceil() as usize).max(1);
        out.extend((1..=pieces).map(|n| {
            let t = n as f32 / pieces as f32;
            [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]
        }));
    }
    out
}

/// Where a horizontal line is inside a polygon, from left to right.
fn spans(points: &[Point], y: f32) -> Vec<(f32, f32)> {
    let mut crossings: Vec<f32> = Vec::new();
    for (i, a) in points.iter().enumerate() {
        let b = points[(i + 1) % points.len()];
        if (a[1] <= y) != (b[1] <= y) {
            crossings.push(a[0] + (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]));
        }
    }
    crossings.sort_by(f32::total_cmp);
    crossings.chunks_exact(2).map(|pair| (pair[0].max(-0.1), pair[1].min(1.1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::rgb;

    #[test]
    fn a_shape_is_filled_by_brush_strokes_and_nothing_outside_is() {
        let mut drawing = Drawing::new();
        drawing.fill(&[[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]], false, rgb(1.0, 0.0, 0.0));
        let pixels = drawing.rgb(64);
        let at = |x: usize, y: usize| [0, 1, 2].map(|k| pixels[(y * 64 + x) * 3 + k]);
        for (x, y) in [(20, 20), (32, 32), (44, 40), (32, 25)] {
            assert_eq!(at(x, y), [255, 0, 0], "{x}, {y}");
        }
        for (x, y) in [(8, 32), (56, 32), (32, 10), (32, 56)] {
            assert_eq!(at(x, y), [255; 3], "{x}, {y}");
        }
    }
}
