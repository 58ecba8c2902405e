//! The finished picture of a scene: sky, what is in it, the ground, what stands on it.

use crate::colour::{Colour, Light, rgb};
use crate::rng::Rng;
use crate::scene::{Hour, Land, Scene};
use crate::sheet::{Ink, Point, Sheet};
use crate::things;

/// Paints `scene` on `size` x `size` pixels; RGB rows.
pub fn paint(scene: &Scene, size: u32) -> Vec<u8> {
    let light = scene.light();
    let rng = &mut Rng::new(scene.seed ^ 0x9A1E);
    let mut sheet = Sheet::new(size, light.haze);
    sky(scene, &mut sheet, rng);
    let (above, below): (Vec<_>, Vec<_>) = scene.things.iter().partition(|thing| thing.kind.in_sky());
    above.iter().for_each(|thing| things::paint(thing, scene, &light, &mut sheet));
    ground(scene, &light, &mut sheet, rng);
    below.iter().for_each(|thing| things::paint(thing, scene, &light, &mut sheet));
    sheet.rgb()
}

/// Colour at the top of the sky and at the horizon.
pub(crate) fn sky_colours(hour: Hour) -> [Colour; 2] {
    let (top, low) = match hour {
        Hour::Day => (rgb(0.38, 0.66, 0.89), rgb(0.84, 0.93, 0.95)),
        Hour::Dawn => (rgb(0.60, 0.68, 0.87), rgb(0.99, 0.84, 0.76)),
        Hour::Sunset => (rgb(0.42, 0.36, 0.62), rgb(0.99, 0.66, 0.38)),
        Hour::Night => (rgb(0.06, 0.09, 0.22), rgb(0.20, 0.28, 0.48)),
        Hour::Storm => (rgb(0.38, 0.42, 0.48), rgb(0.70, 0.73, 0.75)),
    };
    [top, low]
}

fn sky(scene: &Scene, sheet: &mut Sheet, rng: &mut Rng) {
    let [top, low] = sky_colours(scene.hour);
    let ramp = Ink::Ramp([0.0, 0.0], [0.0, scene.horizon + 0.05], top, low);
    sheet.rectangle([0.0, 0.0], [1.0, 1.0], ramp);
    for _ in 0..5 {
        let (x, y) = (rng.unit(), rng.range(0.0, scene.horizon));
        let tint = low.mix(rgb(1.0, 1.0, 1.0), 0.3).alpha(rng.range(0.06, 0.16));
        sheet.ellipse([x, y], rng.range(0.2, 0.5), rng.range(0.01, 0.04), Ink::Flat(tint));
    }
}

/// The colour of the ground as the painter mixes it.
pub(crate) fn earth(land: Land) -> Colour {
    match land {
        Land::Meadow => rgb(0.50, 0.68, 0.32),
        Land::Hills => rgb(0.42, 0.62, 0.33),
        Land::Autumn => rgb(0.76, 0.60, 0.28),
        Land::Snow => rgb(0.93, 0.95, 0.98),
        Land::Sand => rgb(0.92, 0.82, 0.60),
        Land::Sea => rgb(0.20, 0.47, 0.66),
    }
}

/// A gently rolling edge at height `y` across the sheet.
fn edge(y: f32, swing: f32, rng: &mut Rng) -> Vec<Point> {
    let phase = rng.range(0.0, 6.3);
    let waves = rng.range(4.0, 8.0);
    (0..=24)
        .map(|i| {
            let x = i as f32 / 24.0 * 1.1 - 0.05;
            [x, y + swing * ((x * waves + phase).sin() + 0.4 * (x * waves * 2.3 + phase).sin())]
        })
        .collect()
}

fn below(mut points: Vec<Point>) -> Vec<Point> {
    points.extend([[1.05, 1.05], [-0.05, 1.05]]);
    points
}

fn ground(scene: &Scene, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    match scene.land {
        Land::Sea => sea(scene, light, sheet, rng),
        Land::Hills => {
            band(scene.horizon - 0.05, 0.035, 0.35, scene.land, light, sheet, rng);
            band(scene.horizon + 0.01, 0.03, 0.16, scene.land, light, sheet, rng);
            band(scene.horizon + 0.10, 0.025, 0.0, scene.land, light, sheet, rng);
        }
        land => {
            band(scene.horizon - 0.015, 0.012, 0.30, land, light, sheet, rng);
            band(scene.horizon + 0.02, 0.008, 0.0, land, light, sheet, rng);
        }
    }
}

fn band(y: f32, swing: f32, far: f32, land: Land, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let colour = light.far(earth(land), far);
    let near = light.on(earth(land), -0.45);
    sheet.polygon(
        &below(edge(y, swing, rng)),
        Ink::Ramp([0.0, y], [0.0, 1.0], colour, near.mix(colour, 0.35)),
    );
    for _ in 0..14 {
        let depth = rng.unit();
        let at = y + 0.03 + (0.97 - y) * depth * depth;
        let (x, half) = (rng.unit(), 0.03 + 0.10 * depth);
        let tone = light.on(earth(land), rng.range(-0.7, 0.5)).alpha(0.35);
        sheet.stroke_curve(
            &[[x - half, at], [x, at - 0.006], [x + half, at]],
            false,
            0.004 + 0.006 * depth,
            tone,
        );
    }
}

fn sea(scene: &Scene, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let [_, low] = sky_colours(scene.hour);
    let far = light.on(earth(Land::Sea), 0.0).mix(low, 0.45);
    let near = light.on(earth(Land::Sea), -0.3);
    let ramp = Ink::Ramp([0.0, scene.horizon], [0.0, 1.0], far, near);
    sheet.rectangle([0.0, scene.horizon], [1.0, 1.0], ramp);
    for _ in 0..22 {
        let depth = rng.unit();
        let at = scene.horizon + 0.012 + (0.98 - scene.horizon) * depth * depth;
        let (x, half) = (rng.unit(), 0.02 + 0.09 * depth);
        let crest = low.mix(rgb(1.0, 1.0, 1.0), 0.4).alpha(rng.range(0.25, 0.6));
        sheet.stroke_curve(
            &[[x - half, at], [x, at - 0.008 * depth], [x + half, at]],
            false,
            0.003 + 0.005 * depth,
            crest,
        );
    }
    if let Some(shore) = scene.shore {
        let line = edge(shore, 0.012, rng);
        sheet.stroke_curve(&line, false, 0.02, rgb(1.0, 1.0, 1.0).times(light.key).alpha(0.7));
        let sand = earth(Land::Sand);
        let ramp = Ink::Ramp([0.0, shore], [0.0, 1.0], light.on(sand, 0.0), light.on(sand, -0.4));
        sheet.polygon(&below(line), ramp);
    }
}
