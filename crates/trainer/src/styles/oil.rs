//! Oil: strokes of a loaded brush along the forms, broad ones first, each with a lit and a dim side.

use super::field::{Field, clouds, light};
use crate::rng::Rng;
use crate::sheet::{Point, Sheet};
use std::f32::consts::PI;

/// Strokes from broad to fine: length and width in 256ths of the side, and their distance.
const COATS: [(f32, f32, f32); 3] = [(36.0, 15.0, 9.0), (24.0, 8.5, 7.0), (13.0, 4.0, 4.6)];

pub fn make(field: &Field, seed: u64) -> Field {
    let rng = &mut Rng::new(seed ^ 0x011);
    let unit = field.unit();
    let ground = field.blurred((10.0 * unit) as usize).colours[field.size * field.size / 2];
    let mut sheet = Sheet::new(field.size as u32, ground);
    for (number, (length, width, apart)) in COATS.into_iter().enumerate() {
        let seen = field.blurred((width * unit * 0.35).round() as usize);
        let mut places = places(apart, rng);
        rng.shuffle(&mut places);
        for place in places {
            let pixel = place.map(|v| ((v * field.size as f32) as usize).min(field.size - 1));
            let (dx, dy) = seen.slope(pixel[0], pixel[1]);
            let steep = dx.hypot(dy);
            // Where little happens, the broad coat is enough.
            if number == 2 && steep < 0.03 && rng.chance(0.85) {
                continue;
            }
            let drift = clouds(place[0] * 3.0, place[1] * 3.0, seed) * PI;
            let along = if steep > 0.012 { dy.atan2(dx) + PI / 2.0 } else { drift };
            let colour = seen.colours[pixel[1] * field.size + pixel[0]];
            let tone = rng.range(-0.06, 0.06);
            // Oil is deeper and more colourful than gouache.
            let mean = light(colour);
            let shift = |v: f32| (mean + (v - mean) * 1.25 + tone - 0.03).clamp(0.0, 1.0);
            let colour = crate::colour::rgb(shift(colour.r), shift(colour.g), shift(colour.b));
            stroke(&mut sheet, place, along, length / 256.0, width / 256.0, colour, rng);
        }
    }
    Field::of(&sheet.rgb(), field.size)
}

fn places(apart: f32, rng: &mut Rng) -> Vec<Point> {
    let count = (256.0 / apart) as usize;
    let step = 1.0 / count as f32;
    (0..count * count)
        .map(|n| {
            let cell = [(n % count) as f32, (n / count) as f32];
            cell.map(|v| (v + rng.range(0.0, 1.0)) * step)
        })
        .collect()
}

fn stroke(
    sheet: &mut Sheet,
    [x, y]: Point,
    along: f32,
    length: f32,
    width: f32,
    colour: crate::colour::Colour,
    rng: &mut Rng,
) {
    let (c, s) = (along.cos() * length / 2.0, along.sin() * length / 2.0);
    let bend = rng.range(-0.15, 0.15) * length;
    let line = |off: f32| {
        let [ox, oy] = [-along.sin() * off, along.cos() * off];
        let middle = [x + ox - along.sin() * bend, y + oy + along.cos() * bend];
        [[x - c + ox, y - s + oy], middle, [x + c + ox, y + s + oy]]
    };
    sheet.stroke_curve(&line(0.0), false, width, colour);
    let pale = colour.mix(crate::colour::WHITE, 0.16 + 0.1 * light(colour));
    let dim = colour.times(crate::colour::rgb(0.82, 0.80, 0.84));
    sheet.stroke_curve(&line(-width * 0.30), false, width * 0.16, pale.alpha(0.75));
    sheet.stroke_curve(&line(width * 0.34), false, width * 0.16, dim.alpha(0.75));
}
