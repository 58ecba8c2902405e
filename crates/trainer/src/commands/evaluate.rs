//! How good a model is, and how its training went.

use clap::Args;
use std::error::Error;
use std::path::PathBuf;
use trainer::{card, curve, evaluate};

#[derive(Args)]
pub struct Evaluate {
    /// The model folder.
    model: PathBuf,
    #[arg(long, default_value_t = 500)]
    cases: usize,
    /// The PNG to show 64 of them on.
    #[arg(long)]
    sheet: Option<PathBuf>,
}

impl Evaluate {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let remark = |text: &str| eprintln!("{text}");
        let figures = evaluate::evaluate(&self.model, self.cases, self.sheet.as_deref(), &remark)?;
        println!("{}", serde_json::to_string_pretty(&figures)?);
        Ok(())
    }
}

#[derive(Args)]
pub struct Card {
    /// The model folder.
    model: PathBuf,
    /// The JSON that `evaluate` printed.
    figures: PathBuf,
}

impl Card {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        card::write(&self.model, &self.figures)
    }
}

#[derive(Args)]
pub struct Curve {
    /// The PNG to write.
    file: PathBuf,
    /// Logs of runs, as they lie beside the weights.
    #[arg(required = true)]
    logs: Vec<PathBuf>,
}

impl Curve {
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        curve::draw(&self.logs, &self.file)
    }
}
