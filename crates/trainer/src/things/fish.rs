//! The fish, from the side.

use super::{Part, ring};
use crate::colour::{BLACK, Light, WHITE, rgb};
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

/// A place on the fish: forward and up from its middle, in shares of its length.
fn at(fish: &Thing, forward: f32, up: f32) -> Point {
    let way = if fish.seed.is_multiple_of(2) { 1.0 } else { -1.0 };
    [fish.x + forward * way * fish.size, fish.y - up * fish.size]
}

fn body(fish: &Thing) -> Vec<Point> {
    let fat = 0.20 + 0.08 * (fish.seed / 2 % 4) as f32 / 3.0;
    [
        (0.46, 0.0),
        (0.30, 0.72),
        (0.02, 1.0),
        (-0.20, 0.62),
        (-0.34, 0.16),
        (-0.34, -0.16),
        (-0.20, -0.62),
        (0.02, -1.0),
        (0.30, -0.72),
    ]
    .map(|(forward, up)| at(fish, forward, up * fat))
    .to_vec()
}

fn tail(fish: &Thing) -> Vec<Point> {
    [(-0.30, 0.0), (-0.52, 0.20), (-0.47, 0.0), (-0.52, -0.20)].map(|(f, up)| at(fish, f, up)).to_vec()
}

fn fin(fish: &Thing) -> Vec<Point> {
    [(0.14, 0.19), (0.0, 0.36), (-0.17, 0.32), (-0.16, 0.16)].map(|(f, up)| at(fish, f, up)).to_vec()
}

pub(super) fn paint(fish: &Thing, light: &Light, sheet: &mut Sheet) {
    let (s, skin, band) = (fish.size, fish.colour.paint, fish.accent.paint);
    let down = |colour| {
        let (top, low) = (light.on(colour, 0.5), light.on(colour, -0.55));
        Ink::Ramp([0.0, fish.y - s * 0.25], [0.0, fish.y + s * 0.25], top, low)
    };
    sheet.polygon(&tail(fish), down(band));
    sheet.curve(&fin(fish), down(band));
    sheet.curve(&body(fish), down(skin));
    for (forward, half) in [(0.10, 0.19), (-0.08, 0.17)] {
        let stripe =
            [(0.035, 1.0), (0.045, 0.0), (0.035, -1.0), (-0.035, -1.0), (-0.025, 0.0), (-0.035, 1.0)]
                .map(|(f, up)| at(fish, forward + f, up * half));
        sheet.curve(&stripe, down(band));
    }
    let fin = [(0.06, -0.02), (-0.10, -0.13), (-0.12, -0.02)].map(|(f, up)| at(fish, f, up));
    sheet.curve(&fin, Ink::Flat(light.on(band, 0.25)));
    let eye = at(fish, 0.31, 0.06);
    sheet.ellipse(eye, s * 0.042, s * 0.042, Ink::Flat(light.on(WHITE, 0.1)));
    sheet.ellipse(eye, s * 0.022, s * 0.022, Ink::Flat(rgb(0.06, 0.06, 0.09)));
    let mouth = [at(fish, 0.44, -0.02), at(fish, 0.41, -0.045), at(fish, 0.37, -0.045)];
    sheet.stroke_curve(&mouth, false, s * 0.012, light.on(skin, -1.0));
    for bubble in 0..3 {
        let (n, r) = (bubble as f32, s * (0.028 - 0.006 * bubble as f32));
        let place = at(fish, 0.54 + 0.04 * n, 0.08 + 0.12 * n);
        let foam = rgb(0.90, 0.97, 1.0);
        sheet.ellipse(place, r, r, Ink::Round(place, r, foam.alpha(0.15), foam.alpha(0.75)));
    }
}

pub(super) fn parts(fish: &Thing) -> Vec<Part> {
    let s = fish.size;
    let bubbles = (0..3).map(|n| {
        let n = n as f32;
        let place = at(fish, 0.54 + 0.04 * n, 0.08 + 0.12 * n);
        Part::shape(ring(place, s * 0.025, s * 0.025, 8), rgb(0.45, 0.76, 0.95)).as_detail()
    });
    let mut parts = vec![
        Part::shape(body(fish), fish.colour.felt),
        Part::shape(tail(fish), fish.accent.felt),
        Part::shape(ring(at(fish, 0.31, 0.06), s * 0.025, s * 0.025, 8), BLACK.felt),
        Part::shape(fin(fish), fish.accent.felt).as_detail(),
    ];
    for forward in [0.10, -0.08] {
        parts.push(
            Part::line(vec![at(fish, forward, 0.18), at(fish, forward, -0.18)], fish.accent.felt).as_detail(),
        );
    }
    parts.extend(bubbles);
    parts
}
