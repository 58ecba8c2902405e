//! `cargo xtask <word>`: the one door. Sets up what is missing, builds, runs, tests and measures.

mod autobahn;
mod build;
mod cli;
mod dev;
mod doctor;
mod lan;
mod paths;
mod run;
mod say;
mod setup;
mod shell;
mod site;
mod test;

use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Word};

fn main() -> ExitCode {
    let outcome = match Cli::parse().word {
        Word::Run { host, port, server } => run::run(host, port, server),
        Word::Test(choice) => return test::test(choice),
        Word::Build { site_only } => build::build(site_only),
        Word::Dev { server } => dev::dev(server),
        Word::Bench { name, arguments } => build::bench(&name, arguments),
        Word::Sample { arguments } => build::sample(arguments),
        Word::Train { arguments } => build::train(arguments),
        Word::Autobahn => autobahn::autobahn(),
        Word::Setup => setup::ensure(setup::all()),
        Word::Doctor => return doctor::doctor(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::failed(&error);
            ExitCode::FAILURE
        }
    }
}
