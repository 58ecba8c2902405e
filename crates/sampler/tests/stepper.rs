//! What a caller may rely on while it pulls steps.

mod common;

use common::{Expected, model, request};
use sampler::{Guidance, Request, SampleError, SchedulerKind, Stepped};
use std::cell::Cell;
use tch::Tensor;

fn latents(model: &sampler::Model, request: &Request) -> Tensor {
    let mut run = model.start(request).unwrap();
    while run.done() < run.total() {
        run.step(&|| true).unwrap();
    }
    run.latents()
}

#[test]
fn the_same_seed_gives_the_same_picture_alone_and_in_a_batch() {
    let model = model("plain");
    for scheduler in [SchedulerKind::Ddim, SchedulerKind::Ddpm] {
        let make = |seeds| latents(&model, &Request { seeds, scheduler, ..request(16) });
        let (batch, alone) = (make(vec![3, 9, 3]), make(vec![9]));
        let off = |a: &Tensor, b: &Tensor| (a - b).abs().max().double_value(&[]);
        assert!(off(&batch.get(1), &alone.get(0)) < 1e-4);
        assert!(off(&batch.get(0), &batch.get(2)) < 1e-4);
        assert!(off(&batch.get(0), &batch.get(1)) > 1e-2);
        assert!(alone.equal(&make(vec![9])));
    }
}

#[test]
fn a_step_that_is_not_wanted_ends_early_and_can_be_taken_again() {
    let mut model = model("plain");
    let beside = Guidance::SideBySide { threads: 1 };
    for (guidance, way) in [(1.0, Guidance::Batch), (5.0, Guidance::Batch), (5.0, beside)] {
        model.guide(way).unwrap();
        let request = Request { guidance, ..request(16) };
        let mut run = model.start(&request).unwrap();
        run.step(&|| true).unwrap();
        let before = run.latents();
        let asked = Cell::new(0);
        let stop = || asked.replace(asked.get() + 1) < 2;
        assert_eq!(run.step(&stop).unwrap(), Stepped::Abandoned);
        assert_eq!(asked.get(), 3, "no more questions after the answer was no");
        assert!(run.latents().equal(&before));
        assert_eq!(run.step(&|| true).unwrap(), Stepped::Done { step: 2, total: 10 });
        while run.done() < run.total() {
            run.step(&|| true).unwrap();
        }
        assert!(run.latents().equal(&latents(&model, &request)));
    }
}

#[test]
fn a_canvas_is_read_and_a_picture_is_decoded_only_while_it_is_wanted() {
    let model = model("plain");
    let canvas = Some(Expected::of("plain").picture());
    let request = Request { canvas, steps: 1, ..request(16) };
    type Work<'w> = dyn Fn(&dyn Fn() -> bool) -> Option<SampleError> + 'w;
    // How it ends if it is wanted for so many questions, and how many are asked.
    let ended = |most: u32, work: &Work| {
        let asked = Cell::new(0);
        (work(&|| asked.replace(asked.get() + 1) < most), asked.get())
    };
    let start = |wanted: &dyn Fn() -> bool| model.start_while(&request, wanted).err();
    let finish = |wanted: &dyn Fn() -> bool| {
        let mut run = model.start(&request).unwrap();
        run.step(&|| true).unwrap();
        run.finish_while(wanted).err()
    };
    for work in [&start as &Work, &finish] {
        assert_eq!(ended(2, work), (Some(SampleError::Interrupted), 3));
        let (failed, asked) = ended(u32::MAX, work);
        assert!(failed.is_none() && asked >= 7, "once for each block: {asked} times");
    }
    assert_eq!(ended(u32::MAX, &start), (None, 0), "the same canvas is not read again");
}

#[test]
fn two_runs_of_one_model_do_not_touch_each_other() {
    let mut model = model("plain");
    model.guide(Guidance::SideBySide { threads: 1 }).unwrap();
    let (one, two) =
        (Request { seeds: vec![1], ..request(16) }, Request { prompt: "sun".into(), ..request(16) });
    let mut runs = [model.start(&one).unwrap(), model.start(&two).unwrap()];
    for _ in 0..10 {
        runs.iter_mut().for_each(|run| assert!(run.step(&|| true).is_ok()));
    }
    assert!(runs[0].latents().equal(&latents(&model, &one)));
    assert!(runs[1].latents().equal(&latents(&model, &two)));
}

#[test]
fn the_last_preview_decodes_to_nearly_the_picture() {
    let (model, expected) = (model("sketch"), Expected::of("sketch"));
    let mut run = model.start(&Request { canvas: Some(expected.picture()), ..request(32) }).unwrap();
    while run.done() < run.total() {
        run.step(&|| true).unwrap();
    }
    let preview = run.preview(1).unwrap();
    assert_eq!((preview.channels, preview.width, preview.height, preview.data.len()), (4, 4, 4, 64));
    let picture = &run.finish().unwrap()[1];
    let decoder = model.decoder().unwrap();
    let decoded = std::thread::spawn(move || decoder.decode(&preview).unwrap()).join().unwrap();
    assert_eq!((decoded.width, decoded.height), (32, 32));
    let apart: u64 = decoded.rgb.iter().zip(&picture.rgb).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    assert!((apart as f64) / (picture.rgb.len() as f64) < 3.0, "{apart} levels apart in all");
}

#[test]
fn a_run_without_steps_left_stays_finished() {
    let model = model("sketch");
    let canvas = Some(Expected::of("sketch").picture());
    let mut run = model.start(&Request { steps: 4, strength: 0.01, canvas, ..request(32) }).unwrap();
    assert_eq!(run.step(&|| true).unwrap(), Stepped::Done { step: 1, total: 1 });
    assert_eq!(run.step(&|| false).unwrap(), Stepped::Done { step: 1, total: 1 });
}

#[test]
fn a_foreign_folder_gets_defaults_and_a_fitted_map() {
    let model = model("plain");
    assert_eq!(model.card().name, "plain");
    assert!(!model.card().sketch_conditioned);
    assert_eq!((model.card().defaults.width, model.card().defaults.guidance), (16, 7.5));
    assert!(model.preview_map().unwrap().is_usable(4));
}

#[test]
fn guidance_may_lead_away_from_no_canvas_as_well_as_from_no_words() {
    let folder = common::copied("sketch");
    std::fs::write(folder.path().join("pentimento.json"), r#"{"name": "sketch", "guides_sketch": true}"#)
        .unwrap();
    let mut model = sampler::Model::load(folder.path(), &sampler::Reading::exact(tch::Device::Cpu)).unwrap();
    let canvas = Some(Expected::of("sketch").picture());
    let plain = Request { steps: 1, guidance: 1.0, ..request(32) };
    // One step is linear in what is predicted.
    let with = latents(&model, &Request { canvas: canvas.clone(), ..plain.clone() });
    let without = latents(&model, &Request { prompt: plain.negative.clone(), ..plain.clone() });
    let expected = &without + (with - &without) * 5.0;
    for way in [Guidance::Batch, Guidance::SideBySide { threads: 1 }] {
        model.guide(way).unwrap();
        let guided = latents(&model, &Request { canvas: canvas.clone(), guidance: 5.0, ..plain.clone() });
        let off = (&guided - &expected).abs().max().double_value(&[]);
        assert!(off < 1e-3 * expected.abs().max().double_value(&[]), "{way:?}: {off}");
    }
}

#[test]
fn a_distilled_unet_takes_its_steps_without_guidance() {
    let folder = common::copied("sketch");
    let sidecar = r#"{"name": "sketch", "distilled": {"steps": 4}}"#;
    std::fs::write(folder.path().join("pentimento.json"), sidecar).unwrap();
    let load = || sampler::Model::load(folder.path(), &sampler::Reading::exact(tch::Device::Cpu));
    let missing = load().err().expect("there is no unet_distilled").to_string();
    assert!(missing.contains("unet_distilled"), "{missing}");
    let distilled = folder.path().join("unet_distilled");
    std::fs::create_dir(&distilled).unwrap();
    for name in ["config.json", "diffusion_pytorch_model.safetensors"] {
        std::fs::copy(folder.path().join("unet").join(name), distilled.join(name)).unwrap();
    }
    let file = distilled.join("diffusion_pytorch_model.safetensors");
    let halved: Vec<_> =
        Tensor::read_safetensors(&file).unwrap().into_iter().map(|(name, t)| (name, t * 0.5)).collect();
    Tensor::write_safetensors(&halved, &file).unwrap();
    let model = load().unwrap();
    assert_eq!(model.card().distilled.map(|distilled| distilled.steps), Some(4));
    let request = Request { steps: 4, canvas: Some(Expected::of("sketch").picture()), ..request(32) };
    let few = latents(&model, &Request { distilled: true, ..request.clone() });
    let unguided = latents(&model, &Request { guidance: 1.0, ..request.clone() });
    assert!(!few.equal(&unguided), "it has weights of its own");
    assert!(few.equal(&latents(&model, &Request { distilled: true, guidance: 1.0, ..request.clone() })));
    // Its own weights in the place of the UNet's give the same.
    std::fs::copy(&file, folder.path().join("unet/diffusion_pytorch_model.safetensors")).unwrap();
    let other = load().unwrap();
    assert!(few.equal(&latents(&other, &Request { guidance: 1.0, ..request.clone() })));
    let plain = common::model("sketch");
    let refused =
        plain.start(&Request { distilled: true, ..request }).err().expect("it has none").to_string();
    assert!(refused.contains("distilled"), "{refused}");
}

#[test]
fn what_suits_the_machine_gives_nearly_the_same_picture() {
    let (mut model, expected) = (model("sketch"), Expected::of("sketch"));
    let request = Request { steps: 4, canvas: Some(expected.picture()), ..request(32) };
    let picture = |model: &sampler::Model| {
        let mut run = model.start(&request).unwrap();
        while run.done() < run.total() {
            run.step(&|| true).unwrap();
        }
        run.finish().unwrap().remove(0).rgb
    };
    let exact = picture(&model);
    model.suit().unwrap();
    let apart = |(a, b): (&u8, &u8)| f64::from(a.abs_diff(*b)).powi(2);
    let error = exact.iter().zip(&picture(&model)).map(apart).sum::<f64>() / exact.len() as f64;
    assert!(error < 2.0, "mean squared error {error} of 255 squared: less than 45 dB");
}

#[test]
fn words_are_read_again_when_they_are_others() {
    let (model, expected) = (distilled(), Expected::of("sketch"));
    let few = |prompt: &str, seeds: &[u64]| Request {
        steps: 2,
        distilled: true,
        prompt: prompt.into(),
        seeds: seeds.into(),
        canvas: Some(expected.picture()),
        ..request(32)
    };
    let asked = [few("a house", &[1]), few("a boat", &[1]), few("a boat", &[1, 2]), few("a house", &[1])];
    let made = asked.each_ref().map(|request| latents(&model, request));
    for (request, made) in asked.iter().zip(&made) {
        assert!(made.equal(&latents(&distilled(), request)), "{} {:?}", request.prompt, request.seeds);
    }
    assert!(!made[0].equal(&made[1]), "words make a difference");
}

#[test]
fn what_another_thread_decodes_is_the_picture() {
    let (model, expected) = (distilled(), Expected::of("sketch"));
    let request = Request { steps: 2, distilled: true, canvas: Some(expected.picture()), ..request(32) };
    let pixels = model.few_pixels().unwrap().expect("it has few steps");
    let mut run = model.start(&request).unwrap();
    while run.done() < run.total() {
        run.step(&|| true).unwrap();
    }
    assert_eq!(pixels.decode(&run.latents()).unwrap(), run.finish().unwrap()[0]);
}

#[test]
fn a_picture_that_follows_the_pen_may_take_fewer_steps() {
    let folder = common::copied("sketch");
    let load = |distilled: &str| {
        let sidecar = format!(r#"{{"name": "sketch", "distilled": {distilled}}}"#);
        std::fs::write(folder.path().join("pentimento.json"), sidecar).unwrap();
        sampler::Model::load(folder.path(), &sampler::Reading::exact(tch::Device::Cpu))
    };
    with_distilled(folder.path());
    let steps = |model: sampler::Model| model.card().distilled.unwrap().live_steps();
    assert_eq!(steps(load(r#"{"steps": 4}"#).unwrap()), 4);
    assert_eq!(steps(load(r#"{"steps": 4, "live": 3}"#).unwrap()), 3);
    let refused = load(r#"{"steps": 4, "live": 0}"#).err().expect("0 steps are none").to_string();
    assert!(refused.contains("1 to 150"), "{refused}");
}

/// The golden model with its own UNet as the distilled one, and its autoencoder as the smaller one.
fn distilled() -> sampler::Model {
    let folder = common::copied("sketch");
    let sidecar = r#"{"name": "sketch", "distilled": {"steps": 4}}"#;
    std::fs::write(folder.path().join("pentimento.json"), sidecar).unwrap();
    with_distilled(folder.path());
    sampler::Model::load(folder.path(), &sampler::Reading::exact(tch::Device::Cpu)).unwrap()
}

fn with_distilled(folder: &std::path::Path) {
    for (from, to) in [("unet", "unet_distilled"), ("vae", "vae_distilled")] {
        std::fs::create_dir(folder.join(to)).unwrap();
        for name in ["config.json", "diffusion_pytorch_model.safetensors"] {
            std::fs::copy(folder.join(from).join(name), folder.join(to).join(name)).unwrap();
        }
    }
}
