//! The model card: what is always true of the shipped model, with what was measured filled in.

use crate::folder::read;
use crate::runs::{self, Run};
use serde_json::Value;
use std::error::Error;
use std::fs;
use std::path::Path;
use tch::Tensor;

const TEMPLATE: &str = include_str!("card.md");
/// Parts whose parameters are counted, and their files.
const PARTS: [(&str, &str); 5] = [
    ("unet", "diffusion_pytorch_model"),
    ("unet_distilled", "diffusion_pytorch_model"),
    ("vae", "diffusion_pytorch_model"),
    ("vae_distilled", "diffusion_pytorch_model"),
    ("text_encoder", "model"),
];

/// Writes `README.md` into a model folder; `figures` is what `evaluate` printed.
///
/// # Errors
/// If a part is missing, or a figure that the card tells.
pub fn write(folder: &Path, figures: &Path) -> Result<(), Box<dyn Error>> {
    let figures: Value = serde_json::from_slice(&fs::read(figures)?)?;
    let mut values = Vec::new();
    let mut bytes = 0;
    for (part, stem) in PARTS {
        let file = folder.join(part).join(format!("{stem}.safetensors"));
        let parameters: usize = read(&file)?.values().map(Tensor::numel).sum();
        values.push((part.to_owned(), format!("{:.2} M", parameters as f64 / 1e6)));
        bytes += fs::metadata(file)?.len();
    }
    values.push(("size".into(), format!("{:.0} MB", bytes as f64 / 1e6)));
    let runs: Vec<String> = runs::read(folder)?.iter().map(row).collect();
    if runs.is_empty() {
        return Err(format!("{}: no list of runs; export writes it", folder.display()).into());
    }
    values.push(("runs".into(), runs.join("\n")));
    for (key, value) in figures.as_object().ok_or("the figures are no JSON object")? {
        values.push((key.clone(), told(key, value)));
    }
    Ok(fs::write(folder.join("README.md"), filled(TEMPLATE, &values)?)?)
}

fn row(run: &Run) -> String {
    let Run { network, options, pictures, samples, minutes, processor, cores, .. } = run;
    format!("| {network} | {options} | {pictures} | {samples} | {minutes} | {processor}, {cores} cores |")
}

/// Shares as per cent, everything else with as many digits as mean something.
fn told(key: &str, value: &Value) -> String {
    match value.as_f64() {
        Some(share) if key.contains("accuracy") => format!("{:.0}", share * 100.0),
        Some(whole) if value.is_u64() => whole.to_string(),
        Some(level) if key.ends_with("_db") => format!("{level:.1}"),
        Some(number) => format!("{number:.3}"),
        None => value.to_string(),
    }
}

fn filled(template: &str, values: &[(String, String)]) -> Result<String, Box<dyn Error>> {
    let mut text = template.to_owned();
    for (key, value) in values {
        text = text.replace(&format!("{{{{{key}}}}}"), value);
    }
    match text.split_once("{{").and_then(|(_, rest)| rest.split_once("}}")) {
        Some((missing, _)) => Err(format!("the card tells {missing}, which was not measured").into()),
        None => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_card_tells_what_was_measured_and_nothing_else() {
        let values = [("style_accuracy", json!(0.912)), ("cases", json!(500)), ("preview_db", json!(31.76))];
        let values = values.map(|(key, value)| (key.to_owned(), told(key, &value)));
        let text =
            filled("{{style_accuracy}} % of {{cases}} at {{preview_db}} dB", &values).expect("all there");
        assert_eq!(text, "91 % of 500 at 31.8 dB");
        let refused = filled("{{cases}} {{frechet}}", &values).expect_err("one is missing");
        assert!(refused.to_string().contains("frechet"), "{refused}");
    }
}
