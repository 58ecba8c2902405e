//! Puts a scene together the way people do: a main thing, company, weather.

use super::{Hour, Kind, Land, Scene, Thing};
use crate::colour::{BLUE, BROWN, CREAM, GREEN, GREY, Named, ORANGE, PINK, PURPLE, RED, YELLOW};
use crate::rng::Rng;
use crate::styles::Style;

const WALLS: [Named; 8] = [CREAM, CREAM, RED, YELLOW, BLUE, PINK, BROWN, ORANGE];
const ROOFS: [Named; 7] = [RED, RED, BROWN, GREY, BLUE, ORANGE, GREEN];
const BRIGHT: [Named; 7] = [RED, ORANGE, YELLOW, BLUE, PURPLE, PINK, CREAM];

pub(super) fn compose(seed: u64) -> Scene {
    let mut rng = Rng::new(seed);
    let rng = &mut rng;
    let hour = rng.weighted(&[
        (Hour::Day, 0.46),
        (Hour::Sunset, 0.16),
        (Hour::Dawn, 0.11),
        (Hour::Night, 0.17),
        (Hour::Storm, 0.10),
    ]);
    let land = rng.weighted(&[
        (Land::Meadow, 0.42),
        (Land::Hills, 0.20),
        (Land::Autumn, 0.07),
        (Land::Snow, 0.09),
        (Land::Sand, 0.05),
        (Land::Sea, 0.17),
    ]);
    let horizon = if land == Land::Sea { rng.range(0.42, 0.62) } else { rng.range(0.52, 0.74) };
    let shore = (land == Land::Sea && rng.chance(0.5)).then(|| rng.range(0.80, 0.88));
    let mut scene = Scene { hour, land, horizon, shore, things: Vec::new(), style: Style::Gouache, seed };
    weather(&mut scene, rng);
    let open_water = land == Land::Sea && scene.shore.is_none();
    if open_water {
        afloat(&mut scene, rng)
    } else {
        ashore(&mut scene, rng)
    }
    if land == Land::Sea && scene.shore.is_some() && rng.chance(0.5) {
        boat(&mut scene, rng);
    }
    if rng.chance(if scene.all(Kind::House).count() > 0 { 0.05 } else { 0.16 }) && hour != Hour::Night {
        let (x, y, size) = (rng.range(0.15, 0.85), rng.range(0.18, 0.38), rng.range(0.16, 0.34));
        add(&mut scene, rng, Kind::Balloon, x, y, size, &BRIGHT, &BRIGHT);
    }
    if rng.chance(0.15) && hour != Hour::Night {
        let (x, y, size) = (rng.range(0.2, 0.8), rng.range(0.12, 0.35), rng.range(0.15, 0.3));
        add(&mut scene, rng, Kind::Birds, x, y, size, &[GREY], &[GREY]);
    }
    scene.things.sort_by(|a, b| depth(a).total_cmp(&depth(b)));
    scene
}

/// Sorts sky, then flat things, then what stands from far to near, then what flies.
fn depth(thing: &Thing) -> f32 {
    match thing.kind {
        Kind::Balloon | Kind::Birds => 9.0,
        kind if kind.stands() => 2.0 + thing.y,
        Kind::Road => 1.5,
        kind => kind as u8 as f32 / 100.0,
    }
}

#[allow(clippy::too_many_arguments)]
pub(super) fn add(
    scene: &mut Scene,
    rng: &mut Rng,
    kind: Kind,
    x: f32,
    y: f32,
    size: f32,
    colours: &[Named],
    accents: &[Named],
) {
    let (colour, accent, seed) = (rng.pick(colours), rng.pick(accents), rng.bits());
    scene.things.push(Thing { kind, x, y, size, colour, accent, seed });
}

fn weather(scene: &mut Scene, rng: &mut Rng) {
    let (hour, horizon) = (scene.hour, scene.horizon);
    let x = if rng.chance(0.8) {
        let edge = rng.range(0.10, 0.34);
        if rng.chance(0.5) { edge } else { 1.0 - edge }
    } else {
        rng.range(0.34, 0.66)
    };
    match hour {
        Hour::Day if rng.chance(0.72) => {
            let (y, size) = (rng.range(0.10, 0.28), rng.log_range(0.09, 0.24));
            add(scene, rng, Kind::Sun, x, y, size, &[YELLOW], &[YELLOW]);
        }
        Hour::Dawn | Hour::Sunset if rng.chance(0.85) => {
            let (y, size) = (rng.range(0.14, horizon - 0.04), rng.log_range(0.10, 0.22));
            add(scene, rng, Kind::Sun, x, y, size, &[YELLOW, ORANGE], &[ORANGE]);
        }
        Hour::Night => {
            if rng.chance(0.8) {
                let (y, size) = (rng.range(0.10, 0.28), rng.log_range(0.09, 0.2));
                add(scene, rng, Kind::Moon, x, y, size, &[CREAM, YELLOW], &[CREAM]);
            }
            if rng.chance(0.85) {
                add(scene, rng, Kind::Stars, 0.5, 0.25, 0.5, &[CREAM], &[CREAM]);
            }
        }
        _ => {}
    }
    if rng.chance(0.30) && scene.land != Land::Sand {
        let (x, size) = (rng.range(0.2, 0.8), rng.range(0.14, 0.34));
        add(scene, rng, Kind::Mountains, x, horizon, size, &[GREY, BLUE, PURPLE, BROWN], &[CREAM]);
    }
    let clouds = match hour {
        Hour::Storm => 2 + rng.below(3),
        Hour::Night => rng.below(2),
        _ => rng.weighted(&[(0, 0.35), (1, 0.25), (2, 0.25), (3, 0.15)]),
    };
    for _ in 0..clouds {
        let (x, y, size) = (rng.range(0.05, 0.95), rng.range(0.08, horizon * 0.55), rng.range(0.16, 0.36));
        add(scene, rng, Kind::Cloud, x, y, size, &[CREAM], &[CREAM]);
    }
    if matches!(hour, Hour::Day | Hour::Storm) && rng.chance(0.06) {
        let (x, size) = (rng.range(0.3, 0.7), rng.range(0.5, 0.9));
        add(scene, rng, Kind::Rainbow, x, horizon, size, &[RED], &[BLUE]);
    }
}

fn boat(scene: &mut Scene, rng: &mut Rng) {
    let end = scene.shore.unwrap_or(0.97) - 0.05;
    let near = rng.unit();
    let y = scene.horizon + 0.03 + (end - scene.horizon - 0.03) * near;
    let (x, size) = (rng.range(0.15, 0.85), (0.12 + 0.30 * near) * rng.range(0.8, 1.25));
    add(
        scene,
        rng,
        Kind::Boat,
        x,
        y,
        size,
        &[RED, BLUE, BROWN, GREEN, CREAM],
        &[CREAM, CREAM, RED, YELLOW, BLUE],
    );
}

fn afloat(scene: &mut Scene, rng: &mut Rng) {
    for _ in 0..rng.weighted(&[(1, 0.7), (2, 0.2), (0, 0.1)]) {
        boat(scene, rng);
    }
}

fn ashore(scene: &mut Scene, rng: &mut Rng) {
    let ground = scene.shore.unwrap_or(scene.horizon);
    let main = rng.weighted(&[
        (Some(Kind::House), 0.60),
        (Some(Kind::Castle), 0.07),
        (Some(Kind::Lighthouse), if scene.shore.is_some() { 0.20 } else { 0.02 }),
        (Some(Kind::Tree), 0.14),
        (None, 0.12),
    ]);
    let x = rng.range(0.25, 0.75);
    // Big things stand near: their feet are well below the horizon.
    let size = rng.range(0.26, 0.60);
    let foot = (ground + 0.03 + size * rng.range(0.16, 0.36)).min(0.95);
    match main {
        Some(Kind::House) => {
            add(scene, rng, Kind::House, x, foot, size, &WALLS, &ROOFS);
            if rng.chance(0.10) {
                let other = if x < 0.5 { x + rng.range(0.34, 0.45) } else { x - rng.range(0.34, 0.45) };
                let (y, size) = ((foot - 0.03).max(ground + 0.03), size * rng.range(0.6, 0.9));
                add(scene, rng, Kind::House, other, y, size, &WALLS, &ROOFS);
            }
        }
        Some(Kind::Castle) => {
            add(scene, rng, Kind::Castle, x, foot, size, &[GREY, CREAM, PINK, BROWN], &ROOFS)
        }
        Some(Kind::Lighthouse) => add(scene, rng, Kind::Lighthouse, x, foot, size, &[CREAM], &[RED, BLUE]),
        Some(kind) => add(scene, rng, kind, x, foot, size * 1.2, &leaves(scene.land), &[BROWN]),
        None => {}
    }
    company(scene, rng, main.is_some().then_some((x, size)));
    let dry = scene.shore.is_none();
    if dry && rng.chance(0.22) {
        let door = scene.all(Kind::House).next().map_or(rng.range(0.3, 0.7), |house| house.x);
        let width = rng.range(0.10, 0.2);
        add(scene, rng, Kind::Road, door, foot.min(0.9), width, &[BROWN, GREY, YELLOW], &[BROWN]);
    } else if dry && rng.chance(0.10) {
        let (x, y, size) = (rng.range(0.25, 0.75), rng.range(0.86, 0.93), rng.range(0.35, 0.7));
        add(scene, rng, Kind::Lake, x, y, size, &[BLUE], &[BLUE]);
    }
}

fn leaves(land: Land) -> Vec<Named> {
    match land {
        Land::Autumn => vec![ORANGE, RED, YELLOW],
        Land::Snow => vec![GREEN],
        _ => vec![GREEN, GREEN, GREEN, GREEN, GREEN, ORANGE, PINK],
    }
}

/// Trees, bushes and flowers, beside the main thing at `main` (x, size) rather than in front of it.
fn company(scene: &mut Scene, rng: &mut Rng, main: Option<(f32, f32)>) {
    let ground = scene.shore.unwrap_or(scene.horizon);
    let colours = leaves(scene.land);
    let kinds = [Kind::Tree, Kind::Tree, Kind::Pine, Kind::Poplar, Kind::Bush];
    let favourite = if scene.land == Land::Snow { Kind::Pine } else { rng.pick(&kinds) };
    let count = rng.weighted(&[(0, 0.30), (1, 0.28), (2, 0.22), (3, 0.12), (5, 0.08)]);
    for _ in 0..count {
        let kind = if rng.chance(0.75) { favourite } else { rng.pick(&kinds) };
        let mut x = rng.range(0.04, 0.96);
        if let Some((centre, size)) = main {
            let gap = size * 0.55 + 0.05;
            if (x - centre).abs() < gap {
                x = centre + if x < centre { -gap } else { gap };
            }
        }
        let near = rng.unit().powf(1.4);
        let y = ground + 0.02 + (0.95 - ground) * 0.8 * near;
        let base = if kind == Kind::Bush { 0.07 } else { 0.18 };
        let size = (base + base * 1.3 * near) * rng.range(0.8, 1.3);
        add(scene, rng, kind, x.clamp(0.0, 1.0), y, size, &colours, &[BROWN]);
    }
    if rng.chance(0.25) && !matches!(scene.land, Land::Snow | Land::Sand) {
        let (x, y, size) = (rng.range(0.2, 0.8), rng.range(0.88, 0.96), rng.range(0.4, 0.9));
        add(scene, rng, Kind::Flowers, x, y, size, &BRIGHT, &BRIGHT);
    }
}
