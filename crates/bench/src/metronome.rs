//! A studio whose sampler does nothing but keep time: what is left is what it costs to show previews.

use anyhow::Result;
use sampler::{LatentRgb, Picture, QuantisedLatent, Request, SampleError, Stepped};
use server::{
    config::{Config, Flags},
    models::{Folders, Models},
    studio::Studio,
    web,
    worker::{About, Decode, Engine, Loaded, Sample, Sampling},
};
use std::{
    path::Path,
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};
use tch::{Device, Tensor};
use wire::{ModelInfo, Spec};

/// Five previews a second.
pub const STEP: Duration = Duration::from_millis(200);
/// Latents that are noise, 4 kB of it when coded.
const CHANNELS: u32 = 4;
const SIDE: u32 = 35;

/// Serves such a studio on a port of the system's choice, which it prints, until the process ends.
///
/// # Errors
/// If the folder cannot be used.
pub async fn serve(data: &Path) -> Result<()> {
    let flags = Flags { data: Some(data.to_owned()), device: Some("cpu".into()), ..Flags::default() };
    let config = Config::read(flags)?;
    let loaded = Loaded::load(|| Ok::<_, anyhow::Error>(engine()))?;
    let studio = Studio::open(&config, loaded)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("Pentimento is at http://{}", listener.local_addr()?);
    let router = web::router(studio, &data.join("no-site"));
    Ok(web::serve(listener, router, std::future::pending()).await?)
}

fn engine() -> Engine {
    let info = ModelInfo {
        id: String::new(),
        name: "metronome".into(),
        defaults: Spec::default(),
        sketch_conditioned: true,
        device: "none".into(),
        styles: Vec::new(),
        live: None,
        family: 0,
    };
    let row = || vec![1.0; CHANNELS as usize];
    let map = LatentRgb { low: -1.0, high: 1.0, matrix: [row(), row(), row()], offset: [0.0; 3] };
    Engine {
        sampling: Box::new(Metronome),
        decode: Box::new(Nothing),
        models: Arc::new(Models::new(
            Folders::of(Path::new("no-models")),
            Path::new("no-model"),
            Device::Cpu,
        )),
        picturing: None,
        about: About { info, map, scale: 8 },
    }
}

struct Metronome;

struct Beat {
    request: Request,
    step: u32,
    next: Instant,
}

impl Sampling for Metronome {
    fn start<'m>(
        &'m self,
        request: &Request,
        _still_wanted: &dyn Fn() -> bool,
    ) -> Result<Box<dyn Sample + 'm>, SampleError> {
        Ok(Box::new(Beat { request: request.clone(), step: 0, next: Instant::now() + STEP }))
    }
}

impl Sample for Beat {
    fn step(&mut self, _still_wanted: &dyn Fn() -> bool) -> Result<Stepped, SampleError> {
        sleep(self.next.saturating_duration_since(Instant::now()));
        self.next += STEP;
        self.step += 1;
        Ok(Stepped::Done { step: self.step, total: self.request.steps })
    }

    fn preview(&self, _picture: usize) -> Result<QuantisedLatent, SampleError> {
        let mut state = self.step;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        let data = noise.take((CHANNELS * SIDE * SIDE) as usize).collect();
        Ok(QuantisedLatent { channels: CHANNELS, width: SIDE, height: SIDE, data })
    }

    fn latents(&self) -> Tensor {
        Tensor::new()
    }

    fn finish(self: Box<Self>, _still_wanted: &dyn Fn() -> bool) -> Result<Vec<Picture>, SampleError> {
        Ok(self.request.seeds.iter().filter_map(|_| self.request.canvas.clone()).collect())
    }
}

struct Nothing;

impl Decode for Nothing {
    fn decode(&self, _latent: &QuantisedLatent) -> Result<Picture, SampleError> {
        Err(SampleError::Interrupted)
    }
}
