//! What shows only from inside: the same pictures when memory is short.

use super::rows::Rows;
use super::{Control, Guidance, Model, Request, tiles};
use crate::unet::{ControlNet, ControlNetConfig};
use crate::weights::Weights;
use crate::{Picture, Reading};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tch::{Device, Kind, Tensor, no_grad};

fn model(folder: &str) -> Model {
    tch::set_num_threads(1);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder);
    Model::load(&path, &Reading::exact(Device::Cpu)).unwrap()
}

/// A ControlNet of random weights for `model`, in this folder.
fn control(folder: &Path, model: &Model) -> Control {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/plain/unet/config.json");
    let mut config: serde_json::Value = crate::config::read(&golden).unwrap();
    config["_class_name"] = "ControlNetModel".into();
    config["conditioning_embedding_out_channels"] = serde_json::json!([16, 32]);
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let (weights, listed) = Weights::listed();
    let config: ControlNetConfig = crate::config::read(&folder.join("config.json")).unwrap();
    ControlNet::new(&weights, &config).unwrap();
    let shapes = listed.take();
    let tensors = shapes.iter().map(|(name, shape)| {
        let weight = Tensor::randn(shape.as_slice(), (Kind::Float, Device::Cpu)) * 0.1;
        (name, weight)
    });
    let file = folder.join("diffusion_pytorch_model.safetensors");
    Tensor::write_safetensors(&tensors.collect::<Vec<_>>(), file).unwrap();
    Control::load(folder, &Reading::exact(model.device)).unwrap()
}

fn latents(model: &Model, rows: Option<i64>) -> Tensor {
    let drawing = Picture { width: 32, height: 32, rgb: (0..32 * 32 * 3).map(|n| (n * 7) as u8).collect() };
    let request = Request {
        control: model.control.is_some().then_some(drawing),
        prompt: "a house".into(),
        steps: 3,
        guidance: 4.0,
        seeds: vec![1, 2, 3],
        width: 32,
        height: 32,
        ..Request::default()
    };
    let mut run = model.start(&request).unwrap();
    if let Some(rows) = rows {
        run.rows = Rows::at_most(rows);
    }
    while run.done() < run.total() {
        run.step(&|| true).unwrap();
    }
    run.latents()
}

#[test]
fn a_batch_in_parts_gives_the_same_pictures() {
    let mut model = model("tests/golden/plain");
    for guidance in [Guidance::Batch, Guidance::SideBySide { threads: 1 }] {
        model.guide(guidance).unwrap();
        let whole = latents(&model, None);
        for rows in [1, 2] {
            let off = (latents(&model, Some(rows)) - &whole).abs().max().double_value(&[]);
            assert!(off < 1e-4, "{guidance:?}, {rows} at once: {off}");
        }
    }
    // Each part is steered by what the ControlNet makes of it.
    let plain = latents(&model, None);
    let folder = tempfile::tempdir().unwrap();
    model.steer(Some(control(folder.path(), &model))).unwrap();
    let whole = latents(&model, None);
    assert!((&whole - plain).abs().max().double_value(&[]) > 0.1, "it steers");
    for rows in [1, 2, 4] {
        let off = (latents(&model, Some(rows)) - &whole).abs().max().double_value(&[]);
        assert!(off < 1e-4, "steered, {rows} at once: {off}");
    }
}

#[test]
fn a_picture_decoded_and_encoded_in_tiles_has_no_seams() {
    let model = model("../../models/pentimento");
    // Slow colours, so that a seam would show.
    let wave = |n: u32, of: f32| (127.5 + 120.0 * (n as f32 / of).sin()) as u8;
    let (width, height) = (320, 192);
    let rgb = (0..width * height).flat_map(|n| {
        let (x, y) = (n % width, n / width);
        [wave(x, 40.0), wave(y, 30.0), wave(x + y, 60.0)]
    });
    let picture = Picture { width, height, rgb: rgb.collect() };
    let pixels = model.pixels();
    let latents = pixels.encode(&picture).unwrap();
    let decode = |latents: &Tensor| no_grad(|| pixels.decoded(latents, &|| true));
    let whole = decode(&latents).unwrap();
    let tiled =
        no_grad(|| tiles::in_tiles(&latents, tiles::Sides { given: 1, made: 8 }, (16, 6), decode)).unwrap();
    let error = (&tiled - &whole).square().mean(Kind::Float).double_value(&[]);
    let decibels = 10.0 * (4.0 / error).log10();
    println!("{decibels:.1} dB");
    assert!(decibels > 40.0, "{decibels:.1} dB");
    // Nor do neighbours differ more than they do in the whole.
    let steps = |x: &Tensor| (x.narrow(3, 1, 319) - x.narrow(3, 0, 319)).abs().max().double_value(&[]);
    assert!(steps(&tiled) < steps(&whole) + 0.1, "{} against {}", steps(&tiled), steps(&whole));
    // And the way there.
    let encode = |pictures: &Tensor| no_grad(|| pixels.encoded(pictures, &|| true));
    let picture = picture.to_tensor(Device::Cpu, Kind::Float);
    let tiled = no_grad(|| tiles::in_tiles(&picture, tiles::Sides { given: 8, made: 1 }, (16, 6), encode));
    let off = (tiled.unwrap() - &latents).square().mean(Kind::Float).double_value(&[]);
    assert!(off.sqrt() < 0.02 * latents.std(false).double_value(&[]), "{}", off.sqrt());
}

#[test]
fn what_a_model_remembers_of_the_last_run_changes_nothing() {
    let mut model = model("tests/golden/sketch");
    let picture = |grey: u8| Picture { width: 32, height: 32, rgb: vec![grey; 32 * 32 * 3] };
    let usual = || Request {
        prompt: "a house".into(),
        guidance: 3.0,
        steps: 2,
        canvas: Some(picture(30)),
        width: 32,
        height: 32,
        ..Request::default()
    };
    let latents = |model: &Model, request: &Request| {
        let mut run = model.start(request).unwrap();
        while run.done() < run.total() {
            run.step(&|| true).unwrap();
        }
        run.latents()
    };
    let others = [
        Request { canvas: Some(picture(200)), ..usual() },
        Request { prompt: "a boat".into(), ..usual() },
        Request { negative: "grey".into(), ..usual() },
        Request { guidance: 4.0, ..usual() },
        Request { guidance: 1.0, ..usual() },
        Request { seeds: vec![0, 1], ..usual() },
        Request { clip_skip: 1, ..usual() },
        Request { width: 64, canvas: None, ..usual() },
    ];
    for guidance in [Guidance::SideBySide { threads: 1 }, Guidance::Batch] {
        model.guide(guidance).unwrap();
        let first = latents(&model, &usual());
        for other in &others {
            let after = latents(&model, other);
            assert!(after.size() != first.size() || !after.equal(&first), "{other:?} is asked for");
            // Started once before, which is all that is done ahead.
            let ahead = model.start(other).unwrap();
            drop(ahead);
            assert!(latents(&model, other).equal(&after));
            assert!(latents(&model, &usual()).equal(&first), "after {other:?}");
        }
        let words = || model.start(&usual()).unwrap().words.clone();
        assert!(Rc::ptr_eq(&words(), &words()), "the same words are read once");
        let before = words();
        model.adapt(&[]).unwrap();
        let after = model.start(&usual()).unwrap().words.clone();
        assert!(!Rc::ptr_eq(&before, &after), "other weights read them otherwise");
    }
}
