//! Scenes seen from close by: a face, a cat, fish under water, a table with fruit and cups, a bridge.

use super::{Hour, Kind, Land, Scene, compose};
use crate::colour::{BLACK, BLUE, BROWN, CREAM, GREEN, GREY, Named, ORANGE, PINK, PURPLE, RED, YELLOW};
use crate::rng::Rng;
use crate::styles::Style;

const BRIGHT: [Named; 8] = [RED, ORANGE, YELLOW, BLUE, PURPLE, PINK, GREEN, CREAM];

pub(super) fn close_by(seed: u64) -> Scene {
    let rng = &mut Rng::new(seed ^ 0xC105E);
    let land =
        rng.weighted(&[(Land::Room, 0.46), (Land::Table, 0.26), (Land::Deep, 0.16), (Land::River, 0.12)]);
    let horizon = match land {
        Land::Room => rng.range(0.60, 0.80),
        Land::Table => rng.range(0.52, 0.64),
        Land::Deep => rng.range(0.84, 0.94),
        _ => rng.range(0.50, 0.60),
    };
    let hour = match land {
        Land::River => {
            rng.weighted(&[(Hour::Day, 0.6), (Hour::Sunset, 0.2), (Hour::Dawn, 0.1), (Hour::Storm, 0.1)])
        }
        _ => Hour::Day,
    };
    let mut scene =
        Scene { hour, land, horizon, shore: None, things: Vec::new(), style: Style::Gouache, seed };
    match land {
        Land::Room if rng.chance(0.5) => portrait(&mut scene, rng),
        Land::Room => cats(&mut scene, rng),
        Land::Table => still_life(&mut scene, rng),
        Land::Deep => shoal(&mut scene, rng),
        _ => bridge(&mut scene, rng),
    }
    scene.things.sort_by(|a, b| a.y.total_cmp(&b.y));
    scene
}

fn put(scene: &mut Scene, rng: &mut Rng, kind: Kind, place: [f32; 3], colours: &[Named], accents: &[Named]) {
    let [x, y, size] = place;
    compose::add(scene, rng, kind, x, y, size, colours, accents);
}

fn portrait(scene: &mut Scene, rng: &mut Rng) {
    let place = [rng.range(0.40, 0.60), rng.range(0.92, 1.02), rng.range(0.66, 0.92)];
    put(scene, rng, Kind::Face, place, &BRIGHT, &[BLACK, BROWN, BROWN, YELLOW, ORANGE, GREY]);
}

fn cats(scene: &mut Scene, rng: &mut Rng) {
    let coats = [ORANGE, ORANGE, GREY, BLACK, BROWN, CREAM];
    let x = rng.range(0.34, 0.66);
    let place = [x, rng.range(0.86, 0.96), rng.range(0.48, 0.76)];
    put(scene, rng, Kind::Cat, place, &coats, &[CREAM]);
    if rng.chance(0.15) {
        let other = if x < 0.5 { x + 0.34 } else { x - 0.34 };
        let place = [other, rng.range(0.84, 0.93), rng.range(0.34, 0.46)];
        put(scene, rng, Kind::Cat, place, &coats, &[CREAM]);
    }
}

fn still_life(scene: &mut Scene, rng: &mut Rng) {
    let cup = rng.chance(0.55);
    let fruit = if cup { rng.below(4) } else { 1 + rng.below(4) };
    let y = |rng: &mut Rng, horizon: f32| horizon + rng.range(0.10, 0.30);
    if cup {
        let place = [rng.range(0.26, 0.74), y(rng, scene.horizon), rng.range(0.26, 0.44)];
        put(scene, rng, Kind::Cup, place, &BRIGHT, &BRIGHT);
    }
    let favourite = rng.pick(&[RED, GREEN, YELLOW, ORANGE, PURPLE, PINK]);
    let mut x = rng.range(0.10, 0.40);
    for _ in 0..fruit {
        let place = [x, y(rng, scene.horizon), rng.range(0.16, 0.28)];
        let colour =
            if rng.chance(0.6) { favourite } else { rng.pick(&[RED, GREEN, YELLOW, ORANGE, PURPLE, PINK]) };
        put(scene, rng, Kind::Fruit, place, &[colour], &[GREEN]);
        x = (x + rng.range(0.18, 0.30)).min(0.92);
    }
}

fn shoal(scene: &mut Scene, rng: &mut Rng) {
    let count = rng.weighted(&[(1, 0.45), (2, 0.25), (3, 0.2), (5, 0.1)]);
    let (colour, accent) = (rng.pick(&BRIGHT), rng.pick(&BRIGHT));
    for n in 0..count {
        let size = if n == 0 { rng.range(0.34, 0.66) } else { rng.range(0.16, 0.30) };
        let place = [rng.range(0.22, 0.78), rng.range(0.20, 0.76), size];
        let same = rng.chance(0.6);
        let colours = if same { [colour; 8] } else { BRIGHT };
        put(scene, rng, Kind::Fish, place, &colours, &if same { [accent; 8] } else { BRIGHT });
    }
}

fn bridge(scene: &mut Scene, rng: &mut Rng) {
    let place = [rng.range(0.42, 0.58), rng.range(0.72, 0.82), rng.range(0.26, 0.42)];
    put(scene, rng, Kind::Bridge, place, &[GREY, GREY, BROWN, CREAM, RED], &[GREY]);
    if scene.hour != Hour::Storm && rng.chance(0.7) {
        let edge = rng.range(0.10, 0.32);
        let x = if rng.chance(0.5) { edge } else { 1.0 - edge };
        let place = [x, rng.range(0.10, 0.24), rng.log_range(0.09, 0.2)];
        put(scene, rng, Kind::Sun, place, &[YELLOW], &[YELLOW]);
    }
    for _ in 0..rng.below(3) {
        let place = [rng.range(0.1, 0.9), rng.range(0.08, 0.28), rng.range(0.16, 0.34)];
        put(scene, rng, Kind::Cloud, place, &[CREAM], &[CREAM]);
    }
}
