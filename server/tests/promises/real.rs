//! The real sampler on the small random weights of its golden tests.

use crate::double::Gate;
use crate::page::{Page, steps};
use crate::studio::{Drawing, Place};
use server::gallery::png::decode_picture;
use server::models::{Folders, Models};
use server::worker::{Engine, Wanted};
use std::path::Path;
use std::sync::Arc;
use tch::{Device, Kind, Tensor};
use wire::{ClientMessage, Fact, Seed, Spec};

async fn place(data: &Path) -> Place {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sampler/tests/golden/sketch");
    let models = data.join("models");
    let load = move || {
        let models = Arc::new(Models::new(Folders::of(&models), &folder, Device::Cpu));
        let (model, models) = (&*folder, &models);
        let (budget, device) = (0, Device::Cpu);
        let wanted = Wanted { model, models, budget, device, live: true };
        Engine::load(&wanted).expect("the golden model loads")
    };
    Place::open_with(data, Gate::default(), load).await
}

fn spec(prompt: &str, seed: u64) -> Spec {
    Spec { prompt: prompt.into(), seed: Seed(seed), guidance: 3.0, ..steps(4) }
}

/// The pixels of a picture of this drawing.
async fn pixels(place: &Place, page: &mut Page, drawing: &Drawing, spec: Spec) -> Vec<u8> {
    page.generate(drawing, spec).await;
    let pictures = page.until_finished().await;
    let file = std::fs::read(place.studio.gallery.picture(&pictures[0].digest)).unwrap();
    decode_picture(&file).unwrap().1
}

#[tokio::test]
async fn the_same_seed_gives_the_same_pixels_again() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path()).await;
    let drawing = Drawing::of(&[30, 200]);
    let mut page = place.drawn(&drawing).await;
    let mut made = Vec::new();
    for seed in [5, 5, 6] {
        made.push(pixels(&place, &mut page, &drawing, spec("a house", seed)).await);
    }
    assert_eq!(made[0], made[1]);
    assert_ne!(made[0], made[2]);
}

#[tokio::test]
async fn how_the_words_are_read_and_the_drawing_weighs_is_the_specs() {
    let data = tempfile::tempdir().unwrap();
    let place = place(data.path()).await;
    let drawing = Drawing::of(&[30, 200]);
    let mut page = place.drawn(&drawing).await;
    let plain = spec("a house", 5);
    let skipped = Spec { clip_skip: 1, ..plain.clone() };
    let guided = Spec { image_guidance: 2.0, ..plain.clone() };
    let mut made = Vec::new();
    for spec in [&plain, &skipped, &guided] {
        made.push(pixels(&place, &mut page, &drawing, spec.clone()).await);
    }
    assert!(made[0] != made[1] && made[0] != made[2] && made[1] != made[2]);

    page.generate(&drawing, Spec { clip_skip: 11, ..plain }).await;
    let failed = page.until(|fact| matches!(fact, Fact::Failed { .. })).await;
    let Fact::Failed { problem, .. } = failed else { panic!("{failed:?}") };
    assert!(problem.message.contains("11 is not allowed; 0 to 1"), "{problem}");
}

#[tokio::test]
async fn a_prompt_adds_a_lora_to_its_own_job_alone() {
    let data = tempfile::tempdir().unwrap();
    let loras = data.path().join("models/loras");
    std::fs::create_dir_all(&loras).unwrap();
    let half = |shape: [i64; 2]| Tensor::ones(shape, (Kind::Float, Device::Cpu));
    let place_in_unet = "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_v";
    let change = |input: i64, output: i64| {
        [
            (format!("{place_in_unet}.lora_A.weight"), half([2, input])),
            (format!("{place_in_unet}.lora_B.weight"), half([output, 2])),
        ]
    };
    Tensor::write_safetensors(&change(16, 16), loras.join("loud.safetensors")).unwrap();
    Tensor::write_safetensors(&change(7, 9), loras.join("foreign.safetensors")).unwrap();
    let place = place(data.path()).await;
    let drawing = Drawing::of(&[30, 200]);
    let mut page = place.drawn(&drawing).await;
    let plain = pixels(&place, &mut page, &drawing, spec("a house", 5)).await;
    let loud = pixels(&place, &mut page, &drawing, spec("a house<lora:loud:0.5>", 5)).await;
    assert_ne!(plain, loud);
    for (prompt, said) in [
        ("a house <lora:absent>", "for this model there are loud"),
        ("a house <lora:../loras/loud>", "for this model there are loud"),
        ("a house <lora:foreign>", "the LoRA foreign was made for another family"),
        ("a house <lora:loud:1,5>", "<lora:name:0.8>"),
    ] {
        let spec = Spec { prompt: prompt.into(), ..steps(4) };
        page.say(&ClientMessage::Generate { request: 99, canvas: drawing.digest, spec }).await;
        let problem = page.refused().await;
        assert!(problem.field.as_deref() == Some("prompt") && problem.message.contains(said), "{problem}");
    }
    assert_eq!(pixels(&place, &mut page, &drawing, spec("a house", 5)).await, plain);
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
