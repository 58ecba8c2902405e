//! The golden checkpoints and how close is close enough.
#![allow(dead_code)]

use sampler::{Model, Picture, Request, SchedulerKind};
use std::collections::HashMap;
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
    Model::load(&folder(name), Device::Cpu).unwrap()
}

/// What the reference gave, by name.
pub struct Expected(HashMap<String, Tensor>);

impl Expected {
    pub fn of(name: &str) -> Self {
        let path = folder(name).join("expected.safetensors");
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
        let off = (found - wanted).abs().max().double_value(&[]) / most;
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
        distilled: false,
        strength: 1.0,
        seeds: vec![0, 1],
        scheduler: SchedulerKind::Ddim,
        width: side,
        height: side,
        canvas: None,
    }
}
