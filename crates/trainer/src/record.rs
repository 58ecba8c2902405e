//! Drawings as a browser would report them: pointer events of a hand that has a speed, a tremor and a device.
//!
//! What measures the way of a drawing to the server needs many of them, and not one person's.

use crate::board::{Board, SIDE};
use crate::colour::Colour;
use crate::rng::Rng;
use crate::sheet::Point;
use std::fmt::Write;

/// What reports the places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Device {
    /// Whole pixels of the screen, 125 a second.
    Mouse,
    /// Tenths of a pixel, 60 a second.
    Finger,
    /// Tenths of a pixel, 240 a second, and a pressure.
    Pen,
}

/// Pixels of a screen for one of the canvas.
const ZOOM: f32 = 1.36;
/// Pixels from point to point of a path that the hand follows.
const FINE: f32 = 1.0;
/// How far ahead a hand looks for a corner, in fine points.
const AHEAD: usize = 10;

/// A board that takes down what a pointer does on it: one line for each stroke, its colour, its diameter in
/// pixels, and the places `x,y` or `x,y,pressure`.
pub struct Recorder {
    text: String,
    device: Device,
    /// Pixels a second.
    speed: f32,
    tremor: f32,
    rng: Rng,
}

impl Recorder {
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let devices = [(Device::Mouse, 0.4), (Device::Finger, 0.4), (Device::Pen, 0.2)];
        let (device, speed) = (rng.weighted(&devices), rng.log_range(350.0, 1100.0));
        Self { text: String::new(), device, speed, tremor: rng.range(0.1, 0.5), rng }
    }

    pub fn into_text(self) -> String {
        self.text
    }

    fn stroke(&mut self, path: &[Point], width: f32, colour: Colour) {
        let path = fine(path);
        let byte = |v: f32| (v.clamp(0.0, 1.0) * 255.0).round() as u8;
        let size = (width * SIDE as f32).round().max(1.0);
        let (r, g, b) = (byte(colour.r), byte(colour.g), byte(colour.b));
        let _ = write!(self.text, "#{r:02x}{g:02x}{b:02x} {size}");
        for [x, y, pressure] in self.events(&path) {
            let _ = match self.device {
                Device::Pen => write!(self.text, " {x:.1},{y:.1},{pressure:.2}"),
                _ => write!(self.text, " {x:.1},{y:.1}"),
            };
        }
        self.text.push('\n');
    }

    /// Where the device is at each of its reports.
    fn events(&mut self, path: &[Point]) -> Vec<[f32; 3]> {
        let every = match self.device {
            Device::Mouse => 1.0 / 125.0,
            Device::Finger => 1.0 / 60.0,
            Device::Pen => 1.0 / 240.0,
        };
        let (mut events, mut gone, mut off, mut pressure) = (Vec::new(), 0.0_f32, [0.0_f32; 2], 0.2);
        let end = (path.len() - 1) as f32;
        loop {
            let at = gone.min(end) as usize;
            // Slower where it begins, where it ends and before it turns.
            let room = gone.min(end - gone).max(2.0) * FINE;
            let pace = self.speed * (room / 40.0).min(1.0).sqrt() * (1.0 - 0.85 * turn(path, at));
            for off in &mut off {
                *off = 0.8 * *off + 0.6 * self.rng.range(-self.tremor, self.tremor);
            }
            pressure += 0.15 * (0.75 - 0.35 * pace / self.speed - pressure);
            let place = |n: usize| self.place(path[at][n] + off[n]);
            events.push([place(0), place(1), pressure]);
            if gone >= end {
                return events;
            }
            gone = (gone + pace * every / FINE).min(end);
        }
    }

    fn place(&self, value: f32) -> f32 {
        match self.device {
            Device::Mouse => (value * ZOOM).round() / ZOOM,
            _ => value,
        }
    }
}

impl Board for Recorder {
    fn line(&mut self, points: &[Point], width: f32, colour: Colour) {
        self.stroke(points, width, colour);
    }

    fn curve(&mut self, points: &[Point], width: f32, colour: Colour) {
        self.stroke(&bent(points), width, colour);
    }

    /// Once around, and to and fro inside with the same brush.
    fn fill(&mut self, points: &[Point], round: bool, colour: Colour) {
        let ends = |k: usize| {
            let values = points.iter().map(move |p| p[k]);
            (values.clone().fold(f32::MAX, f32::min), values.fold(f32::MIN, f32::max))
        };
        let (low, high) = ends(1);
        let width = ((high - low) * 0.16).clamp(0.012, 0.09);
        let around: Vec<Point> = points.iter().chain(points.first()).copied().collect();
        if round {
            self.curve(&around, width, colour)
        } else {
            self.line(&around, width, colour)
        }
        let (mut path, mut y) = (Vec::new(), low + width);
        while y < high - 0.5 * width {
            if let Some((from, to)) = crate::sketch::span(points, y) {
                let row = [[from + 0.6 * width, y], [to - 0.6 * width, y + 0.4 * width]];
                path.extend(if path.len() % 4 == 0 { row } else { [[row[1][0], y], [row[0][0], row[1][1]]] });
            }
            y += 0.8 * width;
        }
        if path.len() > 1 {
            self.line(&path, width, colour);
        }
    }
}

/// A path in pixels of the canvas, with its points at equal distances.
fn fine(points: &[Point]) -> Vec<Point> {
    let pixels: Vec<Point> = points.iter().map(|p| p.map(|v| v * SIDE as f32)).collect();
    let mut path = vec![pixels.first().copied().unwrap_or([0.0; 2])];
    let mut left = FINE;
    for pair in pixels.windows(2) {
        let (dx, dy) = (pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]);
        let length = (dx * dx + dy * dy).sqrt();
        while left <= length {
            path.push([pair[0][0] + dx * left / length, pair[0][1] + dy * left / length]);
            left += FINE;
        }
        left -= length;
    }
    path
}

/// The curve from midpoint to midpoint that a brush draws.
fn bent(points: &[Point]) -> Vec<Point> {
    let middle = |a: Point, b: Point| [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    let mut path: Vec<Point> = points.first().copied().into_iter().collect();
    for three in points.windows(3) {
        let (a, b) = (middle(three[0], three[1]), middle(three[1], three[2]));
        path.extend((0..=12).map(|n| {
            let t = n as f32 / 12.0;
            let along =
                |k: usize| (1.0 - t) * (1.0 - t) * a[k] + 2.0 * t * (1.0 - t) * three[1][k] + t * t * b[k];
            [along(0), along(1)]
        }));
    }
    path.extend(points.last());
    path
}

/// How sharply a path turns just ahead: 0 straight on, 1 back.
fn turn(path: &[Point], at: usize) -> f32 {
    let from = path[at.saturating_sub(AHEAD)];
    let (here, to) = (path[(at + AHEAD / 2).min(path.len() - 1)], path[(at + 2 * AHEAD).min(path.len() - 1)]);
    let (a, b) = ([here[0] - from[0], here[1] - from[1]], [to[0] - here[0], to[1] - here[1]]);
    let size = ((a[0] * a[0] + a[1] * a[1]) * (b[0] * b[0] + b[1] * b[1])).sqrt();
    if size < 1e-3 { 0.0 } else { 0.5 - 0.5 * (a[0] * b[0] + a[1] * b[1]) / size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::colour::rgb;

    #[test]
    fn a_line_is_reported_from_end_to_end() {
        for seed in 0..8 {
            let mut recorder = Recorder::new(seed);
            recorder.line(&[[0.2, 0.2], [0.8, 0.2]], 0.02, rgb(1.0, 0.0, 0.0));
            let text = recorder.into_text();
            let places: Vec<Vec<f32>> = text
                .split_whitespace()
                .skip(2)
                .map(|p| p.split(',').map(|v| v.parse().unwrap()).collect())
                .collect();
            assert!(text.starts_with("#ff0000 10 "), "{text}");
            assert!((10..600).contains(&places.len()), "{} places", places.len());
            let (first, last) = (&places[0], &places[places.len() - 1]);
            assert!((first[0] - 102.4).abs() < 2.0 && (last[0] - 409.6).abs() < 3.0, "{first:?} {last:?}");
        }
    }
}
