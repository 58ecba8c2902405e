//! Neon: outlines that glow in the colours of their shapes, on a dark night.

use super::field::{Field, light, ramp};
use crate::colour::{Colour, WHITE, rgb};

pub fn make(field: &Field, seed: u64) -> Field {
    let unit = field.unit();
    let soft = field.blurred(unit.round().max(1.0) as usize);
    let tube = soft.map(|x, y| {
        let on = ramp(0.12, 0.30, soft.edge(x, y));
        vivid(brightest(&soft, x, y), seed).times(rgb(on, on, on))
    });
    let near = tube.blurred((3.0 * unit) as usize);
    let far = tube.blurred((11.0 * unit) as usize);
    field.map(|x, y| {
        let n = y * field.size + x;
        let below = soft.colours[n].times(rgb(0.13, 0.11, 0.24)).mix(rgb(0.03, 0.02, 0.08), 0.45);
        let on = light(tube.colours[n]);
        let core = tube.colours[n].mix(WHITE, 0.55 * ramp(0.25, 0.6, on));
        let sum = |pick: fn(Colour) -> f32| {
            pick(below) + pick(core) + 1.1 * pick(near.colours[n]) + 1.5 * pick(far.colours[n])
        };
        // Light adds up and saturates softly.
        let film = |v: f32| 1.0 - (-1.5 * v).exp();
        rgb(film(sum(|c| c.r)), film(sum(|c| c.g)), film(sum(|c| c.b)))
    })
}

/// An edge glows in the colour of its more colourful side.
fn brightest(field: &Field, x: usize, y: usize) -> Colour {
    let reach = (2.5 * field.unit()).round() as isize;
    let places = [(0, 0), (reach, 0), (-reach, 0), (0, reach), (0, -reach)];
    let around = places.map(|(dx, dy)| field.at(x as isize + dx, y as isize + dy));
    around.into_iter().max_by(|a, b| chroma(*a).total_cmp(&chroma(*b))).unwrap_or(WHITE)
}

fn chroma(c: Colour) -> f32 {
    c.r.max(c.g).max(c.b) - c.r.min(c.g).min(c.b)
}

/// The hue at full strength; what has none glows in the sign's own cyan or magenta.
fn vivid(colour: Colour, seed: u64) -> Colour {
    let (low, spread) = (colour.r.min(colour.g).min(colour.b), chroma(colour));
    let own = if seed.is_multiple_of(2) { rgb(0.15, 0.95, 1.0) } else { rgb(1.0, 0.2, 0.85) };
    let stretch = |v: f32| ((v - low) / spread.max(0.02)).clamp(0.0, 1.0);
    let hue = rgb(stretch(colour.r), stretch(colour.g), stretch(colour.b)).mix(WHITE, 0.08);
    own.mix(hue, ramp(0.06, 0.22, spread))
}
