//! Pencil: soft graphite outlines drawn twice, and shading in one direction on grained paper.

use super::field::{Field, clouds, light, noise, ramp};
use crate::colour::rgb;

pub fn make(field: &Field, seed: u64) -> Field {
    let unit = field.unit();
    let soft = field.blurred(unit.round().max(1.0) as usize);
    let tone = field.blurred((2.0 * unit) as usize);
    let (paper, lead) = (rgb(0.955, 0.95, 0.935), rgb(0.22, 0.22, 0.24));
    field.map(|x, y| {
        let (fx, fy) = (x as f32 / unit, y as f32 / unit);
        let second = 1.5 * unit * (clouds(fx / 30.0, fy / 30.0, seed) - 0.3);
        let shifted = |v: usize| ((v as f32 + second) as usize).min(field.size - 1);
        let line = soft.edge(x, y).max(0.7 * soft.edge(shifted(x), shifted(y)));
        let dark = 1.0 - light(tone.colours[y * tone.size + x]);
        let (along, across) = ((fx + fy * 0.6) / 14.0, (fy - fx * 0.6) / 1.9);
        let streak = 0.45 + 0.55 * noise(along, across, seed ^ 1);
        let tooth = 0.82 + 0.36 * noise(fx / 1.8, fy / 1.8, seed ^ 2);
        let shade = (dark - 0.08).max(0.0) * 0.95 * streak * tooth;
        let drawn = ramp(0.06, 0.34, line) * 0.8 * tooth;
        paper.mix(lead, drawn.max(shade).clamp(0.0, 0.94))
    })
}
