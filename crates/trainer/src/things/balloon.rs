//! The hot-air balloon.

use super::{Part, quad, ring};
use crate::colour::{BROWN, Light, rgb};
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

/// The basket's box.
fn basket(balloon: &Thing) -> [Point; 2] {
    let (x, y, s) = (balloon.x, balloon.y, balloon.size);
    [[x - s * 0.11, y + s * 0.66], [x + s * 0.11, y + s * 0.84]]
}

/// The envelope, `wide` 1 for the whole of it and less for the stripes.
fn envelope(balloon: &Thing, wide: f32) -> Vec<Point> {
    let (x, y, s) = (balloon.x, balloon.y, balloon.size * 0.5);
    let profile = [(0.0, -1.0), (0.55, -0.86), (0.95, -0.35), (0.92, 0.15), (0.55, 0.70), (0.24, 1.0)];
    let right = profile.iter().map(|(dx, dy)| [x + s * dx * wide, y + s * dy]);
    let left = profile.iter().rev().map(|(dx, dy)| [x - s * dx * wide, y + s * dy]);
    right.chain(left).collect()
}

pub(super) fn paint(balloon: &Thing, light: &Light, sheet: &mut Sheet) {
    let s = balloon.size;
    let across = |colour| {
        let x = s * 0.5 * light.side;
        Ink::Ramp([balloon.x + x, 0.0], [balloon.x - x, 0.0], light.on(colour, 0.5), light.on(colour, -0.9))
    };
    let [a, b] = basket(balloon);
    let rope = light.on(rgb(0.35, 0.26, 0.20), 0.0);
    sheet.line(&[[a[0], a[1]], [balloon.x - s * 0.12, balloon.y + s * 0.48]], s * 0.015, rope);
    sheet.line(&[[b[0], a[1]], [balloon.x + s * 0.12, balloon.y + s * 0.48]], s * 0.015, rope);
    sheet.curve(&envelope(balloon, 1.0), across(balloon.colour.paint));
    sheet.curve(&envelope(balloon, 0.62), across(balloon.accent.paint));
    sheet.curve(&envelope(balloon, 0.24), across(balloon.colour.paint));
    let wicker = rgb(0.58, 0.40, 0.24);
    sheet.rectangle(a, b, Ink::Ramp(a, [a[0], b[1]], light.on(wicker, 0.3), light.on(wicker, -0.6)));
}

pub(super) fn parts(balloon: &Thing) -> Vec<Part> {
    let (at, s) = ([balloon.x, balloon.y], balloon.size);
    let [a, b] = basket(balloon);
    vec![
        Part::shape(ring(at, s * 0.47, s * 0.5, 14), balloon.colour.felt),
        Part::shape(quad(a, b), BROWN.felt),
        Part::shape(ring(at, s * 0.18, s * 0.48, 12), balloon.accent.felt).as_detail(),
        Part::line(vec![a, [at[0] - s * 0.12, at[1] + s * 0.45]], BROWN.felt).as_detail(),
        Part::line(vec![[b[0], a[1]], [at[0] + s * 0.12, at[1] + s * 0.45]], BROWN.felt).as_detail(),
    ]
}
