//! What a drawing costs on its way up, from the first pen-down to the click.
//!
//! `over_entropy`: all bytes of all drawings of `crates/bench/drawings`, told as a page tells them, long strokes in
//! parts while they are drawn, over the adaptive order-0 entropy of the second differences of the same quantised strokes (with
//! what a stroke begins with at its own adaptive entropy). `over_entropy_24` is the same with 24 bytes of each
//! drawing left out.
//!
//! `png_over_ours`, `webp_over_ours`: the bytes of the browser's own `toBlob` of the same canvases over ours;
//! `png_median` and `webp_median` are the medians of the drawings' own ratios.
//!
//! `off_px`: how far simplifying moves a stroke, at the 99th of 100 places. `message_bytes`: the message that ends a
//! stroke, at the median; `message_bytes_most`: the longest.

use anyhow::{Context, Result};
use bench::{
    browser,
    desk::SIDE,
    drawing::{self, Recorded},
    entropy::AdaptiveOrder0,
    figure::{Options, median, rounded, share},
};
use canvas::{
    Canvas, Deed, Mark,
    stream::{WORTH_TELLING, Writer},
};
use clap::Parser;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashMap;

/// Reports of the pointer in half a second, after which a page looks whether there is something worth telling.
const REPORTS: usize = 30;

/// One drawing as it travels.
struct Told {
    bytes: usize,
    /// Bytes of each stroke's last message.
    messages: Vec<f64>,
    /// Bytes.
    entropy: f64,
    canvas: Canvas,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let drawings = drawing::all()?;
    let told: Vec<Told> = drawings.iter().map(|(_, strokes)| tell(strokes)).collect();
    options.remark("the browser codes the same canvases");
    let names: Vec<&str> = drawings.iter().map(|(name, _)| name.as_str()).collect();
    let blobs = in_browser(&names, &told)?;
    let sum = |each: &dyn Fn(&Told) -> f64| told.iter().map(each).sum::<f64>();
    let (bytes, entropy) = (sum(&|told| told.bytes as f64), sum(&|told| told.entropy));
    let spared = sum(&|told| (told.bytes as f64 - 24.0).max(0.0));
    let ratios = |blobs: &[f64]| -> Vec<f64> {
        blobs.iter().zip(&told).map(|(blob, told)| blob / told.bytes as f64).collect()
    };
    let over = |blobs: &[f64]| rounded(blobs.iter().sum::<f64>() / bytes, 1);
    let messages: Vec<f64> = told.iter().flat_map(|told| told.messages.clone()).collect();
    let off: Vec<f64> = drawings.iter().flat_map(|(_, strokes)| strokes.iter().flat_map(off)).collect();
    println!(
        "{}",
        json!({
            "bench": "stroke",
            "drawings": told.len(),
            "strokes": messages.len(),
            "bytes": rounded(bytes / told.len() as f64, 1),
            "message_bytes": rounded(median(&messages), 1),
            "message_bytes_most": messages.iter().copied().fold(0.0, f64::max),
            "over_entropy": rounded(bytes / entropy, 3),
            "over_entropy_24": rounded(spared / entropy, 3),
            "png_over_ours": over(&blobs.png),
            "webp_over_ours": over(&blobs.webp),
            "png_median": rounded(median(&ratios(&blobs.png)), 1),
            "webp_median": rounded(median(&ratios(&blobs.webp)), 1),
            "off_px": rounded(share(&off, 0.99), 2),
        })
    );
    Ok(())
}

/// Draws and tells a drawing as a page does.
fn tell(strokes: &[Recorded]) -> Told {
    let (mut canvas, mut writer) = (Canvas::new(SIDE, SIDE), Writer::default());
    let (mut marks, mut messages, mut bytes) = (Vec::new(), Vec::new(), 0);
    for stroke in strokes {
        let Some(mark) = stroke.mark() else { continue };
        let mut told = 0;
        for reported in (REPORTS..stroke.samples.len()).step_by(REPORTS) {
            let begun = Mark::of(stroke.brush, &stroke.samples[..reported]);
            let Some(begun) = begun.filter(|begun| begun.knots().len() >= told + WORTH_TELLING) else {
                continue;
            };
            told = begun.knots().len();
            bytes += writer.write(&[Deed::UnderWay(begun)]).len();
        }
        let deed = Deed::Mark(mark.clone());
        canvas.carry_out(&deed);
        let last = writer.write(&[deed]).len();
        bytes += last;
        messages.push(last as f64);
        marks.push(mark);
    }
    Told { bytes, messages, entropy: entropy(&marks), canvas }
}

/// Bytes of the adaptive order-0 entropy of these marks: second differences of places, first differences of
/// pressures, numbers of samples, where strokes begin, and brushes.
fn entropy(marks: &[Mark]) -> f64 {
    let side = 4 * SIDE + 1;
    let mut counts = AdaptiveOrder0::new(256);
    let mut bends = AdaptiveOrder0::new(2 * side);
    let mut pressures = AdaptiveOrder0::new(33);
    let mut bits = 0.0;
    let mut brush = None;
    for mark in marks {
        let places: Vec<[i32; 3]> = mark.steps().collect();
        counts.add(places.len() as i32);
        // The first place as it is.
        bits += 2.0 * f64::from(side).log2();
        let bytes =
            [mark.brush().colour.map(f64::from).to_vec(), vec![f64::from(mark.brush().size)]].concat();
        bits += if brush.as_ref() == Some(&bytes) { 1.0 } else { 1.0 + 36.0 };
        brush = Some(bytes);
        let presses = places.iter().any(|place| place[2] != places[0][2] || place[2] != 8);
        for (n, place) in places.iter().enumerate().skip(1) {
            for axis in 0..2 {
                let before = if n > 1 { places[n - 1][axis] - places[n - 2][axis] } else { 0 };
                bends.add(place[axis] - places[n - 1][axis] - before);
            }
            if presses {
                pressures.add(place[2] - places[n - 1][2]);
            }
        }
    }
    (bits + counts.bits + bends.bits + pressures.bits) / 8.0
}

/// How far the drawn path of a stroke is from what is kept of it, place by place.
fn off(stroke: &Recorded) -> Vec<f64> {
    let Some(mark) = stroke.mark() else { return Vec::new() };
    let path: Vec<[f32; 2]> = mark.path().collect();
    let away = |x: f32, y: f32| {
        let to = |p: &[f32; 2]| (p[0] - x).powi(2) + (p[1] - y).powi(2);
        f64::from(path.iter().map(to).fold(f32::MAX, f32::min).sqrt())
    };
    // Between the reports, where the hand's own path is known to pass.
    let middles =
        stroke.samples.windows(2).map(|pair| ((pair[0].x + pair[1].x) / 2.0, (pair[0].y + pair[1].y) / 2.0));
    middles.map(|(x, y)| away(x, y)).collect()
}

/// Bytes of the browser's own codings, drawing by drawing.
#[derive(Deserialize)]
struct Blobs {
    png: Vec<f64>,
    webp: Vec<f64>,
}

fn in_browser(names: &[&str], told: &[Told]) -> Result<Blobs> {
    let canvases = tempfile::tempdir()?;
    for (name, told) in names.iter().zip(told) {
        let file = std::fs::File::create(canvases.path().join(format!("{name}.png")))?;
        let mut encoder = png::Encoder::new(file, SIDE, SIDE);
        encoder.set_color(png::ColorType::Rgba);
        encoder.write_header()?.write_image_data(told.canvas.pixels())?;
    }
    let canvases = canvases.path().as_os_str();
    let mut all: HashMap<String, [f64; 2]> =
        browser::figures("stroke", &[("PENTIMENTO_CANVASES", canvases)])?;
    let each = names.iter().map(|name| all.remove(*name).with_context(|| format!("{name} was not coded")));
    let each = each.collect::<Result<Vec<_>>>()?;
    Ok(Blobs { png: each.iter().map(|one| one[0]).collect(), webp: each.iter().map(|one| one[1]).collect() })
}
