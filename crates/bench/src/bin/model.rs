//! How good the model is, on 500 held-out cases whose sketches are drawn with the studio's own brush.
//!
//! `colour` (1 is the truth, 0 is another case's) and `edges` (correlation) say how well pictures follow
//! the sketch; beside them stand the sketch itself (`_sketch`), the sketch through the autoencoder
//! (`_sketch_decoded`), the model with another case's prompt (`_shuffled`) and its few steps (`_few`).
//! `style_accuracy` and `hour_accuracy` are what a small classifier, trained on true pictures in the same
//! run, takes for what the prompt said. Fréchet distances to the truth are in that classifier's features;
//! `frechet_baseline` is the sketch through the autoencoder. The sheet of 64 cases goes to
//! `target/bench/model.png`.

use anyhow::{Result, anyhow};
use bench::figure::Options;
use clap::Parser;
use serde_json::json;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
    /// Held-out cases.
    #[arg(long, default_value_t = 500)]
    cases: usize,
}

fn main() -> Result<()> {
    sampler::process::suit();
    let arguments = Arguments::parse();
    let model = bench::model_folder();
    let sheet = bench::root().join("target/bench/model.png");
    std::fs::create_dir_all(sheet.parent().expect("it has a folder"))?;
    let figures = trainer::evaluate::evaluate(&model, arguments.cases, Some(&sheet), &|text| {
        arguments.options.remark(text)
    })
    .map_err(|error| anyhow!("{error}"))?;
    let mut line = json!({"bench": "model"});
    let figures = serde_json::to_value(figures)?;
    for (key, value) in figures.as_object().into_iter().flatten() {
        line[key] = match value.as_f64() {
            Some(number) if !value.is_u64() => bench::figure::rounded(number, 4),
            _ => value.clone(),
        };
    }
    println!("{line}");
    Ok(())
}
