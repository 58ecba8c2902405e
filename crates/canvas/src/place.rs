//! A picture of any size onto the canvas: fitted, centred, averaged over the area that each pixel covers when it shrinks, and
//! when it grows interpolated, or, by a small whole factor, so that it can be had back.

use crate::{Rect, codec, stroke::mix, surface::Surface};

/// How a picture's pixels stand on the canvas.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fidelity {
    /// As they are.
    #[default]
    Exact,
    /// Within 3 levels, where opaque pictures cover tiles: as a rule these take less than half the bytes.
    Near,
}

/// Where a picture of this size goes: as large as fits into `canvas`, centred.
pub(crate) fn fitted(width: u32, height: u32, canvas: Rect) -> Rect {
    let (width, height) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let (across, down) = (u64::from(canvas.width), u64::from(canvas.height));
    let rounded = |a: u64, b: u64, c: u64| ((a * b + c / 2) / c).max(1);
    let (w, h) = if width * down >= height * across {
        (across, rounded(height, across, width).min(down))
    } else {
        (rounded(width, down, height).min(across), down)
    };
    // A line that is left over by rounding would be seen at the edge.
    let whole = |side: u64, of: u64| if side + 1 >= of { of } else { side };
    let (w, h) = (whole(w, across), whole(h, down));
    Rect::new(((across - w) / 2) as u32, ((down - h) / 2) as u32, w as u32, h as u32)
}

/// Most that a picture grows by so that it can be had back: beyond, its pixels would be seen as squares.
pub const FACTOR_MAX: u32 = 4;

/// Lays `rgba`, `width` x `height` pixels, over `area` of the surface, in such a way that an opaque picture can be had back to
/// the last level if it grows by a small whole factor.
pub(crate) fn place(rgba: &[u8], width: u32, height: u32, area: Rect, surface: &mut Surface) {
    let factor = area.width / width;
    let is_whole = (width * factor, height * factor) == (area.width, area.height);
    let is_small = is_whole && (2..=FACTOR_MAX).contains(&factor);
    match is_small && rgba.chunks_exact(4).all(|pixel| pixel[3] == 255) {
        true => grow(rgba, width, factor, area, surface),
        false => resample(rgba, width, height, area, surface),
    }
}

/// Each pixel becomes `factor` x `factor` whose mean it is: they rise on one side as its neighbours do, and fall by as much on the
/// other (van Leer, "Towards the ultimate conservative difference scheme. IV. A new approach to numerical convection", 1977).
fn grow(rgba: &[u8], width: u32, factor: u32, area: Rect, surface: &mut Surface) {
    let height = area.height / factor;
    let level = |x: u32, y: u32, channel: usize| i32::from(rgba[((y * width + x) * 4) as usize + channel]);
    for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
        let (left, right) = (x.saturating_sub(1), (x + 1).min(width - 1));
        let (above, below) = (y.saturating_sub(1), (y + 1).min(height - 1));
        let rises: [Rise; 3] = std::array::from_fn(|channel| {
            let here = level(x, y, channel);
            let across = slope(level(left, y, channel), here, level(right, y, channel));
            let down = slope(level(x, above, channel), here, level(x, below, channel));
            Rise { here, across, down }
        });
        for row in 0..factor {
            let out = surface.row_mut(area.x + x * factor, area.y + y * factor + row, factor);
            for (column, out) in (0..).zip(out.chunks_exact_mut(4)) {
                let [red, green, blue] = rises.each_ref().map(|rise| rise.at(column, row, factor));
                out.copy_from_slice(&[red, green, blue, 255]);
            }
        }
    }
}

/// A level in the middle of a pixel, and how it goes on from there over two pixels.
struct Rise {
    here: i32,
    across: i32,
    down: i32,
}

impl Rise {
    /// The level of one of `factor` x `factor` parts.
    fn at(&self, column: u32, row: u32, factor: u32) -> u8 {
        let parts = factor as i32;
        // By so much it rises and falls at most, in parts of a level, and may.
        let most = (parts - 1) * (self.across.abs() + self.down.abs());
        let room = self.here.min(255 - self.here) * 4 * parts;
        let rise = |part: u32, slope: i32| {
            let wanted = (2 * part as i32 + 1 - parts) * slope;
            if most > room { wanted * room / most / (4 * parts) } else { wanted / (4 * parts) }
        };
        (self.here + rise(column, self.across) + rise(row, self.down)) as u8
    }
}

/// By how much the levels rise over two pixels, so that along them no place is darker or lighter than both neighbours: not at all on
/// a ridge or in a valley, and no steeper than the flatter side allows.
fn slope(before: i32, here: i32, after: i32) -> i32 {
    let (rise, rises_on) = (here - before, after - here);
    match rise.signum() == rises_on.signum() {
        true => rise.signum() * (rise + rises_on).abs().min(4 * rise.abs().min(rises_on.abs())),
        false => 0,
    }
}

/// Lays `rgba` over `area`, averaged or interpolated.
pub(crate) fn resample(rgba: &[u8], width: u32, height: u32, area: Rect, surface: &mut Surface) {
    let columns = taps(width, area.width);
    let rows = taps(height, area.height);
    let stride = width as usize * 4;
    let mut line = Line::default();
    let mut sums = vec![0.0; area.width as usize * 4];
    for (y, tap) in (area.y..).zip(&rows) {
        sums.fill(0.0);
        for (source, &weight) in (tap.first..).zip(&tap.weights) {
            let row = line.get(source, &rgba[source * stride..(source + 1) * stride], &columns);
            for (sum, value) in sums.iter_mut().zip(row) {
                *sum += value * weight;
            }
        }
        let out = surface.row_mut(area.x, y, area.width);
        for (out, sum) in out.chunks_exact_mut(4).zip(sums.chunks_exact(4)) {
            lay(out, sum);
        }
    }
}

/// Makes the tiles coarse that `area` covers: what is beside it stays as it is.
pub(crate) fn coarsen(area: Rect, surface: &mut Surface) {
    for index in 0..surface.tiles() {
        let tile = surface.tile_rect(index);
        if tile.intersection(area) == tile {
            let mut pixels = surface.tile(index);
            codec::coarsen(&mut pixels);
            surface.put_tile(index, &pixels);
        }
    }
}

/// Lays one pixel, colours multiplied by their alpha, over `out`.
fn lay(out: &mut [u8], sum: &[f32]) {
    let alpha = (sum[3] + 0.5) as u8;
    if alpha == 0 {
        return;
    }
    for channel in 0..3 {
        let colour = (sum[channel] / sum[3] * 255.0 + 0.5) as u8;
        out[channel] = mix(out[channel], colour, alpha);
    }
    out[3] = mix(out[3], 255, alpha);
}

/// The source row that was resampled last: neighbours in the output share one.
#[derive(Default)]
struct Line {
    source: Option<usize>,
    values: Vec<f32>,
}

impl Line {
    fn get(&mut self, source: usize, row: &[u8], columns: &[Tap]) -> &[f32] {
        if self.source != Some(source) {
            self.source = Some(source);
            self.values.clear();
            for tap in columns {
                let mut sum = [0.0f32; 4];
                for (pixel, &weight) in row[tap.first * 4..].chunks_exact(4).zip(&tap.weights) {
                    let alpha = f32::from(pixel[3]) * weight;
                    for channel in 0..3 {
                        sum[channel] += f32::from(pixel[channel]) * alpha / 255.0;
                    }
                    sum[3] += alpha;
                }
                self.values.extend(sum);
            }
        }
        &self.values
    }
}

/// The source pixels that one output pixel is made of; the weights add up to 1.
struct Tap {
    first: usize,
    weights: Vec<f32>,
}

/// The taps along one axis.
fn taps(from: u32, to: u32) -> Vec<Tap> {
    let tap = if from >= to { area_tap } else { linear_tap };
    (0..to).map(|at| tap(u64::from(at), u64::from(from), u64::from(to))).collect()
}

/// Output pixel `at` covers `at * from / to` to `(at + 1) * from / to`, counted here in
/// `to`-ths of a source pixel to be exact.
fn area_tap(at: u64, from: u64, to: u64) -> Tap {
    let (low, high) = (at * from, (at + 1) * from);
    let first = low / to;
    let weights = (first..high.div_ceil(to))
        .map(|pixel| (high.min((pixel + 1) * to) - low.max(pixel * to)) as f32 / from as f32)
        .collect();
    Tap { first: first as usize, weights }
}

/// Between the centres of the two nearest source pixels, counted in halves of `to`-ths.
fn linear_tap(at: u64, from: u64, to: u64) -> Tap {
    let centre = ((2 * at + 1) * from).saturating_sub(to).min(2 * to * (from - 1));
    let first = centre / (2 * to);
    let part = (centre % (2 * to)) as f32 / (2 * to) as f32;
    let weights = if part == 0.0 { vec![1.0] } else { vec![1.0 - part, part] };
    Tap { first: first as usize, weights }
}
