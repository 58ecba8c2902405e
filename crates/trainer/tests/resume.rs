//! A run that was stopped goes on where it was.

use std::collections::HashMap;
use std::path::Path;
use tch::Tensor;
use trainer::paint::paint;
use trainer::scene::Scene;
use trainer::sketch::sketch;
use trainer::train::autoencoder::{self, Part, Plan};
use trainer::train::pairs::{Pairs, Writer};

/// Long enough for one step: a run ends after the step in which its time is up.
const MOMENT: f64 = 1e-6;

fn render(folder: &Path) -> Pairs {
    let mut writer = Writer::create(folder, 128, 1).expect("a writer");
    for seed in 0..3 {
        let scene = Scene::random(seed);
        writer.add(&paint(&scene, 128), &[sketch(&scene, 0, 128)], "a scene".into()).expect("added");
    }
    writer.finish(folder).expect("finished");
    Pairs::open(folder).expect("pairs")
}

fn train(pairs: &Pairs, folder: &Path, part: Part, adversarial: f64) {
    let plan = Plan { folder, minutes: MOMENT, rate: 1e-3, batch: 8, part, adversarial };
    autoencoder::train(pairs, &plan).expect("a run");
}

#[test]
fn steps_go_on_and_weights_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, state) = (folder.path().join("pairs"), folder.path().join("state"));
    std::fs::create_dir(&state).expect("a folder");
    let pairs = render(&data);
    let step = || std::fs::read_to_string(state.join("autoencoder.step")).expect("a step");
    let weights = || std::fs::read(state.join("autoencoder.safetensors")).expect("weights");
    train(&pairs, &state, Part::Whole, 0.0);
    let (first, before) = (step(), weights());
    train(&pairs, &state, Part::Whole, 0.0);
    assert_eq!((first.as_str(), step().as_str()), ("1", "2"));
    assert!(before != weights(), "the second run must train");
}

#[test]
fn a_run_of_the_decoder_with_a_critic_leaves_the_encoder_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let pairs = render(&folder.path().join("pairs"));
    let kept = || Tensor::read_safetensors(folder.path().join("autoencoder.safetensors")).expect("weights");
    train(&pairs, folder.path(), Part::Whole, 0.0);
    let before: HashMap<_, _> = kept().into_iter().collect();
    train(&pairs, folder.path(), Part::Decoder, 3.0);
    let moved: Vec<String> =
        kept().into_iter().filter(|(name, t)| !t.equal(&before[name])).map(|(name, _)| name).collect();
    assert!(!moved.is_empty(), "nothing was trained");
    assert!(moved.iter().all(|name| name.starts_with("decoder.")), "{moved:?}");
}

#[test]
fn pairs_give_back_what_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let pairs = render(folder.path());
    let scene = Scene::random(2);
    assert_eq!((pairs.len(), pairs.size(), pairs.sketches()), (3, 128, 1));
    assert_eq!(pairs.picture(2).expect("a picture"), paint(&scene, 128));
    assert_eq!(pairs.sketch(2, 0).expect("a sketch"), sketch(&scene, 0, 128));
}
