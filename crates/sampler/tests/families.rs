//! Single files of each family against the reference. Their weights are made by a formula that `golden/make.py`
//! knows too, so that only the names and shapes of their tensors are kept.

mod common;

use common::{Expected, device, request, single};
use sampler::{Control, Found, Guidance, LoadError, Lora, Mask, Model, Request, SampleError, SchedulerKind};
use tch::{Device, Kind, Tensor};

/// The families that have everything; each has a file of its own beside the golden ones.
const FAMILIES: [&str; 3] = ["sd1", "sd2", "xl"];

fn load(folder: &tempfile::TempDir) -> Model {
    Model::load(&folder.path().join("model.safetensors"), &sampler::Reading::exact(device())).unwrap()
}

/// The folder of this family's ControlNet, and its weights in it.
fn control(folder: &tempfile::TempDir, name: &str) -> std::path::PathBuf {
    let control = folder.path().join(format!("control_{name}"));
    let weights = common::written(&folder.path().join(format!("control_{name}.json")), None, None);
    std::fs::write(control.join("diffusion_pytorch_model.safetensors"), weights).unwrap();
    control
}

/// Latents of the picture that the reference made with this noise; `fresh` gives what comes in at each step.
fn made(model: &Model, expected: &Expected, request: &Request) -> Tensor {
    let request = Request { seeds: vec![0], ..request.clone() };
    let mut run = model.start_with(&request, expected.get("noise"), common::fresh(&[1, 4, 8, 8])).unwrap();
    while run.done() < run.total() {
        run.step(&|| true).unwrap();
    }
    run.latents()
}

fn euler(steps: u32) -> Request {
    Request { scheduler: SchedulerKind::Euler, steps, ..request(16) }
}

#[test]
fn every_family_is_recognised_and_gives_the_references_latents() {
    for (name, side, scheduler) in [
        ("sd1", 128, SchedulerKind::Ddim),
        ("sd2", 192, SchedulerKind::Ddim),
        ("xl", 256, SchedulerKind::Ddim),
    ] {
        let (file, expected) = (single(name), Expected::of(&format!("families/{name}")));
        let mut model = load(&file);
        let defaults = &model.card().defaults;
        assert_eq!((defaults.width, defaults.scheduler), (side, scheduler), "{name}");
        for guidance in [Guidance::Batch, Guidance::SideBySide { threads: 1 }] {
            model.guide(guidance).unwrap();
            for steps in [1, 4, 20] {
                expected.check(&format!("euler_{steps}"), &made(&model, &expected, &euler(steps)));
            }
            let nothing = Request { negative: String::new(), ..euler(4) };
            expected.check("no_negative", &made(&model, &expected, &nothing));
            if name != "sd2" {
                let skip = Request { clip_skip: 1, ..euler(4) };
                expected.check("clip_skip", &made(&model, &expected, &skip));
            }
        }
    }
}

#[test]
fn a_consistency_model_is_told_its_guidance() {
    let (file, expected) = (single("lcm"), Expected::of("families/lcm"));
    let model = load(&file);
    let defaults = &model.card().defaults;
    assert_eq!((defaults.steps, defaults.scheduler), (4, SchedulerKind::Lcm));
    let own = Request { steps: 4, guidance: 8.5, scheduler: SchedulerKind::Lcm, ..request(16) };
    expected.check("lcm_4", &made(&model, &expected, &own));
    let SampleError::Setting { field, why } = model.start(&Request { steps: 51, ..own }).err().unwrap()
    else {
        panic!("more steps than it was distilled with")
    };
    assert!(field == "steps" && why.contains("1 to 50"), "{why}");
}

#[test]
fn a_controlnet_steers_as_the_references_does() {
    for name in FAMILIES {
        let (file, expected) = (single(name), Expected::of(&format!("families/{name}")));
        let mut model = load(&file);
        let reading = sampler::Reading::exact(device());
        model.steer(Some(Control::load(&control(&file, name), &reading).unwrap())).unwrap();
        let drawing = common::bytes(expected.get("drawing"));
        let request = Request { control: Some(drawing), control_scale: 0.8, ..euler(4) };
        for guidance in [Guidance::Batch, Guidance::SideBySide { threads: 1 }] {
            model.guide(guidance).unwrap();
            for steps in [1, 4] {
                let made = made(&model, &expected, &Request { steps, ..request.clone() });
                expected.check(&format!("controlled_{steps}"), &made);
            }
        }
    }
}

#[test]
fn a_controlnet_that_has_nothing_to_see_is_as_none() {
    let (file, expected) = (single("sd1"), Expected::of("families/sd1"));
    let mut model = load(&file);
    let folder = control(&file, "sd1");
    model.steer(Some(Control::load(&folder, &sampler::Reading::exact(device())).unwrap())).unwrap();
    let drawing = common::bytes(expected.get("drawing"));
    // Without a drawing, and with one that does not count, it is as if there were none.
    expected.check("euler_4", &made(&model, &expected, &euler(4)));
    let silent = Request { control_scale: 0.0, canvas: Some(drawing), ..euler(4) };
    expected.check("euler_4", &made(&model, &expected, &silent));
    // The autoencoder asks between its blocks; it has nothing to do unless the picture starts from the drawing.
    for (strength, is_read) in [(1.0, false), (0.5, true)] {
        let asked = std::cell::Cell::new(false);
        let wanted = || {
            asked.set(true);
            true
        };
        drop(model.start_while(&Request { strength, ..silent.clone() }, &wanted).unwrap());
        assert_eq!(asked.get(), is_read, "{strength}");
    }
    let mut other = load(&single("xl"));
    let taken = model.steer(None).unwrap();
    let refused = other.steer(taken).err().unwrap().to_string();
    assert!(refused.contains("another family"), "{refused}");
}

#[test]
fn a_part_of_a_picture_is_painted_anew_as_the_reference_does() {
    let noise = Expected::of("families/sd1");
    for name in ["sd1", "inpaint", "sd2", "xl"] {
        let (file, expected) = (single(name), Expected::of(&format!("families/{name}")));
        let model = load(&file);
        let coverage: Vec<u8> = Vec::try_from(expected.get("mask").flatten(0, -1)).unwrap();
        let canvas = Some(common::bytes(expected.get("canvas")));
        for strength in [1.0, 0.7] {
            let mask = Some(Mask { coverage: coverage.clone(), blur: 0.0 });
            let request = Request { strength, mask, canvas: canvas.clone(), ..euler(10) };
            expected.check(&format!("repainted_{strength:.1}"), &made(&model, &noise, &request));
        }
        // With a soft edge, what is far from the hole stays.
        let mask = Some(Mask { coverage: coverage.clone(), blur: 1.0 });
        let soft = Request { mask, canvas: canvas.clone(), ..euler(4) };
        let run = made(&model, &noise, &soft);
        assert!(run.isfinite().all().int64_value(&[]) == 1);
        for (mask, canvas) in [
            (Mask { coverage: vec![0; 3], blur: 0.0 }, canvas.clone()),
            (Mask { coverage: coverage.clone(), blur: f32::NAN }, canvas.clone()),
            (Mask { coverage: coverage.clone(), blur: 0.0 }, None),
        ] {
            let refused = model.start(&Request { mask: Some(mask), canvas, ..euler(4) }).err().unwrap();
            assert!(matches!(refused, SampleError::Setting { field: "mask", .. }), "{refused}");
        }
    }
}

#[test]
fn every_scheduler_goes_on_from_a_picture_as_the_references_does() {
    for name in FAMILIES {
        let (file, expected) = (single(name), Expected::of(&format!("families/{name}")));
        let model = load(&file);
        let canvas = Some(common::bytes(expected.get("canvas")));
        let coverage: Vec<u8> = Vec::try_from(expected.get("mask").flatten(0, -1)).unwrap();
        for scheduler in SchedulerKind::ALL {
            let redrawn = Request { scheduler, strength: 0.7, canvas: canvas.clone(), ..request(16) };
            expected.check(&format!("redrawn_{}", scheduler.name()), &made(&model, &expected, &redrawn));
            let mask = Some(Mask { coverage: coverage.clone(), blur: 0.0 });
            let made = made(&model, &expected, &Request { mask, ..redrawn });
            expected.check(&format!("repainted_0.7_{}", scheduler.name()), &made);
        }
    }
}

#[test]
fn files_that_are_no_checkpoints_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    for (name, said) in [
        ("lora_unet_down_blocks_0.lora_down.weight", "it is a LoRA"),
        ("controlnet_cond_embedding.conv_in.weight", "it is a ControlNet"),
        ("double_blocks.0.img_attn.qkv.weight", "later family"),
        ("down_blocks.0.resnets.0.time_embedding.weight", "give the folder"),
        ("decoder.conv_in.weight", "an autoencoder alone"),
        ("model.diffusion_model.input_blocks.0.0.weight", "unknown shape"),
        ("fc.weight", "no Stable Diffusion checkpoint"),
    ] {
        Tensor::write_safetensors(&[(name, Tensor::from_slice(&[1.0_f32]))], &path).unwrap();
        let refused = Model::load(&path, &sampler::Reading::exact(Device::Cpu)).err().unwrap().to_string();
        assert!(refused.contains(said), "{name}: {refused}");
    }
    std::fs::write(&path, b"PK\x03\x04 and so on").unwrap();
    assert!(matches!(
        Model::load(&path, &sampler::Reading::exact(Device::Cpu)),
        Err(LoadError::Pickle { .. })
    ));
    let gone = single("sd1");
    let path = gone.path().join("model.safetensors");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    assert!(matches!(
        Model::load(&path, &sampler::Reading::exact(Device::Cpu)),
        Err(LoadError::Safetensors { .. })
    ));
}

#[test]
fn a_second_version_that_says_nothing_of_itself_has_the_size_that_its_weights_tell() {
    let folder = single("sd2");
    let path = folder.path().join("model.safetensors");
    let tensors = Tensor::read_safetensors(&path).unwrap();
    let is_last = |name: &str| name.ends_with("output_blocks.3.1.transformer_blocks.0.norm1.bias");
    assert!(tensors.iter().any(|(name, _)| is_last(name)));
    for (spread, side) in [(0.02, 128), (0.2, 192)] {
        let stretched = |tensor: &Tensor| tensor.to_kind(Kind::Float).randn_like() * spread;
        let changed: Vec<_> = tensors
            .iter()
            .map(|(name, tensor)| {
                (name, if is_last(name) { stretched(tensor) } else { tensor.shallow_clone() })
            })
            .collect();
        Tensor::write_safetensors(&changed, &path).unwrap();
        let described = sampler::Description::of(&path).unwrap().card.defaults.width;
        assert_eq!((described, load(&folder).card().defaults.width), (side, side), "{spread}");
    }
}

#[test]
fn a_mark_of_zero_terminal_snr_is_heeded() {
    let folder = single("xl");
    let path = folder.path().join("model.safetensors");
    let file = std::fs::read(&path).unwrap();
    let read = safetensors::SafeTensors::deserialize(&file).unwrap();
    let expected = Expected::of("families/xl");
    let marked = |marks: &[&str]| {
        let mark = safetensors::tensor::TensorView::new(safetensors::Dtype::F32, vec![0], &[]).unwrap();
        let marks = marks.iter().map(|name| ((*name).to_owned(), mark.clone()));
        std::fs::write(&path, safetensors::serialize(read.tensors().into_iter().chain(marks), None).unwrap())
            .unwrap();
        let model = Model::load(&path, &sampler::Reading::exact(device())).unwrap();
        made(&model, &expected, &Request { steps: 4, scheduler: SchedulerKind::Ddim, ..request(16) })
    };
    let (plain, velocity, zero) = (marked(&[]), marked(&["v_pred"]), marked(&["v_pred", "ztsnr"]));
    assert!(!plain.allclose(&velocity, 1e-2, 1e-2, false) && !velocity.allclose(&zero, 1e-2, 1e-2, false));
    assert!(bool::try_from(zero.isfinite().all()).unwrap());
}

#[test]
fn every_scheduler_gives_the_references_latents() {
    for name in FAMILIES {
        let (file, expected) = (single(name), Expected::of(&format!("families/{name}")));
        let model = load(&file);
        for scheduler in SchedulerKind::ALL {
            for steps in [1, 4, 20] {
                let request = Request { scheduler, steps, ..request(16) };
                expected.check(&format!("{}_{steps}", scheduler.name()), &made(&model, &expected, &request));
            }
        }
    }
}

#[test]
fn long_and_weighed_prompts_are_read_as_the_reference_would() {
    let (file, expected) = (single("sd1"), Expected::of("families/sd1"));
    let model = load(&file);
    let prompt = format!("a very (red:1.3){} (sun:0.5)", " house ".repeat(20));
    expected.check("weighed", &made(&model, &expected, &Request { prompt, ..euler(4) }));
}

#[test]
fn two_loras_at_once_change_the_model_as_the_references_sum_would_and_leave_no_trace() {
    for name in FAMILIES {
        let (file, expected) = (single(name), Expected::of(&format!("families/{name}")));
        let mut model = load(&file);
        let (kohya, usual) = loras(&file, name);
        for guidance in [Guidance::Batch, Guidance::SideBySide { threads: 1 }] {
            model.guide(guidance).unwrap();
            let before = made(&model, &expected, &euler(4));
            model.adapt(&[(&kohya, 0.7), (&usual, -0.4)]).unwrap();
            expected.check("loras", &made(&model, &expected, &euler(4)));
            model.adapt(&[]).unwrap();
            assert!(made(&model, &expected, &euler(4)).equal(&before), "{name}");
        }
    }
}

/// This family's LoRAs, as kohya's scripts write them and as diffusers does.
fn loras(folder: &tempfile::TempDir, name: &str) -> (Lora, Lora) {
    let open = |layout: &str, alpha| {
        let shapes = folder.path().join(format!("lora_{layout}_{name}.json"));
        let path = folder.path().join(format!("lora_{layout}.safetensors"));
        std::fs::write(&path, common::written(&shapes, None, alpha)).unwrap();
        Lora::open(&path).unwrap()
    };
    (open("kohya", Some(3.0)), open("usual", None))
}

#[test]
fn a_lora_is_the_same_however_its_tensors_are_named() {
    let (file, expected) = (single("sd1"), Expected::of("families/sd1"));
    let mut model = load(&file);
    let (kohya, usual) = loras(&file, "sd1");
    // What has no alpha beside it may have it in the metadata; and names are shorter where all is of the UNet.
    let path = file.path().join("again.safetensors");
    let write = |names: &dyn Fn(&str) -> Option<String>, metadata: Option<&str>| {
        let tensors = Tensor::read_safetensors(file.path().join("lora_usual.safetensors")).unwrap();
        let kept: Vec<_> = tensors.iter().filter_map(|(name, tensor)| Some((names(name)?, tensor))).collect();
        let bytes: Vec<_> = kept
            .iter()
            .map(|(_, tensor)| Vec::<f32>::try_from(tensor.to_kind(Kind::Float).flatten(0, -1)).unwrap())
            .map(|values| values.into_iter().flat_map(f32::to_le_bytes).collect::<Vec<u8>>())
            .collect();
        let views = kept.iter().zip(&bytes).map(|((name, tensor), bytes)| {
            let shape = tensor.size().iter().map(|side| *side as usize).collect();
            (name, safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape, bytes).unwrap())
        });
        let metadata = metadata.map(|text| [("lora_adapter_metadata".to_owned(), text.to_owned())].into());
        std::fs::write(&path, safetensors::serialize(views, metadata).unwrap()).unwrap();
        Lora::open(&path).unwrap()
    };
    let mut with = |loras: &[(&Lora, f32)]| {
        model.adapt(loras).unwrap();
        made(&model, &expected, &euler(1))
    };
    let all = |name: &str| Some(name.to_owned());
    // Of rank 2.
    let metadata = r#"{"unet.lora_alpha": 6, "text_encoder.lora_alpha": 6, "unet.use_rslora": false}"#;
    let (plain, told) = (with(&[(&usual, 0.9)]), with(&[(&write(&all, Some(metadata)), 0.3)]));
    assert!(plain.allclose(&told, 1e-4, 1e-5, false));
    let part =
        r#"{"unet.lora_alpha": 6, "unet.alpha_pattern": {"attn1.to_q": 2}, "text_encoder.lora_alpha": 6}"#;
    assert!(!with(&[(&write(&all, Some(part)), 0.3)]).allclose(&told, 1e-4, 1e-5, false));
    let of_unet = |name: &str| name.strip_prefix("unet.").map(str::to_owned);
    let unet = with(&[(&write(&|name| name.starts_with("unet.").then(|| name.to_owned()), None), 1.0)]);
    for prefix in ["", "base_model.model."] {
        let named = |name: &str| Some(format!("{prefix}{}", of_unet(name)?));
        assert!(with(&[(&write(&named, None), 1.0)]).equal(&unet), "{prefix}");
    }
    let carried = |name: &str| {
        let name = of_unet(name)?.replace(".to_out.0.", ".to_out.");
        let (place, end) = name.rsplit_once(".lora_")?;
        let Some((attention, projection)) = place.rsplit_once(".to_") else { return Some(name.clone()) };
        let half = if end.starts_with('A') { "down" } else { "up" };
        Some(format!("{attention}.processor.to_{projection}_lora.{half}.weight"))
    };
    assert!(with(&[(&write(&carried, None), 1.0)]).equal(&unet));

    let mut other = load(&single("xl"));
    let Err(LoadError::Unknown { why, .. }) = other.adapt(&[(&kohya, 1.0)]) else {
        panic!("another family's")
    };
    assert!(why.contains("another family"), "{why}");
}

#[test]
fn bfloat16_is_about_as_near_as_the_references_own_or_nearer() {
    let kind = Kind::BFloat16;
    for name in FAMILIES {
        let (file, expected) = (single(name), Expected::of(&format!("families/{name}")));
        let reading = sampler::Reading::exact(device()).as_kind(kind);
        let model = Model::load(&file.path().join("model.safetensors"), &reading).unwrap();
        for steps in [1, 4, 20] {
            let wanted = expected.get(&format!("euler_{steps}"));
            let decibels = |made: &Tensor| {
                let error = (made - wanted).square().mean(Kind::Float).sqrt().double_value(&[]);
                20.0 * (wanted.abs().max().double_value(&[]) / error).log10()
            };
            let ours = decibels(&made(&model, &expected, &euler(steps)).to_device(Device::Cpu));
            let theirs = decibels(expected.get(&format!("bfloat16_{steps}")));
            println!("{name} in {kind:?}, {steps} steps: {ours:.1} dB, the reference {theirs:.1} dB");
            // The promise is 45. Guidance multiplies what each step rounds, here as there, and few steps average little of it.
            assert!(ours > theirs - 1.0, "{name}, {steps} steps: {ours:.1} dB, the reference {theirs:.1} dB");
            assert!(ours > 39.0, "{name}, {steps} steps: {ours:.1} dB");
        }
    }
}

#[test]
fn a_checkpoint_is_described_without_its_weights_as_it_is_once_loaded() {
    for name in FAMILIES {
        let file = single(name);
        let path = file.path().join("model.safetensors");
        let description = sampler::Description::of(&path).unwrap();
        let model = Model::load(&path, &sampler::Reading::exact(device())).unwrap();
        assert_eq!(&description.card, model.card(), "{name}");
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(description.bytes < size && description.bytes > size * 8 / 10, "{name}");
        let stopped =
            sampler::Reading { told: std::rc::Rc::new(|_| false), ..sampler::Reading::exact(device()) };
        assert!(matches!(Model::load(&path, &stopped), Err(LoadError::Interrupted)), "{name}");
        assert!(description.memory(Kind::Half).abs_diff(description.memory(Kind::Float) / 2) <= 1);
    }
}

#[test]
fn a_controlnet_in_one_file_is_the_same_with_the_names_of_either_code() {
    let (file, expected) = (single("sd1"), Expected::of("families/sd1"));
    let names: std::collections::BTreeMap<String, String> =
        sampler::config::read(&file.path().join("control_ldm.json")).unwrap();
    let usual = file.path().join("control.safetensors");
    std::fs::write(&usual, common::written(&file.path().join("control_sd1.json"), None, None)).unwrap();
    let tensors: Vec<(String, Tensor)> = Tensor::read_safetensors(&usual).unwrap();
    let original = |prefix: &str| {
        let renamed = tensors.iter().map(|(name, tensor)| (format!("{prefix}{}", names[name]), tensor));
        let path = file.path().join(format!("{prefix}original.safetensors"));
        Tensor::write_safetensors(&renamed.collect::<Vec<_>>(), &path).unwrap();
        path
    };
    let model = file.path().join("model.safetensors");
    let reading = sampler::Reading::exact(device());
    for path in [original("control_model."), original(""), usual] {
        let mut model = Model::load(&model, &reading).unwrap();
        let Ok(Found::Control(described)) = Found::of(&path) else { panic!("it is a ControlNet") };
        assert_eq!(described.family, model.family().unwrap(), "{}", path.display());
        model.steer(Some(Control::load(&path, &reading).unwrap())).unwrap();
        let drawing = common::bytes(expected.get("drawing"));
        let request = Request { control: Some(drawing), control_scale: 0.8, ..euler(4) };
        expected.check("controlled_4", &made(&model, &expected, &request));
    }
}

#[test]
fn what_lies_in_a_folder_is_told_by_what_is_in_it() {
    let (one, other) = (single("sd1"), single("xl"));
    let checkpoint = |folder: &tempfile::TempDir| match Found::of(&folder.path().join("model.safetensors")) {
        Ok(Found::Checkpoint(description)) => description,
        _ => panic!("it is a checkpoint"),
    };
    let (one_family, other_family) = (checkpoint(&one).family, checkpoint(&other).family);
    assert_ne!(one_family, other_family);
    for name in ["lora_kohya", "lora_usual"] {
        let path = one.path().join(format!("{name}.safetensors"));
        let shapes = one.path().join(format!("{name}_sd1.json"));
        std::fs::write(&path, common::written(&shapes, None, None)).unwrap();
        let Ok(Found::Lora(lora)) = Found::of(&path) else { panic!("{name} is a LoRA") };
        assert!(lora.fits(&one_family) && !lora.fits(&other_family), "{name}");
    }
    let folder = control(&one, "sd1");
    let size = std::fs::metadata(folder.join("diffusion_pytorch_model.safetensors")).unwrap().len();
    let Ok(Found::Control(control)) = Found::of(&folder) else { panic!("it is a ControlNet") };
    assert_eq!(control.family, one_family);
    assert!(control.bytes < size && control.memory(Kind::Half) == control.bytes);
    // It has all of an ordinary one's tensors, and more that tell it what it is shown.
    let mut all: Vec<(String, Tensor)> =
        Tensor::read_safetensors(folder.join("diffusion_pytorch_model.safetensors")).unwrap();
    all.push(("control_add_embedding.linear_1.weight".to_owned(), Tensor::from_slice(&[1.0_f32])));
    Tensor::write_safetensors(&all, one.path().join("union.safetensors")).unwrap();
    let refused = Found::of(&one.path().join("union.safetensors")).err().unwrap().to_string();
    assert!(refused.contains("a union of ControlNets"), "{refused}");
    std::fs::write(one.path().join("none.safetensors"), [1; 100]).unwrap();
    assert!(Found::of(&one.path().join("none.safetensors")).is_err() && Found::of(one.path()).is_err());
}
