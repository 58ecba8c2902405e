//! Watercolour: pigment that runs, gathers at the rims of its pools and leaves the paper's grain.

use super::field::{Field, clouds, noise, ramp};
use crate::colour::rgb;

pub fn make(field: &Field, seed: u64) -> Field {
    let unit = field.unit();
    // Pools run a little over their outlines.
    let run = field.map(|x, y| {
        let (fx, fy) = (x as f32 / unit, y as f32 / unit);
        let dx = (clouds(fx / 14.0, fy / 14.0, seed) - 0.5) * 7.0;
        let dy = (clouds(fx / 14.0, fy / 14.0, seed ^ 1) - 0.5) * 7.0;
        field.between(x as f32 + dx * unit, y as f32 + dy * unit)
    });
    let soft = run.blurred(unit.ceil() as usize);
    let paper = rgb(0.98, 0.965, 0.93);
    soft.map(|x, y| {
        let (fx, fy) = (x as f32 / unit, y as f32 / unit);
        let rim = ramp(0.05, 0.30, soft.edge(x, y)) * 0.34;
        let density = 0.66 + 0.42 * (clouds(fx / 46.0, fy / 46.0, seed ^ 2) - 0.5);
        let tooth = 0.10 * (noise(fx / 1.7, fy / 1.7, seed ^ 3) - 0.5);
        // The wash ends before the sheet does.
        let margin = fx.min(fy).min(256.0 - fx).min(256.0 - fy);
        let ragged = ramp(0.0, 9.0, margin - 9.0 * clouds(fx / 20.0, fy / 20.0, seed ^ 4));
        let pigment = ((density + rim + tooth) * ragged).clamp(0.0, 1.15);
        let colour = soft.colours[y * soft.size + x];
        paper.mix(colour.times(colour.mix(rgb(1.0, 1.0, 1.0), 0.72)), pigment.min(1.0))
    })
}
