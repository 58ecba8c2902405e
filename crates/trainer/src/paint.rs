//! The finished picture of a scene: sky, what is in it, the ground, what stands on it.

use crate::colour::{BLUE, CREAM, Colour, GREEN, GREY, Light, ORANGE, PINK, PURPLE, YELLOW, rgb};
use crate::rng::Rng;
use crate::scene::{Hour, Land, Scene};
use crate::sheet::{Ink, Point, Sheet};
use crate::things;

/// Paints `scene` on `size` x `size` pixels; RGB rows.
pub fn paint(scene: &Scene, size: u32) -> Vec<u8> {
    let scene = &Scene { hour: scene.style.lit_by(scene.hour), ..scene.clone() };
    let light = scene.light();
    let rng = &mut Rng::new(scene.seed ^ 0x9A1E);
    let mut sheet = match scene.style.is_cut() {
        true => Sheet::cut(size, light.haze),
        false => Sheet::new(size, light.haze),
    };
    match scene.land {
        Land::Deep => deep(scene, &light, &mut sheet, rng),
        Land::Table | Land::Room => wall(scene, &light, &mut sheet, rng),
        _ => sky(scene, &mut sheet, rng),
    }
    let (above, below): (Vec<_>, Vec<_>) = scene.things.iter().partition(|thing| thing.kind.in_sky());
    above.iter().for_each(|thing| things::paint(thing, scene, &light, &mut sheet));
    ground(scene, &light, &mut sheet, rng);
    below.iter().for_each(|thing| things::paint(thing, scene, &light, &mut sheet));
    scene.style.finish(sheet.rgb(), size, scene.seed)
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

/// The colour behind everything at half the height of what is above the horizon.
pub(crate) fn backdrop(scene: &Scene) -> Colour {
    match scene.land {
        Land::Deep => rgb(0.22, 0.56, 0.72),
        Land::Table | Land::Room => {
            let walls = [CREAM, YELLOW, BLUE, GREEN, PINK, GREY, PURPLE, ORANGE];
            walls[(scene.seed / 7 % 8) as usize].paint.mix(rgb(0.93, 0.90, 0.85), 0.55)
        }
        _ => sky_colours(scene.hour)[if scene.hour == Hour::Sunset { 1 } else { 0 }],
    }
}

/// A plain wall, lighter where the window throws its light.
fn wall(scene: &Scene, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let paper = backdrop(scene);
    let (near, far) = (light.on(paper, 0.35), light.on(paper, -0.45));
    let (from, to) = if light.side < 0.0 { (0.0, 1.0) } else { (1.0, 0.0) };
    sheet.rectangle([0.0, 0.0], [1.0, 1.0], Ink::Ramp([from, 0.0], [to, scene.horizon], near, far));
    if rng.chance(0.4) {
        let stripe = light.on(paper, -0.35).alpha(0.35);
        for n in 0..9 {
            let x = 0.04 + n as f32 * 0.115;
            sheet.rectangle([x, 0.0], [x + 0.045, scene.horizon], Ink::Flat(stripe));
        }
    } else if rng.chance(0.5) {
        let (x, y) = (rng.range(0.06, 0.66), rng.range(0.06, 0.16));
        let frame = light.on(rgb(0.50, 0.36, 0.24), 0.1);
        sheet.rectangle([x - 0.015, y - 0.015], [x + 0.265, y + 0.225], Ink::Flat(frame));
        let [top, low] = sky_colours(Hour::Day);
        sheet.rectangle([x, y], [x + 0.25, y + 0.21], Ink::Ramp([0.0, y], [0.0, y + 0.21], top, low));
        sheet.line(&[[x + 0.125, y], [x + 0.125, y + 0.21]], 0.01, frame);
        sheet.line(&[[x, y + 0.105], [x + 0.25, y + 0.105]], 0.01, frame);
    }
}

/// Water down to the sand, with shafts of light and weed.
fn deep(scene: &Scene, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let (high, low) = (rgb(0.50, 0.82, 0.88), rgb(0.07, 0.28, 0.50));
    sheet.rectangle([0.0, 0.0], [1.0, 1.0], Ink::Ramp([0.0, 0.0], [0.0, 1.0], high, low));
    for _ in 0..4 {
        let (x, half) = (rng.range(0.0, 1.0), rng.range(0.02, 0.06));
        let shaft = [[x, 0.0], [x + half, 0.0], [x + half * 3.0 - 0.2, 0.9], [x - half * 2.0 - 0.2, 0.9]];
        let glow = rgb(0.85, 1.0, 0.98);
        sheet.polygon(&shaft, Ink::Ramp([0.0, 0.0], [0.0, 0.85], glow.alpha(0.28), glow.alpha(0.0)));
    }
    let sand = earth(Land::Sand).mix(rgb(0.30, 0.60, 0.66), 0.3);
    let line = edge(scene.horizon, 0.015, rng);
    sheet.polygon(
        &below(line),
        Ink::Ramp([0.0, scene.horizon], [0.0, 1.0], light.on(sand, 0.2), light.on(sand, -0.6)),
    );
    for _ in 0..rng.below(6) {
        let (x, foot) = (rng.unit(), scene.horizon + rng.range(0.02, 0.08));
        let tall = rng.range(0.14, 0.36);
        let green = light.on(rgb(0.16, 0.48, 0.34), rng.range(-0.4, 0.4));
        let sway = rng.range(-0.03, 0.03);
        let weed: Vec<Point> = (0..5)
            .map(|n| {
                let t = n as f32 / 4.0;
                [x + sway * t + 0.02 * (t * 9.0).sin(), foot - tall * t]
            })
            .collect();
        sheet.stroke_curve(&weed, false, 0.016, green);
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
        Land::River => rgb(0.27, 0.52, 0.64),
        Land::Deep => rgb(0.72, 0.72, 0.58),
        Land::Table => rgb(0.66, 0.46, 0.30),
        Land::Room => rgb(0.62, 0.48, 0.36),
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
        Land::Sea | Land::River => sea(scene, light, sheet, rng),
        Land::Deep => {}
        Land::Table | Land::Room => floor(scene, light, sheet),
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

/// Boards that run to the wall.
fn floor(scene: &Scene, light: &Light, sheet: &mut Sheet) {
    let (wood, y) = (earth(scene.land), scene.horizon);
    let ramp = Ink::Ramp([0.0, y], [0.0, 1.0], light.on(wood, 0.35), light.on(wood, -0.35));
    sheet.rectangle([0.0, y], [1.0, 1.0], ramp);
    for n in 0..9 {
        let x = (n as f32 - 4.0) * 0.16;
        sheet.line(&[[0.5 + x * 0.7, y], [0.5 + x * 1.6, 1.0]], 0.004, light.on(wood, -1.0).alpha(0.35));
    }
    let rim = if scene.land == Land::Table { 0.012 } else { 0.022 };
    sheet.line(&[[0.0, y], [1.0, y]], rim, light.on(wood, -0.8).alpha(0.8));
}

fn sea(scene: &Scene, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    let [_, low] = sky_colours(scene.hour);
    let far = light.on(earth(scene.land), 0.0).mix(low, 0.45);
    let near = light.on(earth(scene.land), -0.3);
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
