//! The sheet one paints on: a square in unit coordinates, whatever its pixels.

use tiny_skia::{
    FillRule, GradientStop, LineCap, LineJoin, LinearGradient, Paint, Path, PathBuilder, Pixmap,
    RadialGradient, Shader, SpreadMode, Stroke, Transform,
};

use crate::colour::{Colour, WHITE, rgb};

/// x to the right, y down, both 0..1 on the sheet.
pub type Point = [f32; 2];

/// What a shape is filled with.
#[derive(Debug, Clone, Copy)]
pub enum Ink {
    Flat(Colour),
    /// A gradient from the first point's colour to the second's.
    Ramp(Point, Point, Colour, Colour),
    /// A round gradient: centre, radius, colour inside and at the rim.
    Round(Point, f32, Colour, Colour),
}

/// A square of pixels that shapes in unit coordinates are painted on.
pub struct Sheet {
    pixels: Pixmap,
    scale: f32,
    /// Shapes are flat papers that throw a shadow on what lies below.
    cut: bool,
}

impl Sheet {
    /// A sheet of `size` x `size` pixels (1..=4096) covered with `paper`.
    pub fn new(size: u32, paper: Colour) -> Self {
        let mut pixels = Pixmap::new(size.clamp(1, 4096), size.clamp(1, 4096)).expect("a positive size");
        pixels.fill(skia(paper));
        Self { pixels, scale: size as f32, cut: false }
    }

    /// A sheet on which shapes are cut from paper and laid down, a gradient from a few papers; what is only a
    /// glow is left out.
    pub fn cut(size: u32, paper: Colour) -> Self {
        Self { cut: true, ..Self::new(size, paper) }
    }

    /// Fills the polygon through `points`.
    pub fn polygon(&mut self, points: &[Point], ink: Ink) {
        self.fill(straight(points, true), ink);
    }

    /// Fills the closed curve through `points`.
    pub fn curve(&mut self, points: &[Point], ink: Ink) {
        self.fill(smooth(points, true), ink);
    }

    /// Fills an ellipse with radii `rx` and `ry`.
    pub fn ellipse(&mut self, centre: Point, rx: f32, ry: f32, ink: Ink) {
        let bounds =
            tiny_skia::Rect::from_ltrb(centre[0] - rx, centre[1] - ry, centre[0] + rx, centre[1] + ry);
        self.fill(bounds.and_then(PathBuilder::from_oval), ink);
    }

    /// Fills the box between two corners.
    pub fn rectangle(&mut self, [x0, y0]: Point, [x1, y1]: Point, ink: Ink) {
        self.polygon(&[[x0, y0], [x1, y0], [x1, y1], [x0, y1]], ink);
    }

    /// Draws a line with round ends through `points`, `width` in units of the sheet.
    pub fn line(&mut self, points: &[Point], width: f32, colour: Colour) {
        self.stroke(straight(points, false), width, colour);
    }

    /// Draws a curve with round ends through `points`.
    pub fn stroke_curve(&mut self, points: &[Point], closed: bool, width: f32, colour: Colour) {
        self.stroke(smooth(points, closed), width, colour);
    }

    /// The picture as RGB rows.
    pub fn rgb(&self) -> Vec<u8> {
        self.pixels.data().chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect()
    }

    fn fill(&mut self, path: Option<Path>, ink: Ink) {
        let Some(path) = path else { return };
        if !self.cut {
            return self.fill_path(&path, ink, self.transform());
        }
        if mean(ink).a < SHEER {
            return;
        }
        // A soft shadow out of a few hard ones.
        for reach in [0.005, 0.009, 0.013, 0.017, 0.021] {
            let shadow = Ink::Flat(rgb(0.10, 0.07, 0.10).alpha(0.12));
            self.fill_path(&path, shadow, self.transform().pre_translate(reach * 0.6, reach));
        }
        // The paper's own thickness catches the light.
        let rim = mean(ink).mix(WHITE, 0.5).alpha(1.0);
        self.fill_path(&path, Ink::Flat(rim), self.transform().pre_translate(-0.002, -0.004));
        let opaque = match ink {
            Ink::Flat(colour) => Ink::Flat(colour.alpha(1.0)),
            gradient => gradient,
        };
        self.fill_path(&path, opaque, self.transform());
    }

    fn fill_path(&mut self, path: &Path, ink: Ink, transform: Transform) {
        let paint = Paint { shader: shader(ink, self.cut), anti_alias: true, ..Paint::default() };
        self.pixels.fill_path(path, &paint, FillRule::Winding, transform, None);
    }

    fn stroke(&mut self, path: Option<Path>, width: f32, colour: Colour) {
        let Some(path) = path else { return };
        if self.cut && colour.a < SHEER {
            return;
        }
        let paint = Paint { shader: Shader::SolidColor(skia(colour)), anti_alias: true, ..Paint::default() };
        let stroke =
            Stroke { width, line_cap: LineCap::Round, line_join: LineJoin::Round, ..Stroke::default() };
        self.pixels.stroke_path(&path, &paint, &stroke, self.transform(), None);
    }

    fn transform(&self) -> Transform {
        Transform::from_scale(self.scale, self.scale)
    }
}

/// Inks more transparent than this are shadows and glows.
const SHEER: f32 = 0.6;

/// The one colour that is nearest to all of an ink.
fn mean(ink: Ink) -> Colour {
    match ink {
        Ink::Flat(colour) => colour,
        Ink::Ramp(_, _, a, b) | Ink::Round(_, _, a, b) => a.mix(b, 0.5),
    }
}

fn skia(colour: Colour) -> tiny_skia::Color {
    let unit = |v: f32| v.clamp(0.0, 1.0);
    tiny_skia::Color::from_rgba(unit(colour.r), unit(colour.g), unit(colour.b), unit(colour.a))
        .expect("components were clamped")
}

/// Papers in place of each gradient of a cut sheet.
const PAPERS: usize = 4;

fn shader(ink: Ink, cut: bool) -> Shader<'static> {
    let stops = |inner: Colour, outer: Colour| match cut {
        false => vec![GradientStop::new(0.0, skia(inner)), GradientStop::new(1.0, skia(outer))],
        true => papers(inner, outer),
    };
    let point = |[x, y]: Point| tiny_skia::Point::from_xy(x, y);
    let (flat, gradient) = match ink {
        Ink::Flat(colour) => (colour, None),
        Ink::Ramp(from, to, a, b) => {
            let stops = stops(a, b);
            let ramp =
                LinearGradient::new(point(from), point(to), stops, SpreadMode::Pad, Transform::identity());
            (a, ramp)
        }
        Ink::Round(centre, radius, a, b) => {
            let (at, stops) = (point(centre), stops(a, b));
            (a, RadialGradient::new(at, at, radius, stops, SpreadMode::Pad, Transform::identity()))
        }
    };
    gradient.unwrap_or(Shader::SolidColor(skia(flat)))
}

/// One opaque colour after the other, without anything between.
fn papers(inner: Colour, outer: Colour) -> Vec<GradientStop> {
    let paper = |n: usize| skia(inner.mix(outer, n as f32 / (PAPERS - 1) as f32).alpha(1.0));
    let rim = |n: usize| n as f32 / PAPERS as f32;
    (0..PAPERS)
        .flat_map(|n| [(rim(n), paper(n)), (rim(n + 1), paper(n))])
        .map(|(at, colour)| GradientStop::new(at, colour))
        .collect()
}

fn straight(points: &[Point], closed: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    let (first, rest) = points.split_first()?;
    path.move_to(first[0], first[1]);
    rest.iter().for_each(|p| path.line_to(p[0], p[1]));
    if closed {
        path.close();
    }
    path.finish()
}

/// Catmull and Rom's spline as cubic pieces.
fn smooth(points: &[Point], closed: bool) -> Option<Path> {
    if points.len() < 3 {
        return straight(points, closed);
    }
    let n = points.len() as isize;
    let at = |i: isize| points[if closed { i.rem_euclid(n) } else { i.clamp(0, n - 1) } as usize];
    let mut path = PathBuilder::new();
    path.move_to(points[0][0], points[0][1]);
    for i in 0..if closed { n } else { n - 1 } {
        let [before, from, to, after] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
        let lead = |k: usize| from[k] + (to[k] - before[k]) / 6.0;
        let trail = |k: usize| to[k] - (after[k] - from[k]) / 6.0;
        path.cubic_to(lead(0), lead(1), trail(0), trail(1), to[0], to[1]);
    }
    if closed {
        path.close();
    }
    path.finish()
}
