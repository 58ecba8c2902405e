//! The sailing boat.

use super::Part;
use crate::colour::{BROWN, Light, rgb};
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

fn at(boat: &Thing, dx: f32, height: f32) -> Point {
    let way = if boat.seed % 2 == 0 { 1.0 } else { -1.0 };
    [boat.x + dx * way * boat.size, boat.y - height * boat.size]
}

fn hull(boat: &Thing) -> Vec<Point> {
    vec![at(boat, -0.42, 0.20), at(boat, 0.48, 0.22), at(boat, 0.33, 0.0), at(boat, -0.30, 0.0)]
}

fn sails(boat: &Thing) -> [Vec<Point>; 2] {
    [
        vec![at(boat, 0.03, 0.98), at(boat, 0.40, 0.30), at(boat, 0.03, 0.28)],
        vec![at(boat, -0.03, 0.90), at(boat, -0.36, 0.30), at(boat, -0.03, 0.28)],
    ]
}

pub(super) fn paint(boat: &Thing, light: &Light, sheet: &mut Sheet) {
    let (s, wood) = (boat.size, boat.colour.paint);
    let reflection = light.on(wood, -0.7);
    for i in 0..4 {
        let y = boat.y + s * (0.02 + 0.045 * i as f32);
        let half = s * (0.34 - 0.06 * i as f32);
        sheet.ellipse([boat.x, y], half, s * 0.018, Ink::Flat(reflection.alpha(0.5 - 0.1 * i as f32)));
    }
    let mast = light.on(rgb(0.42, 0.28, 0.18), 0.0);
    sheet.line(&[at(boat, 0.0, 0.18), at(boat, 0.0, 1.0)], s * 0.025, mast);
    let across = |colour, a: f32, b: f32| {
        let x = s * 0.4 * light.side;
        Ink::Ramp([boat.x + x, 0.0], [boat.x - x, 0.0], light.on(colour, a), light.on(colour, b))
    };
    for sail in sails(boat) {
        sheet.polygon(&sail, across(boat.accent.paint, 0.6, -0.6));
    }
    sheet.polygon(&hull(boat), across(wood, 0.2, -0.7));
    sheet.line(&[at(boat, -0.42, 0.20), at(boat, 0.48, 0.22)], s * 0.035, light.on(wood, 0.8));
    let foam = light.on(rgb(0.95, 0.98, 1.0), 0.2).alpha(0.8);
    sheet.line(&[at(boat, -0.40, 0.0), at(boat, 0.42, 0.0)], s * 0.025, foam);
}

pub(super) fn parts(boat: &Thing) -> Vec<Part> {
    let [fore, aft] = sails(boat);
    vec![
        Part::shape(hull(boat), boat.colour.felt),
        Part::shape(fore, boat.accent.felt),
        Part::shape(aft, boat.accent.felt).as_detail(),
        Part::line(vec![at(boat, 0.0, 0.2), at(boat, 0.0, 1.0)], BROWN.felt).as_detail(),
    ]
}
