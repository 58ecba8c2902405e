//! Broken folders and absurd requests get a sentence, and the model goes on.

mod common;

use common::{Expected, copied, model, request, single};
use sampler::{LoadError, Model, Picture, QuantisedLatent, Request, SampleError};
use std::fs;
use std::path::Path;
use tch::{Device, Kind, Tensor};

const UNET: &str = "unet/diffusion_pytorch_model.safetensors";

/// A folder that may be broken.
fn copy() -> tempfile::TempDir {
    copied("plain")
}

fn refusal(folder: &Path) -> LoadError {
    match Model::load(folder, &sampler::Reading::exact(Device::Cpu)) {
        Ok(_) => panic!("a broken folder was loaded"),
        Err(refusal) => refusal,
    }
}

/// Why it is not offered.
fn undescribed(path: &Path) -> LoadError {
    sampler::Description::of(path).err().expect("a broken one was described")
}

/// Replaces text in one of the folder's JSON files; the text must be there.
fn replace(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} lacks {from}");
    fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_truncated_file_is_refused() {
    let folder = copy();
    let path = folder.path().join(UNET);
    let whole = fs::read(&path).unwrap();
    for keep in [0, 5, 8, 100, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..keep]).unwrap();
        assert!(matches!(refusal(folder.path()), LoadError::Safetensors { .. }), "{keep} bytes");
    }
}

#[test]
fn a_header_bomb_is_refused_before_it_is_parsed() {
    let folder = copy();
    let path = folder.path().join(UNET);
    let mut bomb = (64u64 << 20).to_le_bytes().to_vec();
    bomb.resize(64 << 20, b' ');
    fs::write(&path, &bomb).unwrap();
    let LoadError::HeaderTooLarge { bytes, most, .. } = refusal(folder.path()) else {
        panic!("another refusal")
    };
    assert_eq!((bytes, most), (64 << 20, 16 << 20));
    fs::write(&path, [0xff; 64]).unwrap();
    assert!(matches!(refusal(folder.path()), LoadError::HeaderTooLarge { .. }));
}

#[test]
fn what_is_no_checkpoint_at_all_is_told_by_what_it_is() {
    let folder = copy();
    let path = folder.path().join(UNET);
    for (bytes, said) in [
        (&b"version https://git-lfs.github.com/spec/v1\noid sha256:00"[..], "a pointer of Git LFS"),
        (b"<!DOCTYPE html><html><title>Log in</title>", "a web page"),
        (b"GGUF\x03\0\0\0 and so on", "of the GGUF kind"),
        (b"This is what I wrote about my model.", "a text"),
    ] {
        fs::write(&path, bytes).unwrap();
        let refused = refusal(folder.path()).to_string();
        assert!(refused.contains(said) && refused.contains("diffusion_pytorch_model"), "{refused}");
    }
}

#[test]
fn a_folder_that_is_no_checkpoint_is_told_by_what_it_is() {
    let plain = copy();
    for (part, said) in [("unet", "the UNet of a diffusers folder"), ("vae", "an autoencoder alone")] {
        let refused = refusal(&plain.path().join(part)).to_string();
        assert!(refused.contains(said), "{refused}");
    }
    let empty = tempfile::tempdir().unwrap();
    assert!(refusal(empty.path()).to_string().contains("has the folders unet, vae, text_encoder"));
    fs::write(empty.path().join("model.safetensors"), "").unwrap();
    assert!(refusal(empty.path()).to_string().contains("give one of the files in it"));
    fs::write(empty.path().join("config.json"), r#"{"_class_name": "ControlNetModel"}"#).unwrap();
    assert!(refusal(empty.path()).to_string().contains("it is a ControlNet; give it beside a checkpoint"));
}

/// A file with this header and so many bytes of zeros.
fn safetensors(header: &str, bytes: usize) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &vec![0; bytes]].concat()
}

#[test]
fn a_lora_of_a_later_family_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flux.safetensors");
    let half = |half: &str, start: usize| {
        let name = format!("transformer.single_transformer_blocks.0.attn.to_q.lora_{half}.weight");
        format!(r#""{name}":{{"dtype":"F32","shape":[1,1],"data_offsets":[{start},{}]}}"#, start + 4)
    };
    fs::write(&path, safetensors(&format!("{{{},{}}}", half("A", 0), half("B", 4)), 8)).unwrap();
    let refused = sampler::Lora::open(&path).err().unwrap().to_string();
    assert!(refused.contains("a later family (Flux"), "{refused}");
}

#[test]
fn a_file_of_eight_bits_is_refused_before_anybody_chooses_it() {
    let header = r#"{"conv_in.weight":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}"#;
    let folder = copy();
    fs::write(folder.path().join(UNET), safetensors(header, 2)).unwrap();
    let refused = sampler::Description::of(folder.path()).err().unwrap().to_string();
    for part in ["conv_in.weight", "F8_E4M3", "F32, F16 or BF16 is needed"] {
        assert!(refused.contains(part), "{refused}");
    }
}

#[test]
fn missing_and_misshapen_tensors_are_named() {
    let folder = copy();
    replace(folder.path(), "unet/config.json", "\"layers_per_block\": 1", "\"layers_per_block\": 2");
    for refused in [refusal(folder.path()), undescribed(folder.path())] {
        let LoadError::MissingTensor { name, .. } = refused else { panic!("another refusal") };
        assert!(name.starts_with("down_blocks.0.resnets.1."), "{name}");
    }

    let folder = copy();
    replace(folder.path(), "unet/config.json", "\"in_channels\": 4", "\"in_channels\": 8");
    for refused in [refusal(folder.path()), undescribed(folder.path())] {
        let text = refused.to_string();
        for part in ["conv_in.weight", "[16, 4, 3, 3]", "[16, 8, 3, 3]"] {
            assert!(text.contains(part), "{text}");
        }
    }
}

#[test]
fn what_a_single_file_lacks_is_named_as_the_file_names_it_before_anybody_chooses_it() {
    let folder = single("xl");
    let path = folder.path().join("model.safetensors");
    let whole = fs::read(&path).unwrap();
    for tensor in [
        "model.diffusion_model.middle_block.0.out_layers.3.weight",
        "first_stage_model.decoder.mid.attn_1.q.weight",
        "conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj_weight",
        "conditioner.embedders.1.model.text_projection",
    ] {
        let name = format!("\"{tensor}\"");
        let at = whole.windows(name.len()).position(|bytes| bytes == name.as_bytes()).unwrap();
        let mut lacking = whole.clone();
        lacking[at + 1] = b'X';
        fs::write(&path, &lacking).unwrap();
        let refused = undescribed(&path).to_string();
        assert!(refused.contains(tensor) && refused.contains("is missing"), "{refused}");
    }
}

#[test]
fn pickles_are_never_opened() {
    let folder = copy();
    fs::remove_file(folder.path().join(UNET)).unwrap();
    fs::write(folder.path().join("unet/diffusion_pytorch_model.bin"), b"PK\x03\x04").unwrap();
    let refused = refusal(folder.path());
    assert!(matches!(refused, LoadError::Pickle { .. }));
    assert!(refused.to_string().contains("convert it to safetensors"), "{refused}");

    for disguised in
        [&b"PK\x03\x04 and so on, a zip of pickles"[..], b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P"]
    {
        fs::write(folder.path().join(UNET), disguised).unwrap();
        assert!(matches!(refusal(folder.path()), LoadError::Pickle { .. }));
    }
    fs::remove_file(folder.path().join(UNET)).unwrap();
    fs::remove_file(folder.path().join("unet/diffusion_pytorch_model.bin")).unwrap();
    assert!(matches!(refusal(folder.path()), LoadError::Missing { .. }));
    assert!(matches!(refusal(Path::new("/nowhere/at/all")), LoadError::Missing { .. }));
}

#[test]
fn absurd_configurations_are_refused_by_field() {
    for (file, from, to, field) in [
        ("unet/config.json", "\"norm_num_groups\": 4", "\"norm_num_groups\": 0", "norm_num_groups"),
        ("unet/config.json", "\"norm_num_groups\": 4", "\"norm_num_groups\": 7", "norm_num_groups"),
        ("unet/config.json", "\"attention_head_dim\": 4", "\"attention_head_dim\": 5", "attention_head_dim"),
        ("unet/config.json", "\"CrossAttnDownBlock2D\"", "\"EvilBlock2D\"", "down_block_types"),
        (
            "unet/config.json",
            "\"layers_per_block\": 1",
            "\"layers_per_block\": 1000000000",
            "layers_per_block",
        ),
        (
            "unet/config.json",
            "\"addition_embed_type\": null",
            "\"addition_embed_type\": \"text_time\"",
            "addition",
        ),
        ("text_encoder/config.json", "\"num_attention_heads\": 4", "\"num_attention_heads\": 0", "heads"),
        (
            "text_encoder/config.json",
            "\"hidden_act\": \"quick_gelu\"",
            "\"hidden_act\": \"odd\"",
            "hidden_act",
        ),
        ("vae/config.json", "\"AutoencoderKL\"", "\"VQModel\"", "_class_name"),
        (
            "scheduler/scheduler_config.json",
            "\"num_train_timesteps\": 1000",
            "\"num_train_timesteps\": -3",
            "num_train",
        ),
        ("scheduler/scheduler_config.json", "\"beta_end\": 0.012", "\"beta_end\": 1e99", "beta_end"),
        ("scheduler/scheduler_config.json", "\"scaled_linear\"", "\"unheard_of\"", "json"),
        ("tokenizer/merges.txt", "h o\n", "h\n", "tokenizer"),
        ("tokenizer/merges.txt", "h o\n", "zz qq\n", "tokenizer"),
        ("tokenizer/vocab.json", "<|endoftext|>", "<|other|>", "tokenizer"),
        ("tokenizer/vocab.json", "\"!\": 0,", "\"!\": 100000,", "tokenizer"),
    ] {
        let folder = copy();
        replace(folder.path(), file, from, to);
        let refused = refusal(folder.path());
        assert!(refused.to_string().contains(field), "{to}: {refused}");
    }
}

#[test]
fn what_a_schedulers_own_config_asks_for_and_is_not_built_is_refused() {
    const CLASS: &str = "\"DDIMScheduler\"";
    for (class, asked, field) in [
        ("DPMSolverMultistepScheduler", "\"solver_type\": \"odd\"", "solver_type"),
        ("DPMSolverMultistepScheduler", "\"algorithm_type\": \"dpmsolver\"", "algorithm_type"),
        ("UniPCMultistepScheduler", "\"solver_type\": \"odd\"", "solver_type"),
        ("UniPCMultistepScheduler", "\"predict_x0\": false", "predict_x0"),
        ("UniPCMultistepScheduler", "\"disable_corrector\": [0]", "disable_corrector"),
        ("DDPMScheduler", "\"variance_type\": \"learned_range\"", "variance_type"),
        ("FlowMatchEulerDiscreteScheduler", "\"shift\": 3.0", "_class_name"),
        ("EDMEulerScheduler", "\"sigma_data\": 0.5", "_class_name"),
    ] {
        let folder = copy();
        let file = "scheduler/scheduler_config.json";
        replace(folder.path(), file, CLASS, &format!("\"{class}\", {asked}"));
        let refused = refusal(folder.path()).to_string();
        let file_and_field = format!("{}: `{field}`", folder.path().join(file).display());
        assert!(refused.contains(&file_and_field), "{class}, {asked}: {refused}");
        // Of no account to others, which ignore it as the reference does.
        let folder = copy();
        replace(folder.path(), file, CLASS, &format!("{CLASS}, {asked}"));
        assert!(Model::load(folder.path(), &sampler::Reading::exact(Device::Cpu)).is_ok(), "{asked}");
    }
}

#[test]
fn a_number_that_only_python_writes_is_no_hindrance() {
    let folder = copy();
    let (file, class) = ("scheduler/scheduler_config.json", "\"DDIMScheduler\"");
    replace(folder.path(), file, class, "\"DPMSolverMultistepScheduler\", \"lambda_min_clipped\": -Infinity");
    let model = Model::load(folder.path(), &sampler::Reading::exact(Device::Cpu)).unwrap();
    assert_eq!(model.card().defaults.scheduler, sampler::SchedulerKind::DpmPp2m);
}

#[test]
fn a_broken_sidecar_is_refused() {
    let folder = copy();
    let path = folder.path().join("pentimento.json");
    fs::write(
        &path,
        r#"{"name": "x", "preview": {"low": -4, "high": 1e39, "matrix": [[1],[1],[1]], "offset": [0,0,0]}}"#,
    )
    .unwrap();
    assert!(refusal(folder.path()).to_string().contains("preview"));
    fs::write(&path, r#"{"name": "Tiny", "defaults": {"steps": 4}}"#).unwrap();
    let model = Model::load(folder.path(), &sampler::Reading::exact(Device::Cpu)).unwrap();
    assert_eq!((model.card().name.as_str(), model.card().defaults.steps), ("Tiny", 4));
}

#[test]
fn settings_out_of_range_are_named_and_the_model_goes_on() {
    let model = model("plain");
    let canvas = |width, height, bytes: usize| Some(Picture { width, height, rgb: vec![0; bytes] });
    for (field, bad) in [
        ("steps", Request { steps: 0, ..request(16) }),
        ("steps", Request { steps: 1001, ..request(16) }),
        ("guidance", Request { guidance: f32::NAN, ..request(16) }),
        ("guidance", Request { guidance: f32::INFINITY, ..request(16) }),
        ("strength", Request { strength: -0.1, ..request(16) }),
        ("strength", Request { strength: f32::NAN, ..request(16) }),
        ("seeds", Request { seeds: vec![], ..request(16) }),
        ("seeds", Request { seeds: vec![0; 1000], ..request(16) }),
        ("width", Request { width: 0, ..request(16) }),
        ("height", Request { height: 17, ..request(16) }),
        ("width", Request { width: u32::MAX, ..request(16) }),
        ("prompt", Request { prompt: "a".repeat(1 << 20), ..request(16) }),
        ("negative", Request { negative: "a".repeat(1 << 20), ..request(16) }),
        ("canvas", Request { canvas: canvas(8, 16, 8 * 16 * 3), ..request(16) }),
        ("canvas", Request { canvas: canvas(16, 16, 5), ..request(16) }),
    ] {
        match model.start(&bad).err() {
            Some(SampleError::Setting { field: named, .. }) => assert_eq!(named, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    let mut run = model.start(&request(16)).unwrap();
    assert!(run.step(&|| true).is_ok());
    assert!(matches!(run.preview(2), Err(SampleError::Setting { field: "picture", .. })));
}

#[test]
fn any_text_is_read() {
    let model = model("sketch");
    for prompt in
        ["\0", "\u{202e}abc\u{feff}", "🏳️‍🌈".repeat(500).as_str(), &"ﷺ".repeat(2000), "e\u{301}\u{301}\u{301}"]
    {
        let request = Request { prompt: prompt.into(), steps: 1, ..request(32) };
        let mut run = model.start(&request).unwrap();
        assert!(run.step(&|| true).is_ok());
        assert_eq!(model.tokens(prompt).unwrap().len(), 16);
    }
}

#[test]
fn a_panic_of_the_tensor_library_is_an_error() {
    let model = model("plain");
    // One pixel of latent is less than the UNet can halve and double again.
    let tiny = Request { width: 2, height: 2, ..request(16) };
    let outcome = model.start(&tiny).and_then(|mut run| run.step(&|| true));
    assert!(!matches!(outcome, Ok(sampler::Stepped::Abandoned)), "{outcome:?}");
    let mut run = model.start(&request(16)).unwrap();
    assert!(run.step(&|| true).is_ok());
}

#[test]
fn previews_that_lie_about_their_size_are_refused() {
    let decoder = model("plain").decoder().unwrap();
    for (channels, width, height, bytes) in
        [(4, 8, 8, 255), (3, 8, 8, 192), (4, 0, 8, 0), (4, u32::MAX, u32::MAX, 4)]
    {
        let lie = QuantisedLatent { channels, width, height, data: vec![0; bytes] };
        assert!(matches!(decoder.decode(&lie), Err(SampleError::Setting { field: "latent", .. })));
    }
}

#[test]
fn weights_that_are_no_numbers_are_refused_as_they_are_read() {
    let folder = copy();
    let path = folder.path().join(UNET);
    let mut file = fs::read(&path).unwrap();
    // Half-precision values that are all NaN, behind an intact header.
    let header = u64::from_le_bytes(file[..8].try_into().unwrap()) as usize + 8;
    file[header..].fill(0xff);
    fs::write(&path, file).unwrap();
    let refused = refusal(folder.path());
    let LoadError::NotFinite { origin, name } = &refused else { panic!("{refused}") };
    assert!(origin.contains("unet") && name.starts_with("conv_in."), "{refused}");
}

#[test]
fn weights_that_outgrow_their_kind_never_become_a_picture() {
    let folder = copy();
    let path = folder.path().join(UNET);
    let tensors = Tensor::read_safetensors(&path).unwrap();
    // More than half precision holds.
    let large: Vec<_> =
        tensors.iter().map(|(name, x)| (name, x.to_kind(Kind::Float).full_like(1e6))).collect();
    Tensor::write_safetensors(&large, &path).unwrap();
    let reading = sampler::Reading::exact(Device::Cpu).as_kind(Kind::Half);
    let model = Model::load(folder.path(), &reading).unwrap();
    let mut run =
        model.start(&Request { canvas: Some(Expected::of("plain").picture()), ..request(16) }).unwrap();
    let is_named = |outcome: Result<(), SampleError>| matches!(outcome, Err(SampleError::Weights { origin, name }) if origin.contains("unet") && name == "conv_in.bias");
    assert!(is_named(run.step(&|| true).map(drop)), "at the first step");
    assert!(run.preview(0).is_ok());
    assert!(is_named(run.finish().map(drop)));
}
