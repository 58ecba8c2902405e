//! How good a model is, on cases that training never saw, beside baselines in the same run.

pub mod cases;
mod judge;
mod measures;
mod sheet;

use crate::cores::on_all_cores;
use crate::picture::{request, run};
use crate::rng::Rng;
use crate::train::pairs::to_tensor;
use cases::{Case, Said, case};
use judge::{Judge, Right, seen};
use measures::{colour_distance, edge_agreement, frechet};
use sampler::{Model, Picture, QuantisedLatent};
use serde::Serialize;
use sheet::Sheet;
use std::error::Error;
use std::path::Path;
use std::time::Instant;
use tch::{Device, Kind, Tensor};

/// Cases on the contact sheet.
const SHOWN: usize = 64;

/// Everything is a mean over all cases unless it says otherwise.
#[derive(Debug, Serialize)]
pub struct Figures {
    pub cases: usize,
    /// Agreement of colours with the truth: 1 is the truth itself, 0 the truth of another case. `few` are the
    /// steps that the distilled UNet learned, `live` those of pictures that follow the pen.
    pub colour: f64,
    pub colour_few: f64,
    pub colour_live: f64,
    pub colour_shuffled: f64,
    pub colour_sketch: f64,
    pub colour_sketch_decoded: f64,
    /// Correlation of edges with those of the truth.
    pub edges: f64,
    pub edges_few: f64,
    pub edges_live: f64,
    pub edges_shuffled: f64,
    pub edges_sketch: f64,
    pub edges_sketch_decoded: f64,
    /// Shares of the pictures that the judge takes for what their prompt says.
    pub style_accuracy: f64,
    pub style_accuracy_few: f64,
    pub style_accuracy_live: f64,
    pub style_accuracy_truth: f64,
    /// Of true pictures through the autoencoder: what it loses, no denoiser can bring back.
    pub style_accuracy_truth_decoded: f64,
    /// The same for what the prompt would have said, had it not been another's.
    pub style_accuracy_shuffled: f64,
    pub hour_accuracy: f64,
    pub hour_accuracy_few: f64,
    pub hour_accuracy_live: f64,
    pub hour_accuracy_truth: f64,
    pub hour_accuracy_shuffled: f64,
    /// Fréchet distances to the truth.
    pub frechet: f64,
    pub frechet_few: f64,
    pub frechet_live: f64,
    pub frechet_baseline: f64,
    pub frechet_truth_decoded: f64,
    /// Of as many other true pictures: no model can be expected to be nearer.
    pub frechet_floor: f64,
    /// Previews from bytes against the pictures at their size, and with the best affine map there is.
    pub preview_db: f64,
    pub preview_best_db: f64,
    /// Median seconds of a picture.
    pub picture_s: f64,
    pub picture_few_s: f64,
    pub picture_live_s: f64,
}

/// One way of turning cases into pictures, and how it did so far.
#[derive(Default)]
struct Way {
    colour: f64,
    edges: f64,
    seen: Vec<Tensor>,
    seconds: Vec<f64>,
}

impl Way {
    fn add(&mut self, picture: &Tensor, truth: &Tensor) {
        self.colour += colour_distance(picture, truth);
        self.edges += edge_agreement(picture, truth);
        self.seen.push(seen(picture));
    }
}

/// Takes all figures of a model folder; writes a sheet of sketches, results and truths to `contact`.
pub fn evaluate(
    folder: &Path,
    count: usize,
    contact: Option<&Path>,
    remark: &dyn Fn(&str),
) -> Result<Figures, Box<dyn Error>> {
    let mut model = Model::load(folder, &sampler::Reading::exact(Device::Cpu))?;
    model.suit()?;
    model.suit_few()?;
    let size = model.card().defaults.width;
    remark("painting the cases");
    let said = Said::in_training();
    let cases = on_all_cores(0..count as u64, |n| case(n, size, &said));
    let truths: Vec<Tensor> = cases.iter().map(|case| tensor(&case.truth, size)).collect();
    let others = shuffled(count);
    let [mut full, mut few, mut live, mut mixed] = [const { () }; 4].map(|()| Way::default());
    let [mut sketch, mut decoded, mut truth, mut truth_decoded] = [const { () }; 4].map(|()| Way::default());
    let mut previews = Previews::default();
    let mut sheet = Sheet::default();
    let mut unrelated = 0.0;
    let autoencoder = model.pixels();
    for (n, (case, true_picture)) in cases.iter().zip(&truths).enumerate() {
        if n % 25 == 0 {
            remark(&format!("{n} of {count} cases"));
        }
        let (picture, preview, seconds) = make(&model, case, &case.prompt, None)?;
        let made = tensor(&picture.rgb, size);
        previews.add(&model, &preview, &made);
        full.add(&made, true_picture);
        full.seconds.push(seconds);
        if let Some(distilled) = model.card().distilled {
            for (way, steps) in [(&mut few, distilled.steps), (&mut live, distilled.live_steps())] {
                let (picture, _, seconds) = make(&model, case, &case.prompt, Some(steps))?;
                way.add(&tensor(&picture.rgb, size), true_picture);
                way.seconds.push(seconds);
            }
        }
        let (other, ..) = make(&model, case, &cases[others[n]].prompt, None)?;
        mixed.add(&tensor(&other.rgb, size), true_picture);
        let through = |rgb: &[u8]| -> Result<Tensor, Box<dyn Error>> {
            let picture = Picture { width: size, height: size, rgb: rgb.to_vec() };
            Ok(tensor(&autoencoder.decode(&autoencoder.encode(&picture)?)?.rgb, size))
        };
        sketch.add(&tensor(&case.sketch, size), true_picture);
        decoded.add(&through(&case.sketch)?, true_picture);
        truth.add(true_picture, true_picture);
        truth_decoded.add(&through(&case.truth)?, true_picture);
        unrelated += colour_distance(&truths[others[n]], true_picture);
        if n < SHOWN {
            sheet.add([&case.sketch, &picture.rgb, &case.truth], size, &case.prompt);
        }
    }
    if let Some(file) = contact {
        sheet.save(file)?;
    }
    remark("training the judge");
    let judge = Judge::train(size)?;
    let scenes: Vec<_> = cases.iter().map(|case| &case.scene).collect();
    let features = |way: &Way| (!way.seen.is_empty()).then(|| judge.all_features(&Tensor::cat(&way.seen, 0)));
    let [full_seen, few_seen, live_seen, mixed_seen, decoded_seen, truth_decoded_seen] =
        [&full, &few, &live, &mixed, &decoded, &truth_decoded].map(features);
    let true_seen = judge.all_features(&Tensor::cat(&truth.seen, 0));
    remark(&format!("true pictures: {}", judge.styles_told(&true_seen, &scenes)));
    if let Some(seen) = &full_seen {
        remark(&format!("made pictures: {}", judge.styles_told(seen, &scenes)));
    }
    let right =
        |seen: &Option<Tensor>| seen.as_ref().map_or_else(Right::default, |f| judge.right(f, &scenes));
    let distance = |seen: &Option<Tensor>| seen.as_ref().map_or(f64::NAN, |f| frechet(f, &true_seen));
    remark("painting other scenes");
    let fresh =
        on_all_cores(count as u64..2 * count as u64, |n| seen(&tensor(&case(n, size, &said).truth, size)));
    let fresh = judge.all_features(&Tensor::cat(&fresh, 0));
    let colour = |way: &Way| if way.seen.is_empty() { f64::NAN } else { 1.0 - way.colour / unrelated };
    let edges = |way: &Way| if way.seen.is_empty() { f64::NAN } else { way.edges / count as f64 };
    let [full_right, few_right, live_right, mixed_right, truth_decoded_right] =
        [&full_seen, &few_seen, &live_seen, &mixed_seen, &truth_decoded_seen].map(right);
    let true_right = judge.right(&true_seen, &scenes);
    Ok(Figures {
        cases: count,
        colour: colour(&full),
        colour_few: colour(&few),
        colour_live: colour(&live),
        colour_shuffled: colour(&mixed),
        colour_sketch: colour(&sketch),
        colour_sketch_decoded: colour(&decoded),
        edges: edges(&full),
        edges_few: edges(&few),
        edges_live: edges(&live),
        edges_shuffled: edges(&mixed),
        edges_sketch: edges(&sketch),
        edges_sketch_decoded: edges(&decoded),
        style_accuracy: full_right.style,
        style_accuracy_few: few_right.style,
        style_accuracy_live: live_right.style,
        style_accuracy_truth: true_right.style,
        style_accuracy_truth_decoded: truth_decoded_right.style,
        style_accuracy_shuffled: mixed_right.style,
        hour_accuracy: full_right.hour,
        hour_accuracy_few: few_right.hour,
        hour_accuracy_live: live_right.hour,
        hour_accuracy_truth: true_right.hour,
        hour_accuracy_shuffled: mixed_right.hour,
        frechet: distance(&full_seen),
        frechet_few: distance(&few_seen),
        frechet_live: distance(&live_seen),
        frechet_baseline: distance(&decoded_seen),
        frechet_truth_decoded: distance(&truth_decoded_seen),
        frechet_floor: frechet(&fresh, &true_seen),
        preview_db: previews.db(),
        preview_best_db: previews.best_db(),
        picture_s: middle(&mut full.seconds),
        picture_few_s: middle(&mut few.seconds),
        picture_live_s: middle(&mut live.seconds),
    })
}

/// RGB rows to [1, 3, size, size] in -1..1.
fn tensor(rgb: &[u8], size: u32) -> Tensor {
    to_tensor(rgb, size as usize).unsqueeze(0)
}

/// Another case for each, every one once: one cycle (Sattolo 1986).
fn shuffled(count: usize) -> Vec<usize> {
    let mut others: Vec<usize> = (0..count).collect();
    let mut rng = Rng::new(11);
    for i in (1..count).rev() {
        others.swap(i, rng.below(i));
    }
    others
}

fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// A picture, its last preview, and the seconds that it took; in so many steps of the distilled UNet, or in
/// the model's own.
fn make(
    model: &Model,
    case: &Case,
    prompt: &str,
    few: Option<u32>,
) -> Result<(Picture, QuantisedLatent, f64), Box<dyn Error>> {
    let begun = Instant::now();
    let run = run(model, &request(model, prompt, &case.sketch, case.scene.seed, few))?;
    let preview = run.preview(0)?;
    let picture = run.finish()?.pop().ok_or("no picture came back")?;
    Ok((picture, preview, begun.elapsed().as_secs_f64()))
}

/// Previews and the pictures that they stand for, position by position.
#[derive(Default)]
struct Previews {
    shown: Vec<Tensor>,
    bytes: Vec<Tensor>,
    wanted: Vec<Tensor>,
}

impl Previews {
    fn add(&mut self, model: &Model, preview: &QuantisedLatent, picture: &Tensor) {
        let map = model.preview_map().expect("it has shown previews");
        let channels = i64::from(preview.channels);
        let bytes = Tensor::from_slice(&preview.data).to_kind(Kind::Double).view([channels, -1]);
        let matrix = Tensor::from_slice(&map.matrix.concat()).to_kind(Kind::Double).view([3, channels]);
        let offset = Tensor::from_slice(&map.offset).to_kind(Kind::Double).view([3, 1]);
        let small = picture.avg_pool2d([8, 8], [8, 8], [0, 0], false, true, None);
        self.shown.push((matrix.matmul(&bytes) + offset).clamp(0.0, 255.0).transpose(0, 1));
        self.bytes.push(bytes.transpose(0, 1));
        self.wanted.push(((small + 1.0) * 127.5).to_kind(Kind::Double).view([3, -1]).transpose(0, 1));
    }

    fn db(&self) -> f64 {
        decibels(&Tensor::cat(&self.shown, 0), &Tensor::cat(&self.wanted, 0))
    }

    fn best_db(&self) -> f64 {
        let (bytes, wanted) = (Tensor::cat(&self.bytes, 0), Tensor::cat(&self.wanted, 0));
        let ones = Tensor::ones([bytes.size()[0], 1], (Kind::Double, Device::Cpu));
        let bytes = Tensor::cat(&[&bytes / 255.0, ones], 1);
        let normal = bytes.transpose(0, 1).matmul(&bytes);
        let best = normal.inverse().matmul(&bytes.transpose(0, 1).matmul(&wanted));
        decibels(&bytes.matmul(&best).clamp(0.0, 255.0), &wanted)
    }
}

fn decibels(a: &Tensor, b: &Tensor) -> f64 {
    20.0 * 255_f64.log10() - 10.0 * (a - b).square().mean(Kind::Double).double_value(&[]).log10()
}
