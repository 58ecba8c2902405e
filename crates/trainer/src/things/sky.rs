//! What hangs in the sky: sun, moon, stars, clouds, rainbow.

use super::{Part, ring};
use crate::colour::{BLUE, Colour, GREEN, Light, ORANGE, PURPLE, RED, WHITE, YELLOW, rgb};
use crate::rng::Rng;
use crate::scene::{Hour, Scene, Thing};
use crate::sheet::{Ink, Point, Sheet};

pub(super) fn sun(sun: &Thing, scene: &Scene, sheet: &mut Sheet) {
    let (at, r) = ([sun.x, sun.y], sun.size / 2.0);
    let low = scene.hour != Hour::Day;
    let (core, rim, glow) = if low {
        (rgb(1.0, 0.93, 0.62), rgb(1.0, 0.62, 0.28), rgb(1.0, 0.72, 0.40))
    } else {
        (rgb(1.0, 0.97, 0.70), rgb(1.0, 0.83, 0.30), rgb(1.0, 0.95, 0.70))
    };
    sheet.ellipse(at, r * 4.0, r * 4.0, Ink::Round(at, r * 4.0, glow.alpha(0.65), glow.alpha(0.0)));
    sheet.ellipse(at, r, r, Ink::Round(at, r, core, rim));
}

pub(super) fn sun_parts(sun: &Thing) -> Vec<Part> {
    let (at, r) = ([sun.x, sun.y], sun.size / 2.0);
    let mut parts = vec![Part::shape(ring(at, r, r, 12), sun.colour.felt)];
    let count = 6 + (sun.seed % 5) as usize;
    let (inner, outer) = (ring(at, r * 1.25, r * 1.25, count), ring(at, r * 1.9, r * 1.9, count));
    for (a, b) in inner.into_iter().zip(outer) {
        parts.push(Part::line(vec![a, b], sun.colour.felt).as_detail());
    }
    parts
}

fn crescent(moon: &Thing) -> Vec<Point> {
    let (x, y, r) = (moon.x, moon.y, moon.size / 2.0);
    let arc = |bulge: f32| {
        (0..9).map(move |i| {
            let angle = std::f32::consts::PI * (i as f32 / 8.0 - 0.5);
            [x + r * 0.3 - bulge * r * angle.cos(), y + r * angle.sin()]
        })
    };
    arc(1.25).chain(arc(0.45).collect::<Vec<_>>().into_iter().rev()).collect()
}

pub(super) fn moon(moon: &Thing, sheet: &mut Sheet, rng: &mut Rng) {
    let (at, r) = ([moon.x, moon.y], moon.size / 2.0);
    let glow = rgb(0.80, 0.86, 1.0);
    sheet.ellipse(at, r * 3.4, r * 3.4, Ink::Round(at, r * 3.4, glow.alpha(0.40), glow.alpha(0.0)));
    if rng.chance(0.5) {
        sheet.polygon(&crescent(moon), Ink::Flat(rgb(0.98, 0.95, 0.80)));
        return;
    }
    sheet.ellipse(at, r, r, Ink::Round(at, r, rgb(1.0, 0.98, 0.90), rgb(0.90, 0.88, 0.76)));
    for (dx, dy, s) in [(-0.3, -0.2, 0.24), (0.32, 0.22, 0.18), (0.08, -0.45, 0.13)] {
        let crater = rgb(0.82, 0.80, 0.70);
        sheet.ellipse([at[0] + dx * r, at[1] + dy * r], s * r, s * r, Ink::Flat(crater.alpha(0.7)));
    }
}

pub(super) fn moon_parts(moon: &Thing, rng: &mut Rng) -> Vec<Part> {
    let r = moon.size / 2.0;
    let outline = if rng.chance(0.5) { crescent(moon) } else { ring([moon.x, moon.y], r, r, 12) };
    vec![Part::shape(outline, YELLOW.felt)]
}

fn star_places(scene: &Scene, rng: &mut Rng) -> Vec<(Point, f32)> {
    let count = 14 + rng.below(22);
    (0..count)
        .map(|_| ([rng.unit(), rng.range(0.02, scene.horizon * 0.85)], rng.log_range(0.004, 0.012)))
        .collect()
}

pub(super) fn stars(scene: &Scene, sheet: &mut Sheet, rng: &mut Rng) {
    for (at, r) in star_places(scene, rng) {
        let light = rgb(1.0, 0.98, 0.88);
        sheet.ellipse(at, r * 2.6, r * 2.6, Ink::Round(at, r * 2.6, light.alpha(0.45), light.alpha(0.0)));
        sheet.ellipse(at, r, r, Ink::Flat(light));
    }
}

pub(super) fn star_parts(scene: &Scene, rng: &mut Rng) -> Vec<Part> {
    let places = star_places(scene, rng);
    let cross = |([x, y], r): ([f32; 2], f32)| {
        let r = r * 2.0;
        Part::line(vec![[x - r, y], [x + r, y], [x, y], [x, y - r], [x, y + r]], YELLOW.felt)
    };
    places.into_iter().step_by(3).map(cross).collect()
}

/// The puffs of a cloud: place and radius.
fn puffs(cloud: &Thing, rng: &mut Rng) -> Vec<(Point, f32)> {
    let w = cloud.size;
    (0..7)
        .map(|i| {
            let t = i as f32 / 6.0 * 2.0 - 1.0;
            let r = w * (0.20 - 0.11 * t * t) * rng.range(0.75, 1.2);
            ([cloud.x + t * w * 0.42, cloud.y - r * 0.55], r)
        })
        .collect()
}

pub(super) fn cloud(cloud: &Thing, scene: &Scene, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let puffs = puffs(cloud, rng);
    let body = if scene.hour == Hour::Storm { rgb(0.74, 0.76, 0.79) } else { rgb(0.98, 0.98, 0.98) };
    let lit = light.on(body, 0.25);
    let dim = light.on(body, -0.7).mix(light.haze, 0.35);
    // Shadowed bellies first, then the lit tops a little up and towards the light.
    for ([x, y], r) in &puffs {
        sheet.ellipse([*x, y + r * 0.28], r * 1.02, r * 0.74, Ink::Flat(dim));
    }
    for ([x, y], r) in &puffs {
        let at = [x + light.side * r * 0.12, y - r * 0.08];
        let focus = [at[0] + light.side * r * 0.3, at[1] - r * 0.4];
        sheet.ellipse(at, r * 0.96, r * 0.84, Ink::Round(focus, r * 1.35, lit, lit.mix(dim, 0.55)));
    }
}

pub(super) fn cloud_parts(cloud: &Thing, rng: &mut Rng) -> Vec<Part> {
    let puffs = puffs(cloud, rng);
    let mut outline: Vec<Point> = Vec::new();
    for ([x, y], r) in &puffs {
        outline.extend([[x - r * 0.6, y - r * 0.35], [*x, y - r * 0.9], [x + r * 0.6, y - r * 0.35]]);
    }
    let w = cloud.size;
    outline.extend([[cloud.x + w * 0.5, cloud.y + w * 0.05], [cloud.x - w * 0.5, cloud.y + w * 0.05]]);
    let felt = if cloud.seed % 3 == 0 { rgb(0.55, 0.56, 0.58) } else { rgb(0.45, 0.76, 0.95) };
    vec![Part::shape(outline, felt)]
}

const BANDS: [Colour; 5] = [RED.paint, ORANGE.paint, YELLOW.paint, GREEN.paint, BLUE.paint];

fn arc(rainbow: &Thing, radius: f32) -> Vec<Point> {
    (0..17)
        .map(|i| {
            let angle = std::f32::consts::PI * i as f32 / 16.0;
            [rainbow.x - radius * angle.cos(), rainbow.y - radius * 0.9 * angle.sin()]
        })
        .collect()
}

pub(super) fn rainbow(rainbow: &Thing, sheet: &mut Sheet) {
    let width = rainbow.size * 0.028;
    for (i, band) in BANDS.iter().enumerate() {
        let r = rainbow.size * 0.55 - width * i as f32;
        sheet.stroke_curve(&arc(rainbow, r), false, width * 1.1, band.mix(WHITE, 0.2).alpha(0.72));
    }
}

pub(super) fn rainbow_parts(rainbow: &Thing) -> Vec<Part> {
    let width = rainbow.size * 0.03;
    let felts = [RED, ORANGE, YELLOW, GREEN, BLUE, PURPLE].map(|named| named.felt);
    let radius = |i: usize| rainbow.size * 0.55 - width * i as f32;
    felts.iter().enumerate().map(|(i, felt)| Part::line(arc(rainbow, radius(i)), *felt)).collect()
}
