//! The golden checkpoints and how close is close enough.
#![allow(dead_code)]

use safetensors::tensor::{Dtype, TensorView};
use sampler::{Model, Picture, Request};
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use tch::{Device, Kind, Tensor};

pub const PROMPT: &str = "A house under the sun, it's red";
pub const NEGATIVE: &str = "dark";

/// Relative to the largest value. The promise is 1e-3; one CPU against itself is below 2e-5.
const CLOSE: f64 = 1e-4;

pub fn folder(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// A copy of a golden folder that may be changed.
pub fn copied(name: &str) -> tempfile::TempDir {
    fn all(from: &Path, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let target = to.join(entry.file_name());
            match entry.path().is_dir() {
                true => all(&entry.path(), &target),
                false => drop(fs::copy(entry.path(), target).unwrap()),
            }
        }
    }
    let target = tempfile::tempdir().unwrap();
    all(&folder(name), target.path());
    target
}

pub fn model(name: &str) -> Model {
    // Networks this small only make threads wait for each other.
    tch::set_num_threads(1);
    Model::load(&folder(name), &sampler::Reading::exact(device())).unwrap()
}

/// Where the golden runs compute: the processor, or the GPU of `PENTIMENTO_TEST_DEVICE=cuda` (with
/// `NVIDIA_TF32_OVERRIDE=0`, since the reference's numbers are float32).
pub fn device() -> Device {
    match std::env::var("PENTIMENTO_TEST_DEVICE").as_deref() {
        Ok("cuda") => Device::Cuda(0),
        _ => Device::Cpu,
    }
}

/// A folder with `model.safetensors` of a family, as the original code would write it, and its tokenizers.
pub fn single(name: &str) -> tempfile::TempDir {
    let folder = copied("families");
    if name == "sd2" {
        // Its one text encoder is OpenCLIP's.
        fs::remove_dir_all(folder.path().join("tokenizer")).unwrap();
        fs::rename(folder.path().join("tokenizer_2"), folder.path().join("tokenizer")).unwrap();
    }
    // The file of a fine-tune says what it predicts, where its family has both.
    let predicts = if name == "sd2" { "v" } else { "epsilon" };
    let metadata = HashMap::from([("modelspec.prediction_type".to_owned(), predicts.to_owned())]);
    let file = written(&folder.path().join(format!("{name}.json")), Some(metadata), None);
    fs::write(folder.path().join("model.safetensors"), file).unwrap();
    folder
}

/// A safetensors file of the names and shapes in a JSON file; with a scalar `alpha` beside each half of a LoRA
/// that is named as kohya does.
pub fn written(shapes: &Path, metadata: Option<HashMap<String, String>>, alpha: Option<f32>) -> Vec<u8> {
    let shapes: BTreeMap<String, Vec<usize>> = sampler::config::read(shapes).unwrap();
    let halves: Vec<(String, Vec<usize>, Vec<u8>)> =
        shapes.into_iter().map(|(name, shape)| (name.clone(), shape.clone(), told(&name, &shape))).collect();
    let alpha = alpha.map(f32::to_le_bytes);
    let alphas = alpha.iter().flat_map(|alpha| {
        let places = halves.iter().filter_map(|(name, ..)| name.strip_suffix(".lora_down.weight"));
        places.map(|place| (format!("{place}.alpha"), TensorView::new(Dtype::F32, vec![], alpha).unwrap()))
    });
    let views = halves.iter().map(|(name, shape, bytes)| {
        (name.clone(), TensorView::new(Dtype::F16, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize(views.chain(alphas), metadata).unwrap()
}

/// The weights of `golden/make.py`, by name and place: FNV-1a and splitmix64, in half precision.
fn told(name: &str, shape: &[usize]) -> Vec<u8> {
    let seed = name.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |seed, byte| {
        (seed ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    let unit = |n: u64| {
        let mut z = n.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(seed);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / 2f64.powi(52) - 1.0
    };
    let value = |unit: f64| match shape {
        [_] => 0.1 * unit + if name.ends_with("weight") { 1.0 } else { 0.0 },
        _ if name.contains("embedding") => 0.3 * unit,
        _ => unit * (3.0 / shape[1..].iter().product::<usize>() as f64).sqrt(),
    };
    let count = shape.iter().product::<usize>() as u64;
    let values: Vec<f64> = (1..=count).map(|n| value(unit(n))).collect();
    let halves = Tensor::from_slice(&values).to_kind(Kind::Half);
    let mut bytes = vec![0; 2 * values.len()];
    halves.copy_data_u8(&mut bytes, values.len());
    bytes
}

/// The noise that `make.py` gave the reference: the n-th call gives the n-th.
pub fn fresh(shape: &[i64]) -> impl FnMut() -> Tensor + use<> {
    let (mut calls, shape) = (0.0, shape.to_vec());
    move || {
        calls += 1.0;
        let value = |place: i64| ((place as f64 * 12.9898 + calls * 78.233).sin() * 1.5) as f32;
        let values: Vec<f32> = (0..shape.iter().product()).map(value).collect();
        Tensor::from_slice(&values).reshape(shape.as_slice())
    }
}

/// What the reference gave, by name.
pub struct Expected(HashMap<String, Tensor>);

impl Expected {
    pub fn of(name: &str) -> Self {
        let beside = folder(&format!("{name}.safetensors"));
        let path = if beside.is_file() { beside } else { folder(name).join("expected.safetensors") };
        Self(Tensor::read_safetensors(path).unwrap().into_iter().collect())
    }

    pub fn get(&self, name: &str) -> &Tensor {
        &self.0[name]
    }

    /// The picture that the reference encoded.
    pub fn picture(&self) -> Picture {
        bytes(self.get("picture"))
    }

    #[track_caller]
    pub fn check(&self, name: &str, found: &Tensor) {
        let wanted = self.get(name).to_kind(Kind::Float);
        assert_eq!(found.size(), wanted.size(), "{name}");
        let most = wanted.abs().max().double_value(&[]);
        let off = (found.to_device(Device::Cpu) - wanted).abs().max().double_value(&[]) / most;
        assert!(off < CLOSE, "{name} is off by {off:e} of its largest value");
        println!("{name}: {off:e}");
    }
}

/// [H, W, 3] bytes.
pub fn bytes(tensor: &Tensor) -> Picture {
    let size = tensor.size();
    let rgb = Vec::try_from(tensor.flatten(0, -1)).unwrap();
    Picture { width: size[1] as u32, height: size[0] as u32, rgb }
}

pub fn request(side: u32) -> Request {
    Request {
        prompt: PROMPT.into(),
        negative: NEGATIVE.into(),
        steps: 10,
        guidance: 5.0,
        image_guidance: Some(1.0),
        seeds: vec![0, 1],
        width: side,
        height: side,
        ..Request::default()
    }
}
