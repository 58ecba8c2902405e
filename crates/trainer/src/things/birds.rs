//! Birds far away: a few wide Vs.

use super::Part;
use crate::colour::{Light, rgb};
use crate::rng::Rng;
use crate::scene::Thing;
use crate::sheet::{Point, Sheet};

fn flock(birds: &Thing, rng: &mut Rng) -> Vec<Vec<Point>> {
    let count = 2 + rng.below(4);
    let one = |rng: &mut Rng| {
        let (x, y) =
            (birds.x + rng.range(-0.5, 0.5) * birds.size, birds.y + rng.range(-0.3, 0.3) * birds.size);
        let w = birds.size * rng.range(0.09, 0.14);
        vec![
            [x - w, y - w * 0.35],
            [x - w * 0.45, y - w * 0.5],
            [x, y],
            [x + w * 0.45, y - w * 0.5],
            [x + w, y - w * 0.35],
        ]
    };
    (0..count).map(|_| one(rng)).collect()
}

pub(super) fn paint(birds: &Thing, light: &Light, sheet: &mut Sheet, rng: &mut Rng) {
    for bird in flock(birds, rng) {
        sheet.stroke_curve(&bird, false, 0.011, light.on(rgb(0.22, 0.24, 0.32), 0.0));
    }
}

pub(super) fn parts(birds: &Thing, rng: &mut Rng) -> Vec<Part> {
    flock(birds, rng).into_iter().map(|bird| Part::line(bird, rgb(0.10, 0.10, 0.11))).collect()
}
