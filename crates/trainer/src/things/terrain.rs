//! Mountains, lakes and roads.

use super::{Part, ring};
use crate::colour::{BLUE, Light, rgb};
use crate::rng::Rng;
use crate::scene::{Hour, Scene, Thing};
use crate::sheet::{Ink, Point, Sheet};

/// The peaks: place of the tip and half the width at the horizon.
fn peaks(ridge: &Thing, scene: &Scene, rng: &mut Rng) -> Vec<(Point, f32)> {
    let count = 2 + rng.below(4);
    let mut peaks: Vec<_> = (0..count)
        .map(|i| {
            let x = (i as f32 + rng.range(0.2, 0.8)) / count as f32 * 1.2 - 0.1;
            let height = ridge.size * rng.range(0.55, 1.0);
            ([x, scene.horizon - height], height * rng.range(0.9, 1.35))
        })
        .collect();
    // The tall ones stand behind.
    peaks.sort_by(|a, b| a.0[1].total_cmp(&b.0[1]));
    peaks
}

pub(super) fn mountains(ridge: &Thing, scene: &Scene, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let rock = ridge.colour.paint.mix(rgb(0.48, 0.54, 0.66), 0.55);
    let base = scene.horizon + 0.02;
    for ([x, y], half) in peaks(ridge, scene, rng) {
        let height = base - y;
        let fade = |tone: f32| {
            let colour = light.on(rock, tone).mix(light.haze, 0.25);
            Ink::Ramp([x, y], [x, base], colour, colour.mix(light.haze, 0.65))
        };
        sheet.polygon(&[[x - half, base], [x, y], [x + half, base]], fade(0.15));
        // A crooked edge divides the side in light from the side in shadow.
        let far = x - light.side * half;
        let edge = [
            [x, y],
            [x + light.side * half * 0.08, y + height * 0.28],
            [x - light.side * half * 0.10, y + height * 0.5],
            [x + light.side * half * 0.12, base],
            [far, base],
        ];
        sheet.polygon(&edge, fade(-0.75));
        if height > 0.13 {
            snow_cap([x, y], half, height, light, sheet, rng);
        }
    }
}

fn snow_cap([x, y]: Point, half: f32, height: f32, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let depth = rng.range(0.26, 0.38);
    let at = |across: f32, down: f32| [x + across * half, y + down * height];
    let zigzag = [
        at(-depth, depth),
        at(-depth * 0.45, depth * 0.72),
        at(0.0, depth * 1.12),
        at(depth * 0.45, depth * 0.7),
        at(depth, depth),
    ];
    let white = rgb(0.97, 0.98, 1.0);
    let mut cap = vec![[x, y]];
    cap.extend(zigzag.iter().rev());
    sheet.polygon(&cap, Ink::Flat(light.on(white, 0.2)));
    let mut shaded = vec![[x, y]];
    shaded.extend(zigzag.iter().copied().filter(|p| (p[0] - x) * light.side <= 0.0));
    if light.side < 0.0 {
        shaded[1..].reverse();
    }
    sheet.polygon(&shaded, Ink::Flat(light.on(white, -0.65)));
}

pub(super) fn mountain_parts(ridge: &Thing, scene: &Scene, rng: &mut Rng) -> Vec<Part> {
    let base = scene.horizon;
    let peak = |([x, y], half): (Point, f32)| {
        Part::shape(vec![[x - half, base], [x, y], [x + half, base]], ridge.colour.felt)
    };
    peaks(ridge, scene, rng).into_iter().map(peak).collect()
}

fn shore(lake: &Thing) -> Vec<Point> {
    let r = lake.size / 2.0;
    let mut points = ring([lake.x, lake.y], r, r * 0.22, 10);
    for (i, point) in points.iter_mut().enumerate() {
        point[0] += r * 0.1 * ((lake.seed >> i) % 3) as f32 - r * 0.1;
    }
    points
}

pub(super) fn lake(lake: &Thing, scene: &Scene, light: &Light, sheet: &mut Sheet) {
    let (r, deep) = (lake.size / 2.0, rgb(0.20, 0.44, 0.58));
    let bank: Vec<Point> = shore(lake).iter().map(|[x, y]| [*x, y - r * 0.025]).collect();
    sheet.curve(&bank, Ink::Flat(light.on(rgb(0.50, 0.46, 0.30), -0.3)));
    let (top, low) = ([0.0, lake.y - r * 0.22], [0.0, lake.y + r * 0.22]);
    let mirror = light.on(rgb(0.66, 0.83, 0.90), 0.0).mix(light.haze, 0.5);
    sheet.curve(&shore(lake), Ink::Ramp(top, low, mirror, light.on(deep, 0.0)));
    let gleam = if scene.hour == Hour::Night { 0.35 } else { 0.6 };
    for (dx, dy, w) in [(-0.3, 0.02, 0.3), (0.2, 0.08, 0.25), (0.05, -0.06, 0.35)] {
        let at = [lake.x + dx * r, lake.y + dy * r];
        sheet.ellipse(at, r * w, r * 0.012, Ink::Flat(light.haze.mix(rgb(1.0, 1.0, 1.0), 0.5).alpha(gleam)));
    }
}

pub(super) fn lake_parts(lake: &Thing) -> Vec<Part> {
    vec![Part::shape(shore(lake), BLUE.felt)]
}

/// The two edges of a road that winds from the bottom edge to its end, left then right, both downwards.
fn edges(road: &Thing, scene: &Scene, rng: &mut Rng) -> [Vec<Point>; 2] {
    let far = road.y.max(scene.horizon + 0.005);
    let (bend, start) = (rng.range(-0.18, 0.18), road.x + rng.range(-0.22, 0.22));
    let side = |sign: f32| {
        (0..9)
            .map(|i| {
                let t = i as f32 / 8.0;
                let middle = road.x + (start - road.x) * t + bend * (t * std::f32::consts::PI).sin();
                let half = road.size * (0.22 + 0.9 * t * t);
                [middle + sign * half, far + (1.03 - far) * t]
            })
            .collect()
    };
    [side(-1.0), side(1.0)]
}

fn outline(road: &Thing, scene: &Scene, rng: &mut Rng) -> Vec<Point> {
    let [left, right] = edges(road, scene, rng);
    left.into_iter().chain(right.into_iter().rev()).collect()
}

pub(super) fn road(road: &Thing, scene: &Scene, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let earth = road.colour.paint.mix(rgb(0.88, 0.78, 0.60), 0.65);
    let far = [0.0, scene.horizon];
    let [left, right] = edges(road, scene, rng);
    let shape: Vec<Point> = left.iter().copied().chain(right.iter().rev().copied()).collect();
    sheet.polygon(&shape, Ink::Ramp(far, [0.0, 1.0], light.on(earth, 0.3), light.on(earth, -0.35)));
    let edge = light.on(earth, -1.0).alpha(0.5);
    sheet.stroke_curve(&left, false, 0.008, edge);
    sheet.stroke_curve(&right, false, 0.008, edge);
}

pub(super) fn road_parts(road: &Thing, scene: &Scene, rng: &mut Rng) -> Vec<Part> {
    vec![Part::shape(outline(road, scene, rng), road.colour.felt)]
}
