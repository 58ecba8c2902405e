//! The words of the command line, in the order in which they are used.

mod adopt;
mod drawings;
mod evaluate;
mod export;
mod render;
mod sample;
mod sheet;
mod train;

use clap::{Parser, Subcommand};
use std::error::Error;

#[derive(Parser)]
#[command(about = "Makes the model that ships: scenes, autoencoder, latents, denoiser, export")]
struct Arguments {
    #[command(subcommand)]
    word: Word,
}

#[derive(Subcommand)]
enum Word {
    /// Paint scenes and sketches of them to a folder of pairs.
    Render(render::Render),
    /// Put scenes and their sketches side by side on one PNG.
    Sheet(sheet::Sheet),
    /// Take down drawings as a browser would report them, stroke by stroke.
    Drawings(drawings::Drawings),
    /// Train the autoencoder on pairs.
    Autoencoder(train::Autoencoder),
    /// Encode all pairs with the trained autoencoder.
    Latents(train::Latents),
    /// Train the denoiser and the text encoder on latents.
    Diffusion(train::Diffusion),
    /// Teach a copy of the denoiser to do in four steps, without guidance, what it does in many with it.
    Distil(train::Distil),
    /// Write the model folder that the sampler loads.
    Export(export::Export),
    /// Take a model folder's weights as the state that the next runs go on from.
    Adopt(adopt::Adopt),
    /// Take a model's figures on held-out cases.
    Evaluate(evaluate::Evaluate),
    /// Write the model card from the model's folder and its figures.
    Card(evaluate::Card),
    /// Draw the loss of runs.
    Curve(evaluate::Curve),
    /// Make pictures with a model folder: held-out sketches, or sketches of one's own.
    Sample(sample::Sample),
}

pub fn run() -> Result<(), Box<dyn Error>> {
    match Arguments::parse().word {
        Word::Render(render) => render.run(),
        Word::Sheet(sheet) => sheet.run(),
        Word::Drawings(drawings) => drawings.run(),
        Word::Autoencoder(autoencoder) => autoencoder.run(),
        Word::Latents(latents) => latents.run(),
        Word::Diffusion(diffusion) => diffusion.run(),
        Word::Distil(distil) => distil.run(),
        Word::Export(export) => export.run(),
        Word::Adopt(adopt) => adopt.run(),
        Word::Evaluate(evaluate) => evaluate.run(),
        Word::Card(card) => card.run(),
        Word::Curve(curve) => curve.run(),
        Word::Sample(sample) => sample.run(),
    }
}
