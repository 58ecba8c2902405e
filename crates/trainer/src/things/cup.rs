//! The cup, with a saucer and something hot in it.

use super::{Part, ring};
use crate::colour::{BROWN, Light, WHITE, rgb};
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

fn at(cup: &Thing, dx: f32, up: f32) -> Point {
    let way = if cup.seed.is_multiple_of(2) { 1.0 } else { -1.0 };
    [cup.x + dx * way * cup.size, cup.y - up * cup.size]
}

fn bowl(cup: &Thing) -> Vec<Point> {
    [
        (-0.42, 0.80),
        (-0.40, 0.40),
        (-0.28, 0.10),
        (-0.12, 0.04),
        (0.12, 0.04),
        (0.28, 0.10),
        (0.40, 0.40),
        (0.42, 0.80),
    ]
    .map(|(dx, up)| at(cup, dx, up))
    .to_vec()
}

fn handle(cup: &Thing) -> Vec<Point> {
    [(0.39, 0.66), (0.58, 0.68), (0.64, 0.48), (0.52, 0.32), (0.36, 0.32)]
        .map(|(dx, up)| at(cup, dx, up))
        .to_vec()
}

fn steam(cup: &Thing, dx: f32) -> Vec<Point> {
    [(0.0, 0.92), (0.07, 1.04), (-0.05, 1.16), (0.04, 1.30)].map(|(x, up)| at(cup, dx + x, up)).to_vec()
}

pub(super) fn paint(cup: &Thing, light: &Light, sheet: &mut Sheet) {
    let (s, glaze) = (cup.size, cup.colour.paint);
    let dark = rgb(0.08, 0.06, 0.10);
    let foot = [cup.x - light.side * s * 0.2, cup.y];
    sheet.ellipse(foot, s * 0.85, s * 0.16, Ink::Round(foot, s * 0.85, dark.alpha(0.45), dark.alpha(0.0)));
    let across = |colour, a: f32, b: f32| {
        let x = s * 0.45 * light.side;
        Ink::Ramp([cup.x + x, 0.0], [cup.x - x, 0.0], light.on(colour, a), light.on(colour, b))
    };
    sheet.ellipse([cup.x, cup.y], s * 0.62, s * 0.12, across(glaze, 0.2, -0.7));
    sheet.ellipse([cup.x, cup.y - s * 0.02], s * 0.56, s * 0.09, across(glaze, 0.6, -0.3));
    sheet.stroke_curve(&handle(cup), false, s * 0.09, light.on(glaze, -0.25));
    sheet.curve(&bowl(cup), across(glaze, 0.5, -0.75));
    let stripe = [at(cup, -0.40, 0.56), at(cup, 0.0, 0.49), at(cup, 0.40, 0.56)];
    sheet.stroke_curve(&stripe, false, s * 0.09, light.on(cup.accent.paint, -0.1));
    let rim = [cup.x, cup.y - s * 0.80];
    sheet.ellipse(rim, s * 0.42, s * 0.10, Ink::Flat(light.on(glaze, 0.5)));
    sheet.ellipse(rim, s * 0.37, s * 0.075, Ink::Flat(light.on(rgb(0.36, 0.20, 0.12), 0.0)));
    for dx in [-0.14, 0.10] {
        sheet.stroke_curve(&steam(cup, dx), false, s * 0.06, WHITE.alpha(0.35));
        sheet.stroke_curve(&steam(cup, dx), false, s * 0.03, WHITE.alpha(0.35));
    }
}

pub(super) fn parts(cup: &Thing) -> Vec<Part> {
    let s = cup.size;
    vec![
        Part::shape(bowl(cup), cup.colour.felt),
        Part::line(handle(cup), cup.colour.felt),
        Part::shape(ring(at(cup, 0.0, 0.80), s * 0.42, s * 0.10, 12), BROWN.felt).as_detail(),
        Part::line(vec![at(cup, -0.40, 0.55), at(cup, 0.40, 0.55)], cup.accent.felt).as_detail(),
        Part::shape(ring(at(cup, 0.0, 0.0), s * 0.6, s * 0.10, 12), cup.colour.felt).as_detail(),
        Part::line(steam(cup, -0.14), rgb(0.55, 0.56, 0.58)).as_detail(),
        Part::line(steam(cup, 0.10), rgb(0.55, 0.56, 0.58)).as_detail(),
    ]
}
