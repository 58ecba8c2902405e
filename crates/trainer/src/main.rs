//! `trainer <word>`: every step from nothing to the model that ships.

mod commands;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    sampler::process::suit();
    commands::run()
}
