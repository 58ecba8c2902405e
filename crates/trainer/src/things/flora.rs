//! Trees, bushes and flowers.

use super::{Part, ring};
use crate::colour::{BROWN, Colour, GREEN, Light, rgb};
use crate::rng::Rng;
use crate::scene::{Land, Scene, Thing};
use crate::sheet::{Ink, Point, Sheet};

fn shadow(at: Point, radius: f32, light: &Light, sheet: &mut Sheet) {
    let at = [at[0] - light.side * radius * 0.4, at[1]];
    let dark = rgb(0.05, 0.10, 0.20);
    sheet.ellipse(at, radius, radius * 0.2, Ink::Round(at, radius, dark.alpha(0.42), dark.alpha(0.0)));
}

fn trunk(foot: Point, top: f32, width: f32, light: &Light, sheet: &mut Sheet) {
    let (x, y) = (foot[0], foot[1]);
    let (lit, dim) = (light.on(BROWN.paint, 0.2), light.on(BROWN.paint, -0.9));
    let (a, b) = if light.side < 0.0 { (lit, dim) } else { (dim, lit) };
    let shape = [[x - width * 0.8, y], [x - width * 0.4, top], [x + width * 0.4, top], [x + width * 0.8, y]];
    sheet.polygon(&shape, Ink::Ramp([x - width * 0.6, y], [x + width * 0.6, y], a, b));
}

/// A mass of leaves: a dark body, then dabs that get lighter towards the light.
fn crown(at: Point, rx: f32, ry: f32, colour: Colour, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let mut dabs: Vec<(Point, f32)> = (0..26)
        .map(|_| {
            let (angle, r) = (rng.range(0.0, std::f32::consts::TAU), rng.unit().sqrt() * 0.82);
            ([angle.cos() * r, angle.sin() * r], rng.range(0.22, 0.36))
        })
        .collect();
    let facing = |p: &Point| p[0] * light.side * 0.55 - p[1] * 0.8;
    dabs.sort_by(|a, b| facing(&a.0).total_cmp(&facing(&b.0)));
    sheet.ellipse(at, rx * 0.86, ry * 0.86, Ink::Flat(light.on(colour, -0.9)));
    for (p, r) in dabs {
        let tone = light.on(colour, (facing(&p) * 1.0 + rng.range(-0.12, 0.12)).clamp(-1.0, 0.75));
        sheet.ellipse([at[0] + p[0] * rx, at[1] + p[1] * ry], rx * r, ry * r, Ink::Flat(tone));
    }
}

pub(super) fn tree(tree: &Thing, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let (x, y, h) = (tree.x, tree.y, tree.size);
    shadow([x, y], h * 0.36, light, sheet);
    trunk([x, y], y - h * 0.5, h * 0.07, light, sheet);
    crown([x, y - h * 0.64], h * 0.37, h * 0.36, tree.colour.paint, light, sheet, rng);
}

pub(super) fn tree_parts(tree: &Thing) -> Vec<Part> {
    let (x, y, h) = (tree.x, tree.y, tree.size);
    let stem = vec![
        [x - h * 0.05, y - h * 0.32],
        [x + h * 0.05, y - h * 0.32],
        [x + h * 0.06, y],
        [x - h * 0.06, y],
    ];
    vec![
        Part::shape(ring([x, y - h * 0.64], h * 0.36, h * 0.35, 12), tree.colour.felt),
        Part::shape(stem, BROWN.felt),
    ]
}

pub(super) fn poplar(tree: &Thing, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let (x, y, h) = (tree.x, tree.y, tree.size * 1.15);
    shadow([x, y], h * 0.2, light, sheet);
    trunk([x, y], y - h * 0.3, h * 0.04, light, sheet);
    crown([x, y - h * 0.56], h * 0.16, h * 0.44, tree.colour.paint, light, sheet, rng);
}

pub(super) fn poplar_parts(tree: &Thing) -> Vec<Part> {
    let (x, y, h) = (tree.x, tree.y, tree.size * 1.15);
    vec![
        Part::shape(ring([x, y - h * 0.56], h * 0.16, h * 0.43, 12), tree.colour.felt),
        Part::line(vec![[x, y - h * 0.15], [x, y]], BROWN.felt),
    ]
}

/// The three skirts of a pine from the lowest up: left, tip, right.
fn skirts(tree: &Thing) -> [[Point; 3]; 3] {
    let (x, y, h) = (tree.x, tree.y, tree.size * 1.1);
    [(0.10, 0.56, 0.28), (0.34, 0.78, 0.22), (0.57, 1.0, 0.16)]
        .map(|(low, tip, half)| [[x - h * half, y - h * low], [x, y - h * tip], [x + h * half, y - h * low]])
}

pub(super) fn pine(tree: &Thing, scene: &Scene, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let (x, y, h) = (tree.x, tree.y, tree.size);
    let needles = rgb(0.20, 0.42, 0.30).mix(tree.colour.paint, rng.range(0.0, 0.3));
    shadow([x, y], h * 0.3, light, sheet);
    trunk([x, y], y - h * 0.2, h * 0.05, light, sheet);
    for skirt in skirts(tree) {
        let [left, tip, right] = skirt;
        let (near, off) = if light.side < 0.0 { (left, right) } else { (right, left) };
        let sag = [x, left[1] + h * 0.04];
        let ramp = Ink::Ramp(near, [off[0], near[1]], light.on(needles, 0.35), light.on(needles, -0.8));
        sheet.polygon(&[left, tip, right, sag], ramp);
        if scene.land == Land::Snow {
            let part = |end: Point, t: f32| [tip[0] + (end[0] - tip[0]) * t, tip[1] + (end[1] - tip[1]) * t];
            let snow = light.on(rgb(0.95, 0.97, 1.0), 0.2);
            sheet.polygon(
                &[part(left, 0.55), tip, part(right, 0.55), [x, tip[1] + h * 0.14]],
                Ink::Flat(snow),
            );
        }
    }
}

pub(super) fn pine_parts(tree: &Thing) -> Vec<Part> {
    let [low, _, top] = skirts(tree);
    let (x, y, h) = (tree.x, tree.y, tree.size);
    vec![
        Part::shape(vec![low[0], top[1], low[2]], GREEN.felt),
        Part::line(vec![[x, y - h * 0.1], [x, y]], BROWN.felt),
    ]
}

pub(super) fn bush(bush: &Thing, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let (x, y, h) = (bush.x, bush.y, bush.size);
    shadow([x, y], h * 1.0, light, sheet);
    crown([x - h * 0.35, y - h * 0.36], h * 0.5, h * 0.38, bush.colour.paint, light, sheet, rng);
    crown([x + h * 0.3, y - h * 0.44], h * 0.55, h * 0.46, bush.colour.paint, light, sheet, rng);
}

pub(super) fn bush_parts(bush: &Thing) -> Vec<Part> {
    let (x, y, h) = (bush.x, bush.y, bush.size);
    vec![Part::shape(ring([x, y - h * 0.4], h * 0.75, h * 0.42, 12), bush.colour.felt)]
}

/// Where the flowers of a patch stand: place, size, whether of the second colour.
fn patch(flowers: &Thing, rng: &mut Rng) -> Vec<(Point, f32, bool)> {
    let count = 6 + rng.below(9);
    let mut all: Vec<_> = (0..count)
        .map(|_| {
            let (dx, dy) = (rng.range(-0.5, 0.5) * flowers.size, rng.range(-0.06, 0.03));
            ([flowers.x + dx, flowers.y + dy], 0.017 + (dy + 0.06) * 0.10, rng.chance(0.35))
        })
        .collect();
    all.sort_by(|a, b| a.0[1].total_cmp(&b.0[1]));
    all
}

pub(super) fn flowers(flowers: &Thing, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    for ([x, y], r, second) in patch(flowers, rng) {
        let petal = if second { flowers.accent.paint } else { flowers.colour.paint };
        sheet.line(&[[x, y], [x, y + r * 2.4]], r * 0.45, light.on(GREEN.paint, -0.4));
        for [px, py] in ring([x, y], r * 0.62, r * 0.62, 5) {
            sheet.ellipse([px, py], r * 0.55, r * 0.55, Ink::Flat(light.on(petal, 0.25)));
        }
        let heart = if petal.distance(rgb(0.96, 0.80, 0.34)) < 0.05 {
            rgb(0.6, 0.35, 0.15)
        } else {
            rgb(0.98, 0.85, 0.4)
        };
        sheet.ellipse([x, y], r * 0.42, r * 0.42, Ink::Flat(light.on(heart, 0.1)));
    }
}

pub(super) fn flower_parts(flowers: &Thing, rng: &mut Rng) -> Vec<Part> {
    let mut parts = Vec::new();
    for ([x, y], r, second) in patch(flowers, rng) {
        let petal = if second { flowers.accent.felt } else { flowers.colour.felt };
        parts.push(Part::shape(ring([x, y], r, r, 7), petal));
        parts.push(Part::line(vec![[x, y + r], [x, y + r * 2.6]], GREEN.felt).as_detail());
    }
    parts
}
