//! What the command line may say.

use clap::{Parser, ValueEnum};
use sampler::{SchedulerKind, SigmaSpacing};
use std::path::PathBuf;

/// Make a picture with a checkpoint, without a server
#[derive(Parser)]
#[command(
    name = "cargo xtask sample",
    bin_name = "cargo xtask sample",
    after_help = "\
Settings that are left out are those that suit the checkpoint. With --latents and --out-latents any checkpoint can
be held against another program: both hold one tensor `latents` [B, C, h, w] in a safetensors file."
)]
pub struct Flags {
    /// A folder in diffusers layout, or a single .safetensors file
    #[arg(long)]
    pub model: PathBuf,
    /// What the picture shows; (words:1.3) weigh more
    #[arg(long, default_value = "")]
    pub prompt: String,
    /// What it does not show
    #[arg(long, default_value = "")]
    pub negative: String,
    #[arg(long)]
    pub steps: Option<u32>,
    /// Scale of the guidance by the words; 1 is none
    #[arg(long)]
    pub guidance: Option<f32>,
    /// The same by --init, for checkpoints that see it; 1 is none
    #[arg(long)]
    pub image_guidance: Option<f32>,
    /// How the noise is taken away
    #[arg(long, value_parser = scheduler)]
    pub scheduler: Option<SchedulerKind>,
    /// How the noise levels are spaced; left out, as the checkpoint says
    #[arg(long, value_enum)]
    pub sigmas: Option<Sigmas>,
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// Width and height in pixels, such as 512x768
    #[arg(long, value_name = "WxH", value_parser = size)]
    pub size: Option<(u32, u32)>,
    /// Unit-variance noise to start from, in place of the seed's
    #[arg(long, value_name = "FILE")]
    pub latents: Option<PathBuf>,
    /// A picture to start from; it is brought to the size
    #[arg(long, value_name = "PNG")]
    pub init: Option<PathBuf>,
    /// How far from it the picture may go, 0 to 1
    #[arg(long, requires = "init")]
    pub strength: Option<f32>,
    /// What of --init is painted anew: white is, black stays
    #[arg(long, value_name = "PNG", requires = "init")]
    pub mask: Option<PathBuf>,
    /// Softness of its edge in pixels
    #[arg(long, default_value_t = 0.0, requires = "mask")]
    pub mask_blur: f32,
    /// A ControlNet for drawings or lines: a folder in diffusers layout, or a single file
    #[arg(long, value_name = "PATH", requires = "control_image")]
    pub control: Option<PathBuf>,
    /// What it is shown, as it expects it; it is brought to the size
    #[arg(long, value_name = "PNG", requires = "control")]
    pub control_image: Option<PathBuf>,
    /// How much of what it says counts, 0 to 2
    #[arg(long, default_value_t = 1.0, requires = "control")]
    pub control_scale: f32,
    /// Changes to add, and how much of them; may be given several times
    #[arg(long, value_name = "PATH:WEIGHT", value_parser = lora)]
    pub lora: Vec<(PathBuf, f32)>,
    /// Layers of the text encoder to leave out at its end; where the studio says 1, this is 0
    #[arg(long, default_value_t = 0)]
    pub clip_skip: u32,
    #[arg(long, value_enum, default_value_t = DeviceName::Auto)]
    pub device: DeviceName,
    /// What the UNet and the text encoders compute in
    #[arg(long, value_enum, default_value_t = Kind::Fp32)]
    pub dtype: Kind,
    /// Threads; 0 for one a core
    #[arg(long, default_value_t = 0)]
    pub threads: u16,
    /// The PNG to write
    #[arg(long, value_name = "PNG")]
    pub out: PathBuf,
    /// Where the final latents go, before the autoencoder's scaling
    #[arg(long, value_name = "FILE")]
    pub out_latents: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Sigmas {
    Timesteps,
    Karras,
    Exponential,
}

impl From<Sigmas> for SigmaSpacing {
    fn from(sigmas: Sigmas) -> Self {
        match sigmas {
            Sigmas::Timesteps => Self::Timesteps,
            Sigmas::Karras => Self::Karras,
            Sigmas::Exponential => Self::Exponential,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DeviceName {
    Auto,
    Cpu,
    Cuda,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Fp32,
    Fp16,
    Bf16,
    /// What is fastest here
    Auto,
}

fn scheduler(name: &str) -> Result<SchedulerKind, String> {
    let found = SchedulerKind::ALL.into_iter().find(|kind| kind.name() == name);
    found.ok_or_else(|| format!("there are {}", SchedulerKind::ALL.map(SchedulerKind::name).join(", ")))
}

fn size(text: &str) -> Result<(u32, u32), String> {
    let (width, height) = text.split_once('x').ok_or("write it as 512x768")?;
    let side = |text: &str| text.parse().map_err(|_| format!("{text:?} is no number of pixels"));
    Ok((side(width)?, side(height)?))
}

/// A path, and after the last colon a weight; 1 where there is none.
fn lora(text: &str) -> Result<(PathBuf, f32), String> {
    match text.rsplit_once(':').map(|(path, weight)| (path, weight.parse::<f32>())) {
        Some((path, Ok(weight))) if weight.is_finite() => Ok((path.into(), weight)),
        Some((_, Ok(weight))) => Err(format!("{weight} is no weight")),
        _ => Ok((text.into(), 1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_flags_are_well_formed() {
        Flags::command().debug_assert();
    }

    #[test]
    fn values_are_read() {
        assert_eq!(size("512x768"), Ok((512, 768)));
        assert!(size("512").is_err() && size("ax9").is_err());
        assert_eq!(lora("a/b.safetensors:0.8"), Ok(("a/b.safetensors".into(), 0.8)));
        assert_eq!(lora("a:b/c"), Ok(("a:b/c".into(), 1.0)));
        assert!(lora("a:NaN").is_err());
        assert_eq!(scheduler("dpmpp_2m"), Ok(SchedulerKind::DpmPp2m));
        assert!(scheduler("magic").is_err_and(|why| why.contains("unipc")));
    }
}
