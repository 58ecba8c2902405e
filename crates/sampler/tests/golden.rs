//! Networks and runs against the reference, on the checkpoints that `golden/make.py` made.

mod common;

use common::{Expected, folder, model, request};
use sampler::autoencoder::{Autoencoder, AutoencoderConfig};
use sampler::config;
use sampler::text::ClipText;
use sampler::unet::UNet;
use sampler::weights::Weights;
use sampler::{Guidance, Model, Request, SchedulerKind};
use std::path::Path;
use tch::{Device, Kind, Tensor, no_grad};

const BOTH: [&str; 2] = ["plain", "sketch"];
const STEM: &str = "diffusion_pytorch_model";

fn weights(name: &str, part: &str, stem: &str) -> Weights<'static> {
    Weights::open_part(&folder(name).join(part), stem, &sampler::Reading::exact(Device::Cpu)).unwrap()
}

/// The weights of a part of a folder in several files and their index, or in the variant `fp16`, or in both ways.
fn in_other_files(part: &Path, stem: &str, shards: usize, variant: &str) {
    let whole = part.join(format!("{stem}.safetensors"));
    let mut tensors = Tensor::read_safetensors(&whole).unwrap();
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    std::fs::remove_file(whole).unwrap();
    if shards == 1 {
        return Tensor::write_safetensors(&tensors, part.join(format!("{stem}{variant}.safetensors")))
            .unwrap();
    }
    let mut places = Vec::new();
    for (n, some) in tensors.chunks(tensors.len().div_ceil(shards)).enumerate() {
        let file = format!("{stem}{variant}-{:05}-of-{shards:05}.safetensors", n + 1);
        Tensor::write_safetensors(some, part.join(&file)).unwrap();
        places.extend(some.iter().map(|(name, _)| format!("\"{name}\": \"{file}\"")));
    }
    let index = format!("{{\"metadata\": {{}}, \"weight_map\": {{{}}}}}", places.join(", "));
    std::fs::write(part.join(format!("{stem}.safetensors.index{variant}.json")), index).unwrap();
}

#[test]
fn a_folder_of_shards_or_of_a_variant_is_the_same_model() {
    let noise = Expected::of("plain").get("noise").shallow_clone();
    let made = |folder: &Path| {
        let model = Model::load(folder, &sampler::Reading::exact(Device::Cpu)).unwrap();
        let mut run =
            model.start_from(&Request { seeds: vec![0, 1], steps: 2, ..request(16) }, &noise).unwrap();
        while run.done() < run.total() {
            run.step(&|| true).unwrap();
        }
        run.latents()
    };
    let wanted = made(&folder("plain"));
    for (shards, variant) in [(3, ""), (1, ".fp16"), (2, ".fp16")] {
        let copy = common::copied("plain");
        in_other_files(&copy.path().join("unet"), STEM, shards, variant);
        in_other_files(&copy.path().join("text_encoder"), "model", 1, variant);
        assert!(made(copy.path()).equal(&wanted), "{shards} {variant}");
    }
    // What an index names lies beside it, all of it.
    let copy = common::copied("plain");
    let unet = copy.path().join("unet");
    in_other_files(&unet, STEM, 2, "");
    std::fs::remove_file(unet.join(format!("{STEM}-00002-of-00002.safetensors"))).unwrap();
    let refused = Model::load(copy.path(), &sampler::Reading::exact(Device::Cpu)).err().unwrap().to_string();
    assert!(refused.contains("00002-of-00002"), "{refused}");
    let index = unet.join(format!("{STEM}.safetensors.index.json"));
    std::fs::write(
        index,
        r#"{"weight_map": {"conv_in.weight": "../vae/diffusion_pytorch_model.safetensors"}}"#,
    )
    .unwrap();
    let refused = Model::load(copy.path(), &sampler::Reading::exact(Device::Cpu)).err().unwrap().to_string();
    assert!(refused.contains("only files beside it"), "{refused}");
    // A pickle by whatever name is said to be one, and how to convert it.
    let copy = common::copied("plain");
    let unet = copy.path().join("unet");
    std::fs::remove_file(unet.join(format!("{STEM}.safetensors"))).unwrap();
    std::fs::write(unet.join(format!("{STEM}-00001-of-00002.fp16.bin")), b"PK").unwrap();
    let refused = Model::load(copy.path(), &sampler::Reading::exact(Device::Cpu)).err().unwrap().to_string();
    assert!(refused.contains("is a pickle") && refused.contains("save_file"), "{refused}");
}

#[test]
fn tokens_are_the_references() {
    #[derive(serde::Deserialize)]
    struct Row {
        prompt: String,
        ids: Vec<i64>,
    }
    for name in BOTH {
        let model = model(name);
        let rows: Vec<Row> = config::read(&folder(name).join("expected.json")).unwrap();
        assert!(rows.len() > 10);
        for row in rows {
            assert_eq!(model.tokens(&row.prompt).unwrap(), row.ids, "{name}: {:?}", row.prompt);
        }
    }
}

#[test]
fn text_embeddings_are_the_references() {
    for name in BOTH {
        let (model, expected) = (model(name), Expected::of(name));
        let config = config::read(&folder(name).join("text_encoder/config.json")).unwrap();
        let text = ClipText::new(&weights(name, "text_encoder", "model"), &config).unwrap();
        let ids =
            [common::PROMPT, common::NEGATIVE].map(|text| Tensor::from_slice(&model.tokens(text).unwrap()));
        expected.check("text", &no_grad(|| text.forward(&Tensor::stack(&ids, 0))));
    }
}

#[test]
fn one_unet_step_is_the_references() {
    for name in BOTH {
        let expected = Expected::of(name);
        let config = config::read(&folder(name).join("unet/config.json")).unwrap();
        let unet = UNet::new(&weights(name, "unet", STEM), &config).unwrap();
        for case in ["unet", "unet_odd"] {
            let sample = expected.get(&format!("{case}_sample"));
            let times = expected.get(&format!("{case}_times"));
            let out = no_grad(|| unet.forward(sample, times, expected.get("text")));
            expected.check(case, &out);
        }
    }
}

#[test]
fn both_autoencoders_are_the_references() {
    for name in BOTH {
        let expected = Expected::of(name);
        let config = AutoencoderConfig::read(&folder(name).join("vae/config.json")).unwrap();
        let autoencoder = Autoencoder::new(&weights(name, "vae", STEM), &config).unwrap();
        let picture = expected.get("picture").permute([2, 0, 1]).unsqueeze(0).to_kind(Kind::Float);
        expected.check("encode", &no_grad(|| autoencoder.encode(&(picture / 255.0 * 2.0 - 1.0))));
        // `decode` takes the UNet's scale; the reference was given the network's own.
        let latent = autoencoder.to_model(expected.get("decode_latent"));
        expected.check("decode", &no_grad(|| autoencoder.decode(&latent)));
    }
}

/// Runs to the end, with guidance made in either way, and holds the latents against the reference's.
#[track_caller]
fn check_run(name: &str, case: &str, request: &Request) {
    let (mut model, expected) = (model(name), Expected::of(name));
    for guidance in [Guidance::Batch, Guidance::SideBySide { threads: 1 }] {
        model.guide(guidance).unwrap();
        let mut run = model.start_from(request, expected.get("noise")).unwrap();
        let total = run.total();
        for step in 1..=total {
            assert_eq!(run.step(&|| true).unwrap(), sampler::Stepped::Done { step, total });
        }
        expected.check(case, &run.latents());
    }
}

#[test]
fn guided_runs_are_the_references() {
    for (scheduler, suffix) in [(SchedulerKind::Ddim, "ddim"), (SchedulerKind::Euler, "euler")] {
        check_run("plain", &format!("run_{suffix}"), &Request { scheduler, ..request(16) });
        let unguided = Request { scheduler, guidance: 1.0, ..request(16) };
        check_run("plain", &format!("unguided_{suffix}"), &unguided);
    }
}

#[test]
fn runs_that_start_from_the_canvas_are_the_references() {
    let canvas = Some(Expected::of("plain").picture());
    for (scheduler, suffix) in [(SchedulerKind::Ddim, "ddim"), (SchedulerKind::Euler, "euler")] {
        for strength in [0.7, 1.0] {
            let request = Request { scheduler, strength, canvas: canvas.clone(), ..request(16) };
            check_run("plain", &format!("from_canvas_{strength:.1}_{suffix}"), &request);
        }
    }
}

#[test]
fn runs_that_see_the_canvas_are_the_references() {
    let canvas = Some(Expected::of("sketch").picture());
    for (scheduler, suffix) in [(SchedulerKind::Ddim, "ddim"), (SchedulerKind::Euler, "euler")] {
        let request = Request { scheduler, canvas: canvas.clone(), ..request(32) };
        check_run("sketch", &format!("run_{suffix}"), &request);
        // What suits such a model: 1.5.
        let own = Request { image_guidance: None, ..request };
        check_run("sketch", &format!("run_by_canvas_{suffix}"), &own);
    }
}

#[test]
fn the_pictures_are_the_references() {
    for (name, side) in [("plain", 16), ("sketch", 32)] {
        let (model, expected) = (model(name), Expected::of(name));
        let canvas = model.card().sketch_conditioned.then(|| expected.picture());
        let mut run = model.start_from(&Request { canvas, ..request(side) }, expected.get("noise")).unwrap();
        while run.done() < run.total() {
            run.step(&|| true).unwrap();
        }
        let pictures = run.finish().unwrap();
        assert_eq!(pictures.len(), 2);
        for (index, picture) in pictures.iter().enumerate() {
            let wanted = common::bytes(&expected.get("final").get(index as i64));
            let off = picture.rgb.iter().zip(&wanted.rgb).map(|(a, b)| a.abs_diff(*b)).max();
            assert!(off <= Some(1), "{name} picture {index} is off by {off:?} levels");
        }
    }
}
