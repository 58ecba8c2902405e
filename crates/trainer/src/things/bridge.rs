//! The stone bridge, from bank to bank.

use super::Part;
use crate::colour::{Colour, GREEN, Light, rgb};
use crate::scene::Thing;
use crate::sheet::{Ink, Point, Sheet};

fn arches(bridge: &Thing) -> usize {
    1 + (bridge.seed % 3) as usize
}

/// A place on the bridge: -1 to 1 across, up from the water in shares of its height.
fn at(bridge: &Thing, across: f32, up: f32) -> Point {
    [bridge.x + across * 0.62, bridge.y - up * bridge.size]
}

fn deck(bridge: &Thing, lift: f32) -> Vec<Point> {
    (0..=10)
        .map(|i| {
            let across = i as f32 / 5.0 - 1.0;
            at(bridge, across, 0.66 + lift + 0.30 * (1.0 - across * across))
        })
        .collect()
}

fn openings(bridge: &Thing) -> Vec<Vec<Point>> {
    let count = arches(bridge);
    let pitch = 1.5 / count as f32;
    let arch = |n: usize| {
        let middle = (n as f32 + 0.5) * pitch - 0.75;
        let (half, tall) = (pitch * 0.38, 0.66 - 0.16 * middle.abs() - 0.06 * (3 - count.min(3)) as f32);
        let curve = (0..=8).map(|i| {
            let angle = i as f32 / 8.0 * std::f32::consts::PI;
            at(bridge, middle - half * angle.cos(), 0.02 + tall * angle.sin())
        });
        curve.collect()
    };
    (0..count).map(arch).collect()
}

fn side(bridge: &Thing) -> Vec<Point> {
    let mut points = deck(bridge, 0.0);
    points.extend([at(bridge, 1.0, 0.0), at(bridge, -1.0, 0.0)]);
    points
}

pub(super) fn paint(bridge: &Thing, water: Colour, light: &Light, sheet: &mut Sheet) {
    let (h, stone) = (bridge.size, bridge.colour.paint);
    let top = bridge.y - h;
    for across in [-1.0, 1.0] {
        let foot = at(bridge, across * 0.92, 0.0);
        let grass =
            Ink::Ramp([0.0, top], [0.0, foot[1]], light.on(GREEN.paint, 0.1), light.on(GREEN.paint, -0.6));
        sheet.ellipse(foot, 0.26, h * 0.5, grass);
    }
    sheet.polygon(
        &side(bridge),
        Ink::Ramp([0.0, top], [0.0, bridge.y], light.on(stone, 0.3), light.on(stone, -0.6)),
    );
    for row in 1..4 {
        let up = 0.16 * row as f32;
        sheet.line(
            &[at(bridge, -0.98, up), at(bridge, 0.98, up)],
            h * 0.010,
            light.on(stone, -0.9).alpha(0.4),
        );
    }
    for opening in openings(bridge) {
        sheet.stroke_curve(&opening, false, h * 0.09, light.on(stone, 0.35));
        sheet.polygon(
            &opening,
            Ink::Ramp([0.0, top], [0.0, bridge.y], light.on(water, -0.9), light.on(water, -0.2)),
        );
    }
    sheet.stroke_curve(&deck(bridge, 0.0), false, h * 0.085, light.on(stone, 0.55));
    sheet.stroke_curve(&deck(bridge, -0.05), false, h * 0.02, light.on(stone, -1.0));
    for ripple in 0..4 {
        let down = 0.03 + 0.05 * ripple as f32;
        let half = 0.55 - 0.1 * ripple as f32;
        let pale = rgb(0.92, 0.96, 0.98).times(light.key).alpha(0.35);
        sheet.line(&[at(bridge, -half, -down), at(bridge, half, -down)], h * 0.02, pale);
    }
}

pub(super) fn parts(bridge: &Thing) -> Vec<Part> {
    let mut parts = vec![
        Part::line(deck(bridge, 0.0), bridge.colour.felt),
        Part::line(vec![at(bridge, -1.0, 0.66), at(bridge, -1.0, 0.0)], bridge.colour.felt).as_detail(),
        Part::line(vec![at(bridge, 1.0, 0.66), at(bridge, 1.0, 0.0)], bridge.colour.felt).as_detail(),
    ];
    parts.extend(openings(bridge).into_iter().map(|points| Part::line(points, bridge.colour.felt)));
    parts
}
