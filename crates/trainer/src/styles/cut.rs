//! Paper cut: the sheet has laid flat papers over each other; here they get their fibres.

use super::field::{Field, noise};
use crate::colour::rgb;

pub fn make(field: &Field, seed: u64) -> Field {
    let unit = field.unit();
    field.map(|x, y| {
        let (fx, fy) = (x as f32 / unit, y as f32 / unit);
        let fibre = noise(fx / 3.0, fy / 8.0, seed) + noise(fx / 8.0, fy / 3.0, seed ^ 1) - 1.0;
        let tone = 1.0 + 0.03 * fibre;
        field.colours[y * field.size + x].times(rgb(tone, tone, tone))
    })
}
