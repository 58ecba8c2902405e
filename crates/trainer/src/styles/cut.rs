//! Paper cut: the sheet has laid flat papers over each other; here they get their fibres.

use super::field::{Field, noise};
use crate::colour::rgb;

pub fn make(field: &Field, seed: u64) -> Field {
    let unit = field.unit();
    field.map(|x, y| {
        let (fx, fy) = (x as f32 / unit, y as f32 / unit);
        let fibre = noise(fx / 2.1, fy / 5.0, seed) + noise(fx / 5.0, fy / 2.1, seed ^ 1) - 1.0;
        let tone = 1.0 + 0.055 * fibre;
        field.colours[y * field.size + x].times(rgb(tone, tone, tone))
    })
}
