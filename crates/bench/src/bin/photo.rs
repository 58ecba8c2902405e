//! What photographs cost on their way up, coded without loss, beside the browser's own PNG and lossless WebP, in Chromium.
//!
//! `over_best`: the bytes of the tiles as they go up over those of the smaller of `toBlob`'s PNG and lossless WebP, the
//! geometric mean of all photographs; `over_png` the same over PNG alone. `time_over_png`, `time_over_webp`: the time that coding
//! the tiles takes over that of `toBlob`, medians.
//!
//! PENTIMENTO_PHOTOS names a folder of photographs (PNG, JPEG, WebP); they are cut to squares and made 512 pixels wide, as
//! they are on the paper. Without it they are pictures that the shipped model makes, which people lay onto the paper too.

use anyhow::{Context, Result, ensure};
use bench::{
    browser,
    desk::SIDE,
    figure::{Options, median, rounded},
};
use clap::Parser;
use image::{RgbImage, imageops::FilterType};
use sampler::{Model, Reading, Request};
use serde::Deserialize;
use serde_json::json;
use std::{collections::HashMap, path::Path};
use tch::Device;

const PROMPTS: [&str; 6] = [
    "a house under a sun, oil painting",
    "a boat on the sea, watercolour",
    "a face",
    "mountains and a lake",
    "a vase with flowers, oil painting",
    "a horse in a meadow",
];

#[derive(Deserialize)]
struct Coded {
    bytes: f64,
    ms: f64,
}

#[derive(Deserialize)]
struct Photo {
    png: Coded,
    webp: Coded,
    tiles: Coded,
}

fn main() -> Result<()> {
    sampler::process::suit();
    let options = Options::parse();
    let folder = std::env::var_os("PENTIMENTO_PHOTOS");
    let photos = match &folder {
        Some(folder) => photographs(Path::new(folder))?,
        None => pictures()?,
    };
    ensure!(!photos.is_empty(), "PENTIMENTO_PHOTOS: no PNG, JPEG or WebP is in that folder");
    options.remark(&format!("{} photographs in Chromium", photos.len()));
    let canvases = tempfile::tempdir()?;
    for (n, photo) in photos.iter().enumerate() {
        photo.save(canvases.path().join(format!("{n}.png")))?;
    }
    let coded: HashMap<String, Photo> =
        browser::figures("photo", &[("PENTIMENTO_CANVASES", canvases.path().as_os_str())])?;
    let each = |what: &dyn Fn(&Photo) -> f64| coded.values().map(what).collect::<Vec<_>>();
    let mean =
        |ratios: Vec<f64>| (ratios.iter().map(|ratio| ratio.ln()).sum::<f64>() / ratios.len() as f64).exp();
    println!(
        "{}",
        json!({
            "bench": "photo",
            "photos": coded.len(),
            "of": if folder.is_some() { "photographs" } else { "the model's pictures" },
            "over_best": rounded(mean(each(&|photo| photo.tiles.bytes / photo.png.bytes.min(photo.webp.bytes))), 3),
            "over_png": rounded(mean(each(&|photo| photo.tiles.bytes / photo.png.bytes)), 3),
            "time_over_png": rounded(median(&each(&|photo| photo.tiles.ms / photo.png.ms)), 2),
            "time_over_webp": rounded(median(&each(&|photo| photo.tiles.ms / photo.webp.ms)), 2),
            "ms": rounded(median(&each(&|photo| photo.tiles.ms)), 0),
        })
    );
    Ok(())
}

/// The pictures of a folder, as they would lie on the paper.
fn photographs(folder: &Path) -> Result<Vec<RgbImage>> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("PENTIMENTO_PHOTOS: {}", folder.display()))?
        .collect::<std::io::Result<_>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    let read = files.iter().filter_map(|file| image::open(file.path()).ok());
    Ok(read.map(|photo| photo.resize_to_fill(SIDE, SIDE, FilterType::Lanczos3).to_rgb8()).collect())
}

/// What the shipped model makes, at its own size.
fn pictures() -> Result<Vec<RgbImage>> {
    let model = Model::load(&bench::model_folder(), &Reading::exact(Device::Cpu))?;
    let picture = |prompt: &&str| {
        let request = Request { prompt: (*prompt).to_owned(), ..bench::request(&model) };
        let mut run = model.start(&request)?;
        while run.done() < run.total() {
            run.step(&|| true)?;
        }
        let picture = run.finish()?.pop().context("a picture")?;
        RgbImage::from_raw(picture.width, picture.height, picture.rgb).context("as many pixels as it says")
    };
    PROMPTS.iter().map(picture).collect()
}
