//! The families in their published sizes: what their files hold, and that it is recognised. No weights.

use super::{original_name, single};
use crate::Reading;
use crate::archive::{Place, View};
use crate::autoencoder::AutoencoderConfig;
use crate::autoencoder_kl::{AutoencoderKl, AutoencoderKlConfig};
use crate::text::{ClipText, TextConfig};
use crate::unet::{UNet, UNetConfig};
use crate::weights::Weights;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use tch::{Device, Kind};

/// `golden/families/published.json`: configurations, and hashes of the names and shapes that the reference has.
#[derive(Deserialize)]
struct Published {
    unet: UNetConfig,
    vae: AutoencoderKlConfig,
    texts: Vec<TextConfig>,
    tensors: Hashes,
}

#[derive(Deserialize)]
struct Hashes {
    unet: String,
    vae: String,
    texts: Vec<String>,
    original: String,
}

/// All families, by name.
fn published() -> BTreeMap<String, Published> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/families/published.json");
    crate::config::read(&golden).unwrap()
}

type Shapes = BTreeMap<String, Vec<i64>>;

/// FNV-1a of all names and shapes.
fn hash(shapes: &Shapes) -> String {
    let line = |(name, shape): (&String, &Vec<i64>)| {
        format!("{name} {}", shape.iter().map(i64::to_string).collect::<Vec<_>>().join("x"))
    };
    let mut lines: Vec<String> = shapes.iter().map(line).collect();
    lines.sort();
    let hash = lines.join("\n").bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    hash.to_string()
}

fn unet(config: &UNetConfig) -> Shapes {
    let (weights, listed) = Weights::listed();
    UNet::new(&weights, config).unwrap();
    listed.take()
}

fn autoencoder(config: &AutoencoderKlConfig) -> Shapes {
    let (weights, listed) = Weights::listed();
    AutoencoderKl::new(&weights, config).unwrap();
    listed.take()
}

/// With a projection or without.
fn text(config: &TextConfig, projected: bool) -> Shapes {
    let (weights, listed) = Weights::listed();
    ClipText::new(&weights, &TextConfig { pools: projected, ..config.clone() }).unwrap();
    listed.take()
}

/// What the original code would write: the names that are asked for here, and the shapes that they have there.
fn original(published: &Published) -> Shapes {
    let mut shapes = Shapes::new();
    for (name, shape) in unet(&published.unet) {
        let name = original_name(&name, &published.unet).unwrap();
        shapes.insert(format!("model.diffusion_model.{name}"), shape);
    }
    for (name, shape) in autoencoder(&published.vae) {
        let place = super::ldm::autoencoder(&name, published.vae.block_out_channels.len()).unwrap();
        let matrix = place.name.contains(".attn_1.") && shape.len() == 2;
        let shape = if matrix { [shape, vec![1, 1]].concat() } else { shape };
        shapes.insert(format!("first_stage_model.{}", place.name), shape);
    }
    let two = published.texts.len() > 1;
    for (n, config) in published.texts.iter().enumerate() {
        let open_clip = config.hidden_act == "gelu";
        let prefix = match (two, open_clip) {
            (false, false) => "cond_stage_model.transformer.".to_owned(),
            (false, true) => "cond_stage_model.model.".to_owned(),
            (true, false) => format!("conditioner.embedders.{n}.transformer."),
            (true, true) => format!("conditioner.embedders.{n}.model."),
        };
        // The file has the layer that Stable Diffusion 2 leaves out.
        let layers = config.num_hidden_layers + i64::from(open_clip && !two);
        let whole = TextConfig { num_hidden_layers: layers, ..config.clone() };
        for (name, mut shape) in text(&whole, open_clip && two) {
            let place = match open_clip {
                true => super::ldm::open_clip(&name).unwrap(),
                false => Place { name, view: View::Whole },
            };
            match place.view {
                View::Third(_) => shape[0] *= 3,
                View::Transposed => shape.reverse(),
                _ => {}
            }
            shapes.insert(format!("{prefix}{}", place.name), shape);
        }
    }
    shapes
}

/// A file of such tensors, all of zeros that take no room on the disk, which say nothing: the file tells what they predict.
fn write(path: &Path, shapes: &Shapes, predicts: &str) {
    let mut end = 0;
    let entries = shapes.iter().map(|(name, shape)| {
        let start = end;
        end += 2 * shape.iter().product::<i64>();
        (name.clone(), serde_json::json!({"dtype": "F16", "shape": shape, "data_offsets": [start, end]}))
    });
    let told = serde_json::json!({"modelspec.prediction_type": predicts});
    let entries = entries.chain([("__metadata__".to_owned(), told)]);
    let header = serde_json::Value::Object(entries.collect()).to_string();
    let mut file = File::create(path).unwrap();
    file.write_all(&(header.len() as u64).to_le_bytes()).unwrap();
    file.write_all(header.as_bytes()).unwrap();
    file.set_len(8 + header.len() as u64 + end as u64).unwrap();
}

#[test]
fn published_sizes_have_the_references_tensors_and_are_recognised_in_one_file() {
    let families = published();
    assert_eq!(families.len(), 7);
    let folder = tempfile::tempdir().unwrap();
    for (name, published) in &families {
        let Hashes { unet: of_unet, vae, texts, original: of_file } = &published.tensors;
        let wanted = unet(&published.unet);
        assert_eq!(hash(&wanted), *of_unet, "{name}");
        assert_eq!(hash(&autoencoder(&published.vae)), *vae, "{name}");
        let two = published.texts.len() > 1;
        for (config, of_text) in published.texts.iter().zip(texts) {
            let projected = two && config.hidden_act == "gelu";
            assert_eq!(hash(&text(config, projected)), *of_text, "{name}");
        }
        let file = original(published);
        assert_eq!(hash(&file), *of_file, "{name}");

        let path = folder.path().join(format!("{name}.safetensors"));
        write(&path, &file, if name == "sd2" { "v" } else { "epsilon" });
        let parts = single::open(&path, &Reading::exact(Device::Cpu).as_kind(Kind::Half)).unwrap();
        assert!(parts.fit_together().is_ok(), "{name}");
        let (found, weights) = &parts.unet;
        assert_eq!(unet(found), wanted, "{name}");
        assert!(wanted.keys().all(|tensor| weights.has(tensor)), "{name}");
        assert_eq!(found.in_channels, published.unet.in_channels);
        for stage in 0..found.block_out_channels.len() {
            let heads = |config: &UNetConfig| config.attention_head_dim.get(stage);
            assert_eq!(heads(found), heads(&published.unet), "{name}");
        }
        assert_eq!(found.sample_size, published.unet.sample_size, "{name}");
        let AutoencoderConfig::Kl(found) = &parts.autoencoder.0 else { panic!("{name}") };
        assert_eq!(autoencoder(found), autoencoder(&published.vae), "{name}");
        assert_eq!(parts.texts.len(), published.texts.len(), "{name}");
        for (found, config) in parts.texts.iter().zip(&published.texts) {
            let size =
                |text: &TextConfig| (text.num_hidden_layers, text.num_attention_heads, text.hidden_size);
            assert_eq!(size(&found.config), size(config), "{name}");
            assert_eq!(found.config.hidden_act, config.hidden_act, "{name}");
            assert!(text(config, false).keys().all(|tensor| found.weights.has(tensor)), "{name}");
        }
        std::fs::remove_file(&path).unwrap();
    }
}

#[test]
fn the_published_vocabulary_gives_the_published_ids() {
    let folder = tempfile::tempdir().unwrap();
    let families = published();
    let path = folder.path().join("model.safetensors");
    for (name, pad) in [("sd1", 49_407), ("sd2", 0)] {
        write(&path, &original(&families[name]), "epsilon");
        let parts = single::open(&path, &Reading::exact(Device::Cpu).as_kind(Kind::Half)).unwrap();
        let ids = parts.texts[0].tokenizer.ids("A Photo of an Astronaut<|endoftext|>").unwrap();
        assert_eq!(ids[..8], [49_406, 320, 1125, 539, 550, 18_376, 49_407, 49_407], "{name}");
        assert!(ids.len() == 77 && ids[8..].iter().all(|id| *id == pad), "{name}: {ids:?}");
    }
}

#[test]
fn text_encoders_with_names_of_earlier_days_are_read_and_what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let families = published();
    let path = folder.path().join("model.safetensors");
    let opened = |shapes: &Shapes| {
        write(&path, shapes, "epsilon");
        single::open(&path, &Reading::exact(Device::Cpu).as_kind(Kind::Half))
    };
    let whole = original(&families["sd1"]);
    let earlier = whole.iter().map(|(name, shape)| (name.replace(".text_model.", "."), shape.clone()));
    let parts = opened(&earlier.collect()).unwrap();
    assert!(text(&families["sd1"].texts[0], false).keys().all(|tensor| parts.texts[0].weights.has(tensor)));

    for (left_out, said) in
        [("first_stage_model.", "no autoencoder"), ("cond_stage_model.", "no text encoder")]
    {
        let rest = whole.clone().into_iter().filter(|(name, _)| !name.starts_with(left_out));
        let refused = opened(&rest.collect()).err().unwrap().to_string();
        assert!(refused.contains(said), "{refused}");
    }
    let xl = original(&families["xl"]).into_iter();
    let refiner = xl.filter(|(name, _)| !name.starts_with("conditioner.embedders.0."));
    assert!(opened(&refiner.collect()).err().unwrap().to_string().contains("refiner"));
}
