//! Pixel art: few large squares of few colours.

use super::field::Field;
use crate::colour::{Colour, rgb};

/// Squares along a side: each is what one latent stands for, so that their rims stay sharp.
const SQUARES: usize = 32;
/// Steps of each channel.
const STEPS: f32 = 6.0;

pub fn make(field: &Field) -> Field {
    let side = (field.size / SQUARES).max(1);
    let squares = field.size.div_ceil(side);
    let mean = |column: usize, row: usize| {
        let mut sum = [0.0; 3];
        for n in 0..side * side {
            let at = field.at((column * side + n % side) as isize, (row * side + n / side) as isize);
            sum = [sum[0] + at.r, sum[1] + at.g, sum[2] + at.b];
        }
        sum.map(|v| v / (side * side) as f32)
    };
    let palette: Vec<Colour> = (0..squares * squares)
        .map(|n| {
            let colour = mean(n % squares, n / squares);
            let grey = colour.iter().sum::<f32>() / 3.0;
            // Few colours look tired unless they are clear ones.
            let step = |v: f32| ((grey + (v - grey) * 1.2) * STEPS).round().clamp(0.0, STEPS) / STEPS;
            let [r, g, b] = colour.map(step);
            rgb(r, g, b)
        })
        .collect();
    field.map(|x, y| palette[y / side * squares + x / side])
}
