//! `cargo xtask sample`.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    sampler::process::suit();
    match sample::run(&sample::flags::Flags::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("No picture was made: {error:#}");
            ExitCode::FAILURE
        }
    }
}
