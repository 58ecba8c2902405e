//! Fruit: round or long, each colour its own kind.

use super::{Part, ring};
use crate::colour::{BROWN, GREEN, Light, WHITE, rgb};
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

/// What people call the fruit of a colour.
pub(crate) fn name(fruit: &Thing) -> &'static str {
    match fruit.colour.name {
        "red" => "red apple",
        "green" => "green pear",
        "yellow" => "lemon",
        "orange" => "orange",
        "purple" => "plum",
        _ => "peach",
    }
}

fn at(fruit: &Thing, dx: f32, up: f32) -> Point {
    [fruit.x + dx * fruit.size, fruit.y - up * fruit.size]
}

/// The outline from the stalk round to the right.
fn outline(fruit: &Thing) -> Vec<Point> {
    let shape: &[(f32, f32)] = match name(fruit) {
        "red apple" => {
            &[(0.0, 0.84), (0.16, 0.92), (0.38, 0.84), (0.46, 0.54), (0.34, 0.14), (0.12, 0.0), (0.0, 0.03)]
        }
        "green pear" => {
            &[(0.0, 0.98), (0.13, 0.92), (0.18, 0.66), (0.36, 0.42), (0.38, 0.18), (0.20, 0.01), (0.0, 0.0)]
        }
        "lemon" => {
            &[(0.0, 0.74), (0.26, 0.70), (0.46, 0.46), (0.60, 0.38), (0.46, 0.28), (0.26, 0.04), (0.0, 0.0)]
        }
        _ => &[(0.0, 0.86), (0.26, 0.80), (0.43, 0.60), (0.45, 0.36), (0.32, 0.10), (0.14, 0.01), (0.0, 0.0)],
    };
    let right = shape.iter().map(|(dx, up)| at(fruit, *dx, *up));
    let left = shape.iter().rev().skip(1).map(|(dx, up)| at(fruit, -dx, *up));
    right.chain(left.take(shape.len() - 2)).collect()
}

fn leaf(fruit: &Thing) -> Vec<Point> {
    [(0.02, 0.98), (0.16, 1.10), (0.32, 1.08), (0.18, 0.96)].map(|(dx, up)| at(fruit, dx, up)).to_vec()
}

pub(super) fn paint(fruit: &Thing, light: &Light, sheet: &mut Sheet) {
    let (s, skin) = (fruit.size, fruit.colour.paint);
    let dark = rgb(0.08, 0.06, 0.10);
    let foot = [fruit.x - light.side * s * 0.16, fruit.y];
    sheet.ellipse(foot, s * 0.62, s * 0.13, Ink::Round(foot, s * 0.62, dark.alpha(0.5), dark.alpha(0.0)));
    let lit = at(fruit, 0.16 * light.side, 0.58);
    sheet.curve(&outline(fruit), Ink::Round(lit, s * 0.66, light.on(skin, 0.6), light.on(skin, -0.95)));
    let gleam = at(fruit, 0.20 * light.side, 0.66);
    sheet.ellipse(gleam, s * 0.07, s * 0.10, Ink::Round(gleam, s * 0.10, WHITE.alpha(0.8), WHITE.alpha(0.0)));
    if name(fruit) != "lemon" {
        let stalk = [at(fruit, 0.0, 0.84), at(fruit, 0.01, 0.95), at(fruit, 0.05, 1.04)];
        sheet.stroke_curve(&stalk, false, s * 0.045, light.on(BROWN.paint, -0.2));
        sheet.curve(
            &leaf(fruit),
            Ink::Ramp(
                leaf(fruit)[0],
                leaf(fruit)[2],
                light.on(GREEN.paint, -0.4),
                light.on(GREEN.paint, 0.5),
            ),
        );
    }
}

pub(super) fn parts(fruit: &Thing) -> Vec<Part> {
    let round = matches!(name(fruit), "orange" | "plum" | "peach");
    let s = fruit.size;
    let shape = if round { ring(at(fruit, 0.0, 0.43), s * 0.44, s * 0.43, 12) } else { outline(fruit) };
    let mut parts = vec![Part::shape(shape, fruit.colour.felt)];
    if name(fruit) != "lemon" {
        parts.push(Part::line(vec![at(fruit, 0.0, 0.84), at(fruit, 0.05, 1.04)], BROWN.felt));
        parts.push(Part::shape(leaf(fruit), GREEN.felt).as_detail());
    }
    parts
}
