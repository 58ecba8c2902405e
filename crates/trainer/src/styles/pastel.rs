//! Pastel: chalk on toned paper, which shows wherever the stick skips its grain.

use super::field::{Field, clouds, noise, ramp};
use crate::colour::{WHITE, rgb};

pub fn make(field: &Field, seed: u64) -> Field {
    let unit = field.unit();
    let soft = field.blurred((1.4 * unit) as usize);
    let papers = [rgb(0.63, 0.57, 0.53), rgb(0.52, 0.55, 0.60), rgb(0.72, 0.66, 0.56), rgb(0.42, 0.42, 0.45)];
    let paper = papers[(seed % 4) as usize];
    field.map(|x, y| {
        let (fx, fy) = (x as f32 / unit, y as f32 / unit);
        let push = 3.0 * (clouds(fx / 6.0, fy / 6.0, seed) - 0.5) * unit;
        let colour = soft.between(x as f32 + push, y as f32 - push);
        // Chalk is never quite dark, and its colours are clear.
        let mean = (colour.r + colour.g + colour.b) / 3.0;
        let clear = |v: f32| (mean + (v - mean) * 1.25).clamp(0.0, 1.0);
        let chalk = rgb(clear(colour.r), clear(colour.g), clear(colour.b)).mix(WHITE, 0.14);
        let streak = noise((fx + fy) / 14.0, (fx - fy) / 3.4, seed ^ 1);
        let tooth = noise(fx / 3.0, fy / 3.0, seed ^ 2);
        let cover = ramp(0.08, 0.66, 0.5 * tooth + 0.5 * streak);
        paper.mix(chalk, 0.42 + 0.56 * cover)
    })
}
