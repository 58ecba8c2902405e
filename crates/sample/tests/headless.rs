//! The command line against the reference, on the sampler's golden checkpoint.

use clap::Parser;
use sample::flags::Flags;
use std::path::{Path, PathBuf};
use tch::{Kind, Tensor};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../sampler/tests/golden/plain")
}

fn expected(name: &str) -> Tensor {
    let tensors = Tensor::read_safetensors(golden().join("expected.safetensors")).unwrap();
    tensors.into_iter().find(|(theirs, _)| theirs == name).unwrap().1
}

fn sample(flags: &[&str], out: &Path) -> anyhow::Result<()> {
    tch::set_num_threads(1);
    let model = golden();
    let given = ["sample", "--model", model.to_str().unwrap(), "--out", out.to_str().unwrap()];
    sample::run(&Flags::try_parse_from(given.iter().chain(flags))?)
}

#[test]
fn noise_that_is_given_becomes_the_references_latents_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let (noise, latents) = (file("noise.safetensors"), file("latents.safetensors"));
    Tensor::write_safetensors(&[("latents", expected("noise"))], &noise).unwrap();
    let flags = [
        ["--prompt", "A house under the sun, it's red"],
        ["--negative", "dark"],
        ["--steps", "10"],
        ["--guidance", "5"],
        ["--scheduler", "ddim"],
        ["--device", "cpu"],
        ["--latents", noise.to_str().unwrap()],
        ["--out-latents", latents.to_str().unwrap()],
    ];
    sample(&flags.concat(), &file("out.png")).unwrap();
    let made = Tensor::read_safetensors(&latents).unwrap().remove(0).1;
    let wanted = expected("run_ddim");
    let off = (made - &wanted).abs().max().double_value(&[]) / wanted.abs().max().double_value(&[]);
    assert!(off < 1e-4, "{off}");
    let pictures = expected("final").to_kind(Kind::Int);
    for (n, name) in ["out.png", "out-2.png"].into_iter().enumerate() {
        let picture = image::open(file(name)).unwrap().to_rgb8();
        let wanted: Vec<i32> = Vec::try_from(pictures.get(n as i64).flatten(0, -1)).unwrap();
        let off = picture.as_raw().iter().zip(wanted).map(|(a, b)| (i32::from(*a) - b).abs()).max();
        assert!(off <= Some(1), "{name}: {off:?}");
    }
}

#[test]
fn every_flag_counts() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let picture = |name: &str, shade: &dyn Fn(u32) -> u8| {
        image::GrayImage::from_fn(16, 16, |x, _| image::Luma([shade(x)])).save(file(name)).unwrap();
        file(name)
    };
    let (init, mask) =
        (picture("init.png", &|x| x as u8 * 16), picture("mask.png", &|x| (x / 8 * 255) as u8));
    let change = |inner: i64, outer: i64| {
        let ones = |shape: [i64; 2]| Tensor::ones(shape, (Kind::Float, tch::Device::Cpu));
        let place = "unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_v";
        [
            (format!("{place}.lora_A.weight"), ones([2, inner])),
            (format!("{place}.lora_B.weight"), ones([outer, 2])),
        ]
    };
    let shape = Tensor::read_safetensors(golden().join("unet/diffusion_pytorch_model.safetensors"))
        .unwrap()
        .into_iter()
        .find(|(name, _)| name == "mid_block.attentions.0.transformer_blocks.0.attn2.to_v.weight")
        .unwrap()
        .1
        .size();
    Tensor::write_safetensors(&change(shape[1], shape[0]), file("loud.safetensors")).unwrap();
    let lora = |weight: &str| format!("{}:{weight}", file("loud.safetensors"));
    let (loud, quiet) = (lora("0.5"), lora("-0.2"));
    let usual =
        ["--prompt", "a house", "--steps", "3", "--scheduler", "euler", "--device", "cpu", "--size", "16x16"];
    let from = ["--init", &init, "--strength", "0.7"];
    let made = |name: &str, more: &[&str]| {
        let out = file(name);
        sample(&[&usual[..], more].concat(), Path::new(&out))
            .unwrap_or_else(|why| panic!("{more:?}: {why:#}"));
        image::open(out).unwrap().to_rgb8().into_raw()
    };
    let plain = made("plain.png", &[]);
    assert_eq!(plain.len(), 16 * 16 * 3);
    let mut known = vec![plain.clone(), made("init-out.png", &from)];
    for more in [
        &["--seed", "7"][..],
        &["--negative", "dark"],
        &["--guidance", "2"],
        &["--sigmas", "karras"],
        &["--clip-skip", "1"],
        &["--dtype", "bf16"],
        &["--lora", &loud],
        &["--lora", &loud, "--lora", &quiet],
        &[&from[..], &["--mask", &mask]].concat(),
        &[&from[..], &["--mask", &mask, "--mask-blur", "3"]].concat(),
    ] {
        let picture = made("other.png", more);
        assert!(!known.contains(&picture), "{more:?} changes nothing");
        known.push(picture);
    }
    assert_eq!(made("again.png", &["--seed", "0"]), plain);
}

#[test]
fn what_cannot_be_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.png");
    for (flags, said) in [
        (vec!["--steps", "0"], "steps"),
        (vec!["--size", "17x16"], "width"),
        (vec!["--latents", "/nowhere"], "/nowhere"),
        (vec!["--init", "/nowhere.png"], "/nowhere.png"),
        (vec!["--lora", "/nowhere:0.5"], "/nowhere"),
        (vec!["--scheduler", "magic"], "unipc"),
        (vec!["--clip-skip", "9"], "clip_skip"),
        (vec!["--prompt", "a house <lora:ink:0.8>"], "give it with --lora PATH:WEIGHT"),
        (vec!["--scheduler", "ddim", "--sigmas", "karras"], "ddim knows no other spacing"),
    ] {
        let error = format!("{:#}", sample(&flags, &out).unwrap_err());
        assert!(error.contains(said), "{flags:?}: {error}");
        assert!(!out.exists());
    }
}
