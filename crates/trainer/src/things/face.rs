//! A person, from the shoulders up.

use super::{Part, ring};
use crate::colour::{BLACK, Colour, Light, WHITE, rgb};
use crate::rng::Rng;
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

/// What tells one person from another; painter and sketcher meet the same one.
struct Person {
    skin: Colour,
    hair: Colour,
    long: bool,
    smile: f32,
    glasses: bool,
}

const SKINS: [Colour; 5] = [
    rgb(0.96, 0.82, 0.72),
    rgb(0.91, 0.72, 0.58),
    rgb(0.78, 0.57, 0.42),
    rgb(0.58, 0.40, 0.29),
    rgb(0.42, 0.29, 0.22),
];

fn person(face: &Thing, rng: &mut Rng) -> Person {
    Person {
        skin: rng.pick(&SKINS),
        hair: face.accent.paint.mix(rgb(0.25, 0.17, 0.12), 0.25),
        long: rng.chance(0.5),
        smile: rng.range(0.2, 1.0),
        glasses: rng.chance(0.2),
    }
}

/// A place on the face: across from its middle, up from the shoulders, in shares of its height.
fn at(face: &Thing, dx: f32, up: f32) -> Point {
    [face.x + dx * face.size, face.y - up * face.size]
}

fn shirt(face: &Thing) -> Vec<Point> {
    [(-0.52, -0.05), (-0.44, 0.14), (-0.14, 0.23), (0.14, 0.23), (0.44, 0.14), (0.52, -0.05)]
        .map(|(dx, up)| at(face, dx, up))
        .to_vec()
}

fn hair(face: &Thing, long: bool) -> Vec<Point> {
    let ends: &[(f32, f32)] = if long {
        &[(0.33, 0.22), (0.20, 0.24), (-0.20, 0.24), (-0.33, 0.22)]
    } else {
        &[(0.28, 0.56), (-0.28, 0.56)]
    };
    let cap = [(-0.30, 0.66), (-0.22, 0.90), (0.0, 0.99), (0.22, 0.90), (0.30, 0.66)];
    cap.iter().chain(ends).map(|(dx, up)| at(face, *dx, *up)).collect()
}

fn fringe(face: &Thing) -> Vec<Point> {
    [
        (-0.25, 0.64),
        (-0.19, 0.87),
        (0.0, 0.94),
        (0.19, 0.87),
        (0.25, 0.64),
        (0.17, 0.79),
        (-0.02, 0.81),
        (-0.17, 0.77),
    ]
    .map(|(dx, up)| at(face, dx, up))
    .to_vec()
}

fn mouth(face: &Thing, smile: f32) -> [Point; 3] {
    [at(face, -0.10, 0.40), at(face, 0.0, 0.40 - 0.055 * smile), at(face, 0.10, 0.40)]
}

pub(super) fn paint(face: &Thing, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let (s, who) = (face.size, person(face, rng));
    let across = |colour, half: f32| {
        let x = s * half * light.side;
        Ink::Ramp([face.x + x, 0.0], [face.x - x, 0.0], light.on(colour, 0.3), light.on(colour, -0.55))
    };
    sheet.curve(&hair(face, who.long), across(who.hair.times(rgb(0.8, 0.8, 0.8)), 0.3));
    sheet.curve(&shirt(face), across(face.colour.paint, 0.5));
    let neck = [(-0.10, 0.36), (-0.11, 0.19), (0.0, 0.13), (0.11, 0.19), (0.10, 0.36)]
        .map(|(dx, up)| at(face, dx, up));
    sheet.curve(&neck, Ink::Flat(light.on(who.skin, -0.5)));
    for side in [-1.0, 1.0] {
        sheet.ellipse(at(face, 0.245 * side, 0.57), s * 0.04, s * 0.06, Ink::Flat(light.on(who.skin, -0.3)));
    }
    sheet.ellipse(at(face, 0.0, 0.58), s * 0.245, s * 0.29, across(who.skin, 0.24));
    for side in [-1.0, 1.0] {
        let cheek = at(face, 0.14 * side, 0.48);
        let blush = light.on(rgb(0.92, 0.50, 0.45), 0.0);
        sheet.ellipse(
            cheek,
            s * 0.07,
            s * 0.055,
            Ink::Round(cheek, s * 0.07, blush.alpha(0.45), blush.alpha(0.0)),
        );
    }
    features(face, &who, light, sheet);
    sheet.curve(&fringe(face), across(who.hair, 0.3));
}

fn features(face: &Thing, who: &Person, light: &Light, sheet: &mut Sheet) {
    let s = face.size;
    let dark = rgb(0.16, 0.11, 0.10);
    for side in [-1.0, 1.0] {
        let eye = at(face, 0.10 * side, 0.60);
        sheet.ellipse(eye, s * 0.048, s * 0.034, Ink::Flat(light.on(WHITE, 0.1)));
        let iris =
            [rgb(0.30, 0.44, 0.56), rgb(0.36, 0.24, 0.15), rgb(0.32, 0.46, 0.28)][(face.seed % 3) as usize];
        sheet.ellipse(eye, s * 0.028, s * 0.030, Ink::Flat(iris));
        sheet.ellipse(eye, s * 0.014, s * 0.015, Ink::Flat(dark));
        let brow = [at(face, 0.045 * side, 0.665), at(face, 0.10 * side, 0.69), at(face, 0.155 * side, 0.67)];
        sheet.stroke_curve(&brow, false, s * 0.020, who.hair.times(rgb(0.6, 0.6, 0.6)));
        if who.glasses {
            sheet.stroke_curve(&ring(eye, s * 0.078, s * 0.068, 12), true, s * 0.012, dark);
        }
    }
    let nose = [at(face, 0.005, 0.59), at(face, 0.03, 0.50), at(face, -0.015, 0.485)];
    sheet.stroke_curve(&nose, false, s * 0.016, light.on(who.skin, -1.0));
    sheet.stroke_curve(&mouth(face, who.smile), false, s * 0.026, light.on(rgb(0.74, 0.30, 0.30), 0.0));
}

pub(super) fn parts(face: &Thing, rng: &mut Rng) -> Vec<Part> {
    let (s, who, black) = (face.size, person(face, rng), BLACK.felt);
    let mut parts = vec![
        Part::shape(hair(face, who.long), face.accent.felt),
        Part::shape(shirt(face), face.colour.felt),
        Part::shape(ring(at(face, 0.0, 0.58), s * 0.24, s * 0.285, 14), who.skin),
    ];
    for side in [-1.0, 1.0] {
        parts.push(Part::shape(ring(at(face, 0.10 * side, 0.60), s * 0.03, s * 0.03, 8), black));
    }
    parts.push(Part::line(mouth(face, who.smile).to_vec(), rgb(0.88, 0.16, 0.14)));
    let nose = vec![at(face, 0.005, 0.57), at(face, 0.03, 0.50), at(face, -0.015, 0.485)];
    parts.push(Part::line(nose, black).as_detail());
    parts.push(Part::shape(fringe(face), face.accent.felt).as_detail());
    parts
}
