//! Pixel art: few large squares of few colours.

use super::field::Field;
use crate::colour::{Colour, rgb};

/// Squares along a side.
const SQUARES: usize = 64;
/// Steps of each channel.
const STEPS: f32 = 6.0;
/// Thresholds of a 2x2 ordered dither (Bayer 1973), around 0.
const DITHER: [[f32; 2]; 2] = [[-0.375, 0.125], [0.375, -0.125]];

pub fn make(field: &Field) -> Field {
    let side = (field.size / SQUARES).max(1);
    let squares = field.size.div_ceil(side);
    let mean = |column: usize, row: usize| {
        let mut sum = [0.0; 3];
        for n in 0..side * side {
            let at = field.at((column * side + n % side) as isize, (row * side + n / side) as isize);
            sum = [sum[0] + at.r, sum[1] + at.g, sum[2] + at.b];
        }
        let [r, g, b] = sum.map(|v| v / (side * side) as f32);
        rgb(r, g, b)
    };
    let palette: Vec<Colour> = (0..squares * squares)
        .map(|n| {
            let (column, row) = (n % squares, n / squares);
            let off = DITHER[row % 2][column % 2] * 0.55;
            let step = |v: f32| ((v * STEPS + off).round() / STEPS).clamp(0.0, 1.0);
            let colour = mean(column, row);
            rgb(step(colour.r), step(colour.g), step(colour.b))
        })
        .collect();
    field.map(|x, y| palette[y / side * squares + x / side])
}
