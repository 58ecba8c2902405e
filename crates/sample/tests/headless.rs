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
    ] {
        let error = format!("{:#}", sample(&flags, &out).unwrap_err());
        assert!(error.contains(said), "{flags:?}: {error}");
        assert!(!out.exists());
    }
}
