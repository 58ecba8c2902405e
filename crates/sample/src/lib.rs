//! Pictures from the command line: a checkpoint and flags become a PNG.

pub mod flags;

use anyhow::{Context, Result, bail, ensure};
use flags::{DeviceName, Flags, Kind, Sigmas};
use image::DynamicImage;
use indicatif::{ProgressBar, ProgressStyle};
use sampler::prompt::Prompt;
use sampler::{Control, Description, Lora, Mask, Model, Picture, Reading, Request, SchedulerKind};
use std::path::Path;
use tch::{Device, Tensor};

/// The one tensor of a file of latents.
const LATENTS: &str = "latents";

/// Does what the flags say.
///
/// # Errors
/// If the checkpoint, a file or a setting is not usable.
pub fn run(flags: &Flags) -> Result<()> {
    let device = match flags.device {
        DeviceName::Cpu => Device::Cpu,
        DeviceName::Auto => Device::cuda_if_available(),
        DeviceName::Cuda => {
            ensure!(tch::Cuda::is_available(), "--device cuda: this libtorch finds no GPU; give cpu or auto");
            Device::Cuda(0)
        }
    };
    if flags.threads > 0 {
        tch::set_num_threads(flags.threads.into());
    }
    let kind = match flags.dtype {
        Kind::Fp32 => tch::Kind::Float,
        Kind::Fp16 => tch::Kind::Half,
        Kind::Bf16 => tch::Kind::BFloat16,
        Kind::Auto => sampler::suited_kind(device),
    };
    if let Some((name, _)) = Prompt::parse(&flags.prompt).loras.first() {
        bail!(
            "--prompt: <lora:{name}> names a file of a studio's models folder; give it with --lora PATH:WEIGHT"
        );
    }
    Description::of(&flags.model)?.ensure_room(kind, device)?;
    let reading = Reading::exact(device).as_kind(kind);
    let mut model = Model::load(&flags.model, &reading)?;
    if kind != tch::Kind::Float {
        model.suit()?;
    }
    let loras = flags.lora.iter().map(|(path, weight)| Ok((Lora::open(path)?, *weight)));
    let loras = loras.collect::<Result<Vec<_>, sampler::LoadError>>()?;
    if !loras.is_empty() {
        let loras: Vec<(&Lora, f32)> = loras.iter().map(|(lora, weight)| (lora, *weight)).collect();
        model.adapt(&loras)?;
    }
    if let Some(control) = &flags.control {
        model.steer(Some(Control::load(control, &reading)?))?;
    }
    let noise = flags.latents.as_deref().map(read_latents).transpose()?;
    let request = request(flags, &model, noise.as_ref())?;
    let mut run = match &noise {
        Some(noise) => model.start_from(&request, noise)?,
        None => model.start(&request)?,
    };
    // Shows itself on a terminal only.
    let bar = ProgressBar::new(run.total().into());
    bar.set_style(ProgressStyle::with_template("{bar:32} {pos} of {len} steps, {eta} left")?);
    while run.done() < run.total() {
        run.step(&|| true)?;
        bar.set_position(run.done().into());
    }
    bar.finish_and_clear();
    if let Some(path) = &flags.out_latents {
        Tensor::write_safetensors(&[(LATENTS, run.latents().to_device(Device::Cpu).contiguous())], path)
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let pictures = run.finish()?;
    for (n, picture) in pictures.iter().enumerate() {
        let path = match n {
            0 => flags.out.clone(),
            n => flags.out.with_file_name(format!(
                "{}-{}.png",
                flags.out.file_stem().unwrap_or_default().to_string_lossy(),
                n + 1
            )),
        };
        image::save_buffer(&path, &picture.rgb, picture.width, picture.height, image::ColorType::Rgb8)
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn request(flags: &Flags, model: &Model, noise: Option<&Tensor>) -> Result<Request> {
    let defaults = &model.card().defaults;
    let size =
        noise.map(|noise| (noise.size()[3] as u32 * model.scale(), noise.size()[2] as u32 * model.scale()));
    if let (Some(given), Some(size)) = (flags.size, size) {
        ensure!(given == size, "--size: the latents are of {}x{} pixels; leave it out", size.0, size.1);
    }
    let scheduler = flags.scheduler.unwrap_or(defaults.scheduler);
    let spacing = SchedulerKind::ALL.into_iter().filter(|kind| kind.can_space()).map(SchedulerKind::name);
    let spacing: Vec<&str> = spacing.collect();
    ensure!(
        scheduler.can_space() || flags.sigmas.is_none_or(|sigmas| sigmas == Sigmas::Timesteps),
        "--sigmas: {} knows no other spacing; leave it out, or give --scheduler one of {}",
        scheduler.name(),
        spacing.join(", ")
    );
    ensure!(
        flags.image_guidance.is_none() || model.card().sketch_conditioned && !model.card().guides_sketch,
        "--image-guidance: this checkpoint does not see --init at each step; leave it out"
    );
    let (width, height) = size.or(flags.size).unwrap_or((defaults.width, defaults.height));
    let pictures = noise.map_or(1, |noise| noise.size()[0]) as u64;
    Ok(Request {
        prompt: flags.prompt.clone(),
        negative: flags.negative.clone(),
        steps: flags.steps.unwrap_or(defaults.steps),
        guidance: flags.guidance.unwrap_or(defaults.guidance),
        image_guidance: flags.image_guidance,
        strength: flags.strength.unwrap_or(defaults.strength),
        seeds: (0..pictures).map(|n| flags.seed.wrapping_add(n)).collect(),
        scheduler,
        sigmas: flags.sigmas.map(Into::into),
        clip_skip: flags.clip_skip,
        width,
        height,
        canvas: flags.init.as_deref().map(|path| read_picture(path, width, height)).transpose()?,
        mask: flags
            .mask
            .as_deref()
            .map(|path| read_mask(path, flags.mask_blur, width, height))
            .transpose()?,
        control: flags.control_image.as_deref().map(|path| read_picture(path, width, height)).transpose()?,
        control_scale: flags.control_scale,
        ..Request::default()
    })
}

fn read_latents(path: &Path) -> Result<Tensor> {
    let tensors =
        Tensor::read_safetensors(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let found = tensors.into_iter().find(|(name, _)| name == LATENTS);
    let (_, latents) = found.with_context(|| format!("{} holds no tensor `{LATENTS}`", path.display()))?;
    ensure!(
        latents.dim() == 4,
        "{}: `{LATENTS}` is {:?}; [B, C, h, w] is needed",
        path.display(),
        latents.size()
    );
    Ok(latents)
}

fn read_picture(path: &Path, width: u32, height: u32) -> Result<Picture> {
    Ok(Picture { width, height, rgb: read(path, width, height)?.to_rgb8().into_raw() })
}

fn read_mask(path: &Path, blur: f32, width: u32, height: u32) -> Result<Mask> {
    Ok(Mask { coverage: read(path, width, height)?.to_luma8().into_raw(), blur })
}

/// A picture, brought to a size.
fn read(path: &Path, width: u32, height: u32) -> Result<DynamicImage> {
    let picture = image::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    Ok(match (picture.width(), picture.height()) == (width, height) {
        true => picture,
        false => picture.resize_exact(width, height, image::imageops::FilterType::Lanczos3),
    })
}
