//! The house: a gabled front, or a broad front under a hipped roof; door, windows, chimney.

use super::{Part, quad};
use crate::colour::{BLUE, BROWN, Light, WHITE, rgb};
use crate::rng::Rng;
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

/// Where everything is; painter and sketcher see the same house.
struct Plan {
    left: f32,
    right: f32,
    /// Where the roof sits on the wall.
    eaves: f32,
    top: f32,
    foot: f32,
    roof: Vec<Point>,
    door: [Point; 2],
    windows: Vec<[Point; 2]>,
    chimney: Option<[Point; 2]>,
    smoke: bool,
}

fn plan(house: &Thing, rng: &mut Rng) -> Plan {
    let h = house.size;
    let gabled = rng.chance(0.65);
    let half = h * if gabled { rng.range(0.34, 0.50) } else { rng.range(0.46, 0.62) };
    let (left, right, foot, top) = (house.x - half, house.x + half, house.y, house.y - h);
    let eaves = foot - h * if gabled { rng.range(0.48, 0.60) } else { rng.range(0.52, 0.62) };
    let over = half * 0.16;
    let drop = h * 0.03;
    let ridge = if gabled { 0.0 } else { half * rng.range(0.45, 0.8) };
    let roof = vec![
        [left - over, eaves + drop],
        [house.x - ridge, top],
        [house.x + ridge, top],
        [right + over, eaves + drop],
    ];
    let (door_x, door_half, door_height) = (
        house.x + half * rng.pick(&[0.0, 0.0, -0.45, 0.45]),
        half * if gabled { 0.20 } else { 0.15 },
        (foot - eaves) * rng.range(0.56, 0.68),
    );
    let door = [[door_x - door_half, foot - door_height], [door_x + door_half, foot]];
    let (w, wh) = (half * if gabled { 0.20 } else { 0.16 }, (foot - eaves) * rng.range(0.14, 0.19));
    let y = eaves + (foot - eaves) * 0.42;
    let mut windows: Vec<[Point; 2]> = [-0.58, 0.0, 0.58]
        .iter()
        .map(|at| house.x + half * at)
        .filter(|x| (x - door_x).abs() > door_half + w)
        .map(|x| [[x - w, y - wh], [x + w, y + wh]])
        .collect();
    if gabled && rng.chance(0.45) {
        let middle = top + (eaves - top) * 0.66;
        windows.push([[house.x - w * 0.8, middle - w * 0.8], [house.x + w * 0.8, middle + w * 0.8]]);
    }
    let side = if rng.chance(0.5) { -1.0 } else { 1.0 };
    let x = house.x + side * half * 0.55;
    let chimney = rng.chance(0.6).then(|| {
        [[x - half * 0.11, top - h * rng.range(0.0, 0.06)], [x + half * 0.11, eaves - (eaves - top) * 0.22]]
    });
    Plan { left, right, eaves, top, foot, roof, door, windows, chimney, smoke: rng.chance(0.6) }
}

pub(super) fn paint(house: &Thing, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let p = plan(house, rng);
    let (wall, roof) = (house.colour.paint, house.accent.paint);
    let h = house.size;
    shadow(&p, light, sheet);
    if let Some(chimney) = p.chimney {
        paint_chimney(&p, chimney, h, light, sheet);
    }
    // The wall turns away from the light across its width; the roof throws a soft band on it.
    let (from, to) = if light.side < 0.0 { (p.left, p.right) } else { (p.right, p.left) };
    let ramp = |colour, a, b| Ink::Ramp([from, 0.0], [to, 0.0], light.on(colour, a), light.on(colour, b));
    let gable =
        [[p.left, p.foot], [p.left, p.eaves], p.roof[1], p.roof[2], [p.right, p.eaves], [p.right, p.foot]];
    sheet.polygon(&gable, ramp(wall, 0.35, -0.55));
    let dim = light.on(wall, -1.0);
    let under = Ink::Ramp([0.0, p.eaves], [0.0, p.eaves + h * 0.16], dim.alpha(0.75), dim.alpha(0.0));
    sheet.rectangle([p.left, p.eaves], [p.right, p.eaves + h * 0.16], under);
    sheet.rectangle(
        [p.left, p.foot - h * 0.04],
        [p.right, p.foot],
        Ink::Flat(light.on(rgb(0.5, 0.47, 0.45), -0.3)),
    );
    paint_roof(&p, h, ramp(roof, 0.3, -0.5), light, house, sheet);
    for window in &p.windows {
        paint_window(*window, h, light, sheet);
    }
    paint_door(p.door, h, house, light, sheet);
}

fn shadow(p: &Plan, light: &Light, sheet: &mut Sheet) {
    let (h, away) = (p.foot - p.top, -light.side);
    let x = (p.left + p.right) / 2.0 + away * h * 0.22;
    let ink = Ink::Round(
        [x, p.foot],
        h * 0.75,
        rgb(0.05, 0.10, 0.20).alpha(0.42),
        rgb(0.05, 0.10, 0.20).alpha(0.0),
    );
    sheet.ellipse([x, p.foot], h * 0.75, h * 0.09, ink);
}

fn paint_roof(p: &Plan, h: f32, ink: Ink, light: &Light, house: &Thing, sheet: &mut Sheet) {
    sheet.polygon(&p.roof, ink);
    let dark = light.on(house.accent.paint, -1.0);
    for row in 1..5 {
        let t = row as f32 / 5.0;
        let along =
            |from: Point, to: Point| [from[0] + (to[0] - from[0]) * t, from[1] + (to[1] - from[1]) * t];
        sheet.line(&[along(p.roof[1], p.roof[0]), along(p.roof[2], p.roof[3])], h * 0.008, dark.alpha(0.35));
    }
    sheet.line(&[p.roof[0], p.roof[3]], h * 0.022, dark.alpha(0.85));
    let gleam = light.on(house.accent.paint, 0.9).alpha(0.8);
    let lit = if light.side < 0.0 { [p.roof[0], p.roof[1]] } else { [p.roof[3], p.roof[2]] };
    sheet.line(&lit, h * 0.018, gleam);
}

fn paint_chimney(p: &Plan, [a, b]: [Point; 2], h: f32, light: &Light, sheet: &mut Sheet) {
    let brick = rgb(0.62, 0.36, 0.29);
    sheet.rectangle(a, b, Ink::Ramp(a, [b[0], a[1]], light.on(brick, 0.2), light.on(brick, -0.8)));
    let lip = h * 0.012;
    let cap = Ink::Flat(light.on(brick, -0.8));
    sheet.rectangle([a[0] - lip, a[1] - lip], [b[0] + lip, a[1] + lip], cap);
    if !p.smoke {
        return;
    }
    let middle = (a[0] + b[0]) / 2.0;
    for puff in 0..4 {
        let t = puff as f32;
        let (at, r) = ([middle + t * t * h * 0.012, a[1] - h * (0.05 + 0.075 * t)], h * (0.035 + 0.017 * t));
        let grey = light.on(rgb(0.96, 0.96, 0.97), 0.0);
        sheet.ellipse(at, r, r, Ink::Round(at, r, grey.alpha(0.75 - t * 0.13), grey.alpha(0.10)));
    }
}

fn paint_window([a, b]: [Point; 2], h: f32, light: &Light, sheet: &mut Sheet) {
    let rim = h * 0.018;
    let frame = if light.dark { rgb(0.60, 0.52, 0.42) } else { light.on(WHITE, 0.2) };
    sheet.rectangle([a[0] - rim, a[1] - rim], [b[0] + rim, b[1] + rim], Ink::Flat(frame));
    let glass = if light.dark {
        Ink::Ramp(a, b, rgb(1.0, 0.90, 0.55), rgb(0.98, 0.70, 0.30))
    } else {
        Ink::Ramp(a, b, light.on(rgb(0.72, 0.86, 0.94), 0.1), light.on(rgb(0.24, 0.38, 0.52), 0.0))
    };
    sheet.rectangle(a, b, glass);
    let middle = [(a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0];
    sheet.line(&[[middle[0], a[1]], [middle[0], b[1]]], h * 0.012, frame);
    sheet.line(&[[a[0], middle[1]], [b[0], middle[1]]], h * 0.012, frame);
}

fn paint_door([a, b]: [Point; 2], h: f32, house: &Thing, light: &Light, sheet: &mut Sheet) {
    let wood = if house.colour.name == "brown" { rgb(0.86, 0.78, 0.64) } else { rgb(0.46, 0.29, 0.19) };
    let rim = h * 0.014;
    sheet.rectangle([a[0] - rim, a[1] - rim], [b[0] + rim, b[1]], Ink::Flat(light.on(WHITE, -0.1)));
    sheet.rectangle(a, b, Ink::Ramp(a, [a[0], b[1]], light.on(wood, 0.25), light.on(wood, -0.5)));
    let knob = [a[0] + (b[0] - a[0]) * 0.78, a[1] + (b[1] - a[1]) * 0.55];
    sheet.ellipse(knob, h * 0.012, h * 0.012, Ink::Flat(light.on(rgb(0.95, 0.80, 0.40), 0.4)));
    let step = Ink::Flat(light.on(rgb(0.70, 0.68, 0.65), 0.1));
    sheet.rectangle([a[0] - rim * 2.0, b[1] - rim], [b[0] + rim * 2.0, b[1] + rim], step);
}

pub(super) fn parts(house: &Thing, rng: &mut Rng) -> Vec<Part> {
    let p = plan(house, rng);
    let mut parts = vec![
        Part::shape(quad([p.left, p.eaves], [p.right, p.foot]), house.colour.felt),
        Part::shape(p.roof.clone(), house.accent.felt),
        Part::shape(quad(p.door[0], p.door[1]), BROWN.felt).as_detail(),
    ];
    if let Some([a, b]) = p.chimney {
        parts.insert(1, Part::shape(quad(a, b), BROWN.felt).as_detail());
        if p.smoke {
            let h = house.size;
            let puffs = (0..5).map(|i| [a[0] + h * 0.03 * (i % 2) as f32, a[1] - h * 0.05 * i as f32]);
            parts.push(Part::line(puffs.collect(), rgb(0.55, 0.56, 0.58)).as_detail());
        }
    }
    for [a, b] in &p.windows {
        parts.push(Part::shape(quad(*a, *b), BLUE.felt).as_detail());
    }
    parts
}
