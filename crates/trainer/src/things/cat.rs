//! The cat, sitting and looking at whoever paints it.

use super::{Part, ring};
use crate::colour::{BLACK, Light, PINK, WHITE, rgb};
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

/// A place on the cat: across from its middle, up from its foot, in shares of its height.
fn at(cat: &Thing, dx: f32, up: f32) -> Point {
    [cat.x + dx * cat.size, cat.y - up * cat.size]
}

fn body(cat: &Thing) -> Vec<Point> {
    [
        (-0.15, 0.62),
        (-0.27, 0.30),
        (-0.30, 0.06),
        (-0.16, 0.0),
        (0.16, 0.0),
        (0.30, 0.06),
        (0.27, 0.30),
        (0.15, 0.62),
    ]
    .map(|(dx, up)| at(cat, dx, up))
    .to_vec()
}

fn ears(cat: &Thing) -> [Vec<Point>; 2] {
    [-1.0, 1.0]
        .map(|side| [(0.22, 0.74), (0.20, 1.0), (0.05, 0.88)].map(|(dx, up)| at(cat, dx * side, up)).to_vec())
}

fn tail(cat: &Thing) -> Vec<Point> {
    let side = if cat.seed.is_multiple_of(2) { 1.0 } else { -1.0 };
    [(0.24, 0.06), (0.42, 0.05), (0.50, 0.20), (0.44, 0.36)].map(|(dx, up)| at(cat, dx * side, up)).to_vec()
}

fn whiskers(cat: &Thing) -> Vec<[Point; 2]> {
    let of = |side: f32| {
        [0.62, 0.66, 0.70].map(|up| [at(cat, 0.08 * side, 0.66), at(cat, 0.33 * side, up - 0.01)]).to_vec()
    };
    [of(-1.0), of(1.0)].concat()
}

pub(super) fn paint(cat: &Thing, light: &Light, sheet: &mut Sheet) {
    let (h, fur) = (cat.size, cat.colour.paint);
    let across = |colour, half: f32| {
        let x = h * half * light.side;
        Ink::Ramp([cat.x + x, 0.0], [cat.x - x, 0.0], light.on(colour, 0.35), light.on(colour, -0.6))
    };
    let dark = rgb(0.05, 0.06, 0.12);
    let foot = [cat.x - light.side * h * 0.1, cat.y];
    sheet.ellipse(foot, h * 0.5, h * 0.06, Ink::Round(foot, h * 0.5, dark.alpha(0.42), dark.alpha(0.0)));
    sheet.stroke_curve(&tail(cat), false, h * 0.085, light.on(fur, -0.4));
    sheet.curve(&body(cat), across(fur, 0.3));
    let chest = cat.accent.paint.mix(WHITE, 0.35);
    sheet.ellipse(at(cat, 0.0, 0.36), h * 0.105, h * 0.21, Ink::Flat(light.on(chest, 0.1)));
    for side in [-1.0, 1.0] {
        sheet.ellipse(at(cat, 0.10 * side, 0.03), h * 0.085, h * 0.045, Ink::Flat(light.on(fur, 0.25)));
        for toe in [-0.03, 0.03] {
            let line = [at(cat, 0.10 * side + toe, 0.0), at(cat, 0.10 * side + toe, 0.03)];
            sheet.line(&line, h * 0.008, light.on(fur, -1.0));
        }
    }
    for (ear, side) in ears(cat).into_iter().zip([-1.0, 1.0]) {
        sheet.polygon(&ear, across(fur, 0.24));
        let inner = [(0.19, 0.80), (0.185, 0.93), (0.10, 0.86)].map(|(dx, up)| at(cat, dx * side, up));
        sheet.polygon(&inner, Ink::Flat(light.on(PINK.paint, -0.1)));
    }
    sheet.ellipse(at(cat, 0.0, 0.72), h * 0.245, h * 0.20, across(fur, 0.24));
    let dim = light.on(fur, -1.0);
    for dx in [-0.06, 0.0, 0.06] {
        sheet.line(&[at(cat, dx, 0.90), at(cat, dx * 0.8, 0.83)], h * 0.018, dim);
    }
    sheet.ellipse(at(cat, 0.0, 0.645), h * 0.10, h * 0.07, Ink::Flat(light.on(chest, 0.2)));
    face(cat, light, sheet);
}

fn face(cat: &Thing, light: &Light, sheet: &mut Sheet) {
    let h = cat.size;
    let eye = [rgb(0.52, 0.74, 0.30), rgb(0.93, 0.74, 0.22), rgb(0.38, 0.66, 0.80)][(cat.seed % 3) as usize];
    for side in [-1.0, 1.0] {
        let place = at(cat, 0.10 * side, 0.745);
        sheet.ellipse(place, h * 0.052, h * 0.058, Ink::Flat(light.on(eye, 0.2)));
        sheet.ellipse(place, h * 0.018, h * 0.048, Ink::Flat(rgb(0.05, 0.05, 0.07)));
        let gleam = [place[0] + h * 0.014, place[1] - h * 0.022];
        sheet.ellipse(gleam, h * 0.011, h * 0.011, Ink::Flat(WHITE));
    }
    let nose = [(-0.026, 0.685), (0.026, 0.685), (0.0, 0.655)].map(|(dx, up)| at(cat, dx, up));
    sheet.polygon(&nose, Ink::Flat(light.on(rgb(0.84, 0.45, 0.48), 0.1)));
    let mouth = rgb(0.25, 0.18, 0.18);
    for side in [-1.0, 1.0] {
        let smile = [at(cat, 0.0, 0.655), at(cat, 0.03 * side, 0.625), at(cat, 0.065 * side, 0.635)];
        sheet.stroke_curve(&smile, false, h * 0.010, mouth);
    }
    for whisker in whiskers(cat) {
        sheet.line(&whisker, h * 0.007, WHITE.alpha(0.85));
    }
}

pub(super) fn parts(cat: &Thing) -> Vec<Part> {
    let (h, fur, black) = (cat.size, cat.colour.felt, BLACK.felt);
    let [left, right] = ears(cat);
    let mut parts = vec![
        Part::shape(body(cat), fur),
        Part::shape(ring(at(cat, 0.0, 0.72), h * 0.24, h * 0.2, 12), fur),
        Part::shape(left, fur),
        Part::shape(right, fur),
        Part::line(tail(cat), fur),
    ];
    for side in [-1.0, 1.0] {
        parts.push(Part::shape(ring(at(cat, 0.10 * side, 0.745), h * 0.04, h * 0.045, 8), black).as_detail());
    }
    parts.push(
        Part::line(vec![at(cat, -0.06, 0.635), at(cat, 0.0, 0.655), at(cat, 0.06, 0.635)], black).as_detail(),
    );
    parts.extend(whiskers(cat).into_iter().map(|line| Part::line(line.to_vec(), black).as_detail()));
    parts
}
