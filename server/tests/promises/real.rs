//! The real sampler on the small random weights of its golden tests.

use crate::double::Gate;
use crate::page::steps;
use crate::studio::{Drawing, Place};
use server::worker::Engine;
use std::path::Path;
use wire::{Fact, Seed, Spec};

async fn place(data: &Path) -> Place {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sampler/tests/golden/sketch");
    let load = move || Engine::load(&folder, tch::Device::Cpu, true).expect("the golden model loads");
    Place::open_with(data, Gate::default(), load).await
}

#[tokio::test]
async fn the_same_seed_gives_the_same_pixels_again() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path()).await;
    let drawing = Drawing::of(&[30, 200]);
    let mut page = place.drawn(&drawing).await;
    let mut pixels = Vec::new();
    for seed in [5, 5, 6] {
        let spec = Spec { prompt: "a house".into(), seed: Seed(seed), guidance: 3.0, ..steps(4) };
        page.generate(&drawing, spec).await;
        let pictures = page.until_finished().await;
        let file = std::fs::read(place.studio.gallery.picture(&pictures[0].digest)).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut rgb).unwrap();
        pixels.push(rgb);
    }
    assert_eq!(pixels[0], pixels[1]);
    assert_ne!(pixels[0], pixels[2]);
}

#[tokio::test]
async fn previews_of_the_real_sampler_fit_what_started_said() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path()).await;
    let drawing = Drawing::of(&[30]);
    let mut page = place.drawn(&drawing).await;
    page.generate(&drawing, steps(20)).await;
    let started = page.until(|fact| matches!(fact, Fact::Started { .. })).await;
    page.until_frames(1).await;
    let Fact::Started { preview, .. } = started else { panic!("{started:?}") };
    let header = page.frames[0].header;
    assert_eq!((header.width, header.height), (preview.width, preview.height));
    assert_eq!(usize::from(header.channels), preview.matrix[0].len());
    page.until_finished().await;
}
