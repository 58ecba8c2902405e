//! The builds: the site, the server, and the programs that are run from source.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::site::Effort;
use crate::{paths, say, setup, shell, site};

/// Sets up and builds everything that the studio consists of.
pub fn build(site_only: bool) -> Result<()> {
    let mut steps = setup::for_site();
    if !site_only {
        steps.splice(0..0, setup::for_native());
    }
    setup::ensure(steps)?;
    site::build(Effort::Small)?;
    if site_only { Ok(()) } else { server() }
}

/// Builds the server alone: built together with `frontend`, it would share its features.
pub fn server() -> Result<()> {
    say::heading("Server");
    let started = Instant::now();
    let mut cargo = shell::cargo();
    shell::run(cargo.args(["build", "--release", "--package", "server"]), "build the server")?;
    say::done(
        paths::short(&paths::server()),
        format!("is up to date ({})", say::duration(started.elapsed())),
    );
    Ok(())
}

/// Figures of which a half is taken in a browser.
const IN_BROWSER: [&str; 1] = ["live"];

/// Runs one of the programs of `crates/bench`, with the studio built before.
pub fn bench(name: &str, arguments: Vec<String>) -> Result<()> {
    let source = paths::root().join("crates/bench/src/bin");
    let programs = programs(&source);
    if !programs.iter().any(|program| program == name) {
        bail!("there is no figure called {name:?}; there are: {}", programs.join(", "));
    }
    // What measures owns standard output: with --json that is one line.
    say::to_standard_error();
    build(false)?;
    let mut cargo = shell::cargo();
    if IN_BROWSER.contains(&name) {
        setup::ensure(setup::for_browser_tests())?;
        cargo.env("PENTIMENTO_CHROMIUM", setup::chromium().context("no Chromium was found")?);
    }
    cargo.args(["run", "--release", "--quiet", "--package", "bench", "--bin", name, "--"]).args(arguments);
    cargo.env("PENTIMENTO_SERVER", paths::server()).env("PENTIMENTO_SITE", paths::site());
    match cargo.status()? {
        status if status.success() => Ok(()),
        status => bail!("the figure {name:?} could not be taken: it ended with {status}"),
    }
}

/// Builds an example of a package.
pub fn example(package: &str, name: &str) -> Result<()> {
    let mut cargo = shell::cargo();
    cargo.args(["build", "--release", "--quiet", "--package", package, "--example", name]);
    shell::run(&mut cargo, &format!("build the example {name:?}"))
}

/// Makes a picture; paths are relative to where the person is.
pub fn sample(arguments: Vec<String>) -> Result<()> {
    setup::ensure(setup::for_native())?;
    let mut cargo = shell::cargo();
    shell::run(cargo.args(["build", "--release", "--quiet", "--package", "sample"]), "build the sampler")?;
    let mut sample = Command::new(paths::target().join("release/sample"));
    shell::as_from_the_shell(&mut sample);
    shell::run(sample.args(arguments), "make the picture")
}

/// Runs the trainer.
pub fn train(arguments: Vec<String>) -> Result<()> {
    setup::ensure(setup::for_native())?;
    let mut cargo = shell::cargo();
    shell::run(cargo.args(["run", "--release", "--package", "trainer", "--"]).args(arguments), "train")
}

/// The names of the programs in a folder of sources: `preview.rs`, or `click/main.rs`.
fn programs(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.filter_map(|entry| Some(entry.path().file_stem()?.to_string_lossy().into_owned())).collect();
    names.sort();
    names
}
