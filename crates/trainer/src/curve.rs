//! Loss curves: what a run's log tells, drawn.

use crate::letters::{LETTER, write};
use image::{Rgb, RgbImage};
use serde::Deserialize;
use std::error::Error;
use std::path::Path;

const WIDTH: u32 = 720;
const HEIGHT: u32 = 200;
const MARGIN: u32 = 24;
/// Values that one point of the line is the mean of, as a share of all.
const SMOOTH: usize = 60;

#[derive(Debug, Clone, Copy, Deserialize)]
struct Point {
    step: u64,
    loss: f64,
}

/// Draws the logs one below the other.
///
/// # Errors
/// If a log cannot be read or the picture not be written.
pub fn draw(logs: &[impl AsRef<Path>], file: &Path) -> Result<(), Box<dyn Error>> {
    let mut picture = RgbImage::from_pixel(WIDTH, HEIGHT * logs.len() as u32, Rgb([255; 3]));
    for (n, log) in (0..).zip(logs) {
        let log = log.as_ref();
        let text = std::fs::read_to_string(log).map_err(|error| format!("{}: {error}", log.display()))?;
        let points: Vec<Point> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        let name = log.file_stem().unwrap_or_default().to_string_lossy();
        panel(&mut picture, n * HEIGHT, &name, &smoothed(&points));
    }
    Ok(picture.save(file)?)
}

/// The curve in pieces, each the mean of its points.
fn smoothed(points: &[Point]) -> Vec<Point> {
    let mean = |piece: &[Point]| Point {
        step: piece[piece.len() / 2].step,
        loss: piece.iter().map(|point| point.loss).sum::<f64>() / piece.len() as f64,
    };
    points.chunks((points.len() / SMOOTH).max(1)).map(mean).collect()
}

fn panel(picture: &mut RgbImage, top: u32, name: &str, points: &[Point]) {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
    let low = points.iter().map(|point| point.loss).fold(f64::MAX, f64::min);
    let high = points.iter().map(|point| point.loss).fold(f64::MIN, f64::max);
    let place = |point: &Point| {
        let along = (point.step - first.step) as f64 / (last.step - first.step).max(1) as f64;
        let down = (high - point.loss) / (high - low).max(1e-9);
        let (width, height) = (f64::from(WIDTH - 2 * MARGIN), f64::from(HEIGHT - 2 * MARGIN));
        (f64::from(MARGIN) + along * width, f64::from(top + MARGIN) + down * height)
    };
    for pair in points.windows(2) {
        line(picture, place(&pair[0]), place(&pair[1]));
    }
    let told =
        format!("{name}: loss {:.4} to {:.4}, steps {} to {}", first.loss, last.loss, first.step, last.step);
    write(picture, MARGIN, top + LETTER, &told);
}

fn line(picture: &mut RgbImage, from: (f64, f64), to: (f64, f64)) {
    let pieces = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0) as u32;
    for n in 0..=pieces {
        let t = f64::from(n) / f64::from(pieces);
        let (x, y) = (from.0 + (to.0 - from.0) * t, from.1 + (to.1 - from.1) * t);
        for dy in 0..2 {
            if let Some(pixel) = picture.get_pixel_mut_checked(x as u32, y as u32 + dy) {
                *pixel = Rgb([200, 60, 40]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_becomes_a_falling_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let (log, file) = (folder.path().join("run.log"), folder.path().join("run.png"));
        let lines =
            (0..100).map(|n| format!("{{\"step\":{n},\"loss\":{},\"more\":1}}\n", 1.0 / f64::from(n + 1)));
        std::fs::write(&log, lines.collect::<String>()).expect("written");
        draw(&[log], &file).expect("drawn");
        let picture = image::open(file).expect("a picture").to_rgb8();
        let marked = |column: u32| {
            (MARGIN..HEIGHT)
                .find(|y| picture.get_pixel(column, *y).0 == [200, 60, 40])
                .expect("the line is there")
        };
        assert!(marked(MARGIN) < marked(WIDTH / 2) && marked(WIDTH / 2) <= marked(WIDTH - MARGIN));
    }
}
