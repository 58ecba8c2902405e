//! The castle: a wall with a gate between two round towers with pointed roofs.

use super::{Part, quad};
use crate::colour::{BROWN, Light, rgb};
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

/// Left edge, right edge and top of each tower, the tall one in the middle first.
fn towers(castle: &Thing) -> [[f32; 3]; 3] {
    let (x, y, h) = (castle.x, castle.y, castle.size);
    let tower = |at: f32, half: f32, height: f32| [x + h * (at - half), x + h * (at + half), y - h * height];
    [tower(0.0, 0.12, 0.72), tower(-0.38, 0.11, 0.52), tower(0.38, 0.11, 0.58)]
}

fn roof([left, right, top]: [f32; 3], h: f32) -> [Point; 3] {
    [[left - h * 0.03, top], [(left + right) / 2.0, top - h * 0.27], [right + h * 0.03, top]]
}

fn wall(castle: &Thing) -> [Point; 2] {
    let (x, y, h) = (castle.x, castle.y, castle.size);
    [[x - h * 0.38, y - h * 0.36], [x + h * 0.38, y]]
}

fn gate(castle: &Thing) -> Vec<Point> {
    let (x, y, h) = (castle.x, castle.y, castle.size);
    let point = |dx: f32, dy: f32| [x + h * dx, y - h * dy];
    vec![
        point(-0.08, 0.0),
        point(-0.08, 0.15),
        point(-0.05, 0.21),
        point(0.05, 0.21),
        point(0.08, 0.15),
        point(0.08, 0.0),
    ]
}

pub(super) fn paint(castle: &Thing, light: &Light, sheet: &mut Sheet) {
    let h = castle.size;
    let stone = castle.colour.paint;
    let across = |left: f32, right: f32, colour| {
        let (from, to) = if light.side < 0.0 { (left, right) } else { (right, left) };
        Ink::Ramp([from, 0.0], [to, 0.0], light.on(colour, 0.4), light.on(colour, -0.9))
    };
    let at = [castle.x - light.side * h * 0.2, castle.y];
    let shadow = rgb(0.05, 0.10, 0.20);
    sheet.ellipse(at, h * 0.7, h * 0.07, Ink::Round(at, h * 0.7, shadow.alpha(0.4), shadow.alpha(0.0)));
    let draw_tower = |sheet: &mut Sheet, tower: [f32; 3]| {
        let [left, right, top] = tower;
        sheet.rectangle([left, top], [right, castle.y], across(left, right, stone));
        let cone = roof(tower, h);
        sheet.polygon(&cone, across(cone[0][0], cone[2][0], castle.accent.paint));
        let slit = if light.dark { rgb(1.0, 0.82, 0.42) } else { light.on(rgb(0.24, 0.22, 0.28), -0.2) };
        let x = (left + right) / 2.0;
        sheet.ellipse([x, top + h * 0.12], h * 0.028, h * 0.05, Ink::Flat(slit));
    };
    draw_tower(sheet, towers(castle)[0]);
    let [a, b] = wall(castle);
    let merlon = (b[0] - a[0]) / 13.0;
    for i in 0..7 {
        let x = a[0] + merlon * 2.0 * i as f32;
        sheet.rectangle([x, a[1] - h * 0.05], [x + merlon, a[1] + 0.002], Ink::Flat(light.on(stone, 0.15)));
    }
    sheet.rectangle(a, b, Ink::Ramp(a, [a[0], b[1]], light.on(stone, 0.2), light.on(stone, -0.55)));
    draw_tower(sheet, towers(castle)[1]);
    draw_tower(sheet, towers(castle)[2]);
    sheet.polygon(&gate(castle), Ink::Flat(light.on(rgb(0.34, 0.22, 0.16), -0.2)));
}

pub(super) fn parts(castle: &Thing) -> Vec<Part> {
    let stone = castle.colour.felt;
    let [a, b] = wall(castle);
    let mut parts = Vec::new();
    for tower in towers(castle) {
        let [left, right, top] = tower;
        parts.push(Part::shape(quad([left, top], [right, castle.y]), stone));
        parts.push(Part::shape(roof(tower, castle.size).to_vec(), castle.accent.felt));
    }
    parts.insert(2, Part::shape(quad(a, b), stone));
    parts.push(Part::shape(gate(castle), BROWN.felt).as_detail());
    parts
}
