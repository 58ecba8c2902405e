//! What the figures are taken with: a real studio in a child process, real sockets, a link that is
//! as slow as one asks for, and the way things were done before to compare with.
//!
//! Each program in `src/bin` measures one promise and prints one line of JSON.

pub mod browser;
pub mod crowd;
pub mod desk;
pub mod drawing;
pub mod echo;
pub mod entropy;
pub mod figure;
pub mod large;
pub mod metronome;
pub mod old;
pub mod poller;
pub mod reference;
pub mod served;
pub mod shaper;
pub mod studio;
pub mod viewer;

pub use desk::Desk;
pub use echo::Echo;
pub use shaper::{Shape, Shaper};
pub use studio::Studio;
pub use viewer::Viewer;

use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The model that figures are taken of: the shipped one, or PENTIMENTO_MODEL.
pub fn model_folder() -> PathBuf {
    root().join(std::env::var_os("PENTIMENTO_MODEL").unwrap_or("models/pentimento".into()))
}

/// Bytes of memory of a process, as the kernel tells them under this name: `VmRSS` now, `VmHWM` at the most.
pub fn memory(pid: u32, name: &str) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    let found = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kilobytes = found.with_context(|| format!("no {name}"))?.trim().trim_end_matches(" kB");
    Ok(kilobytes.parse::<u64>()? * 1024)
}

/// A picture as the model makes it by itself, with DDIM and without a drawing.
pub fn request(model: &sampler::Model) -> sampler::Request {
    let defaults = &model.card().defaults;
    sampler::Request {
        prompt: "a house under a sun".into(),
        steps: defaults.steps,
        guidance: defaults.guidance,
        width: defaults.width,
        height: defaults.height,
        ..sampler::Request::default()
    }
}
