//! Ink: black outlines and hatching on cream paper, denser where it is darker.

use super::field::{Field, clouds, light, noise, ramp};
use crate::colour::rgb;

pub fn make(field: &Field, seed: u64) -> Field {
    let unit = field.unit();
    let soft = field.blurred(unit.round().max(1.0) as usize);
    let (paper, ink) = (rgb(0.97, 0.94, 0.87), rgb(0.09, 0.08, 0.10));
    field.map(|x, y| {
        let (fx, fy) = (x as f32 / unit, y as f32 / unit);
        let line = ramp(0.10, 0.26, soft.edge(x, y) * (0.8 + 0.4 * clouds(fx / 9.0, fy / 9.0, seed)));
        let dark = 1.0 - light(soft.colours[y * soft.size + x]);
        let wave = 1.6 * (noise(fx / 22.0, fy / 22.0, seed ^ 1) - 0.5);
        let hatch = |along: f32, from: f32| {
            // The darker, the thicker the lines of this direction.
            let thick = ((dark - from) * 1.5).clamp(0.0, 0.75);
            let place = ((along + wave) / 5.0).rem_euclid(1.0);
            let off = (place - 0.5).abs() * 2.0;
            if thick > 0.03 { 1.0 - ramp(thick - 0.25, thick + 0.25, off) } else { 0.0 }
        };
        let shade = hatch((fx + fy) * 0.71, 0.34).max(hatch((fx - fy) * 0.71, 0.60));
        let full = ramp(0.86, 0.95, dark);
        paper.mix(ink, line.max(shade).max(full).min(0.97))
    })
}
