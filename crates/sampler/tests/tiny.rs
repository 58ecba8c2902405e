//! Tiny autoencoders that lie beside a model: those that know its latents are found by trying.

use sampler::{Model, Reading, Request};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use tch::{Device, Tensor};

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/pentimento")
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// The decoder of the shipped model, as the author's own code would store it alone.
fn in_the_authors_layout(path: &Path) {
    let stored = shipped().join("vae/diffusion_pytorch_model.safetensors");
    let renamed = |(name, tensor): (String, Tensor)| {
        let (layer, rest) = name.strip_prefix("decoder.layers.")?.split_once('.')?;
        Some((format!("{}.{rest}", layer.parse::<u32>().ok()? + 1), tensor))
    };
    let tensors: HashMap<String, Tensor> =
        Tensor::read_safetensors(stored).unwrap().into_iter().filter_map(renamed).collect();
    Tensor::write_safetensors(&tensors.iter().collect::<Vec<_>>(), path).unwrap();
}

#[test]
fn only_those_that_know_the_latents_decode_previews() {
    let model = Model::load(&shipped(), &Reading::exact(Device::Cpu)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (alone, broken) = (folder.path().join("alone.safetensors"), folder.path().join("broken.safetensors"));
    in_the_authors_layout(&alone);
    fs::write(&broken, "no such file").unwrap();
    let others =
        [golden("sketch/vae"), golden("families/sd1.safetensors"), broken, folder.path().join("none")];

    let (known, unread) = model.tiny_decoders(&others);
    assert!(known.is_empty(), "another family's, a whole checkpoint, and no checkpoint at all");
    assert_eq!(unread.len(), 3, "{unread:?}");
    assert!(unread.iter().any(|why| why.to_string().contains("tiny autoencoder")), "{unread:?}");

    let mut run = model.start(&Request { steps: 2, prompt: "a house".into(), ..Request::default() }).unwrap();
    run.step(&|| true).unwrap();
    let preview = run.preview(0).unwrap();
    let picture = model.decoder().unwrap().decode(&preview).unwrap();
    let (known, _) = model.tiny_decoders(&[others[0].clone(), shipped().join("vae"), alone]);
    assert_eq!(known.len(), 2, "a folder of diffusers, and a file of the author's");
    for (share, decoder) in known {
        assert!((0.9..=1.0).contains(&share), "{share}");
        let decoded = std::thread::spawn({
            let preview = preview.clone();
            move || decoder.decode(&preview).unwrap()
        });
        let decoded = decoded.join().unwrap();
        let apart = decoded.rgb.iter().zip(&picture.rgb).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        // In bfloat16 where that is quicker.
        assert!(apart <= 12, "{apart} levels apart");
    }
}
