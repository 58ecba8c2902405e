//! A sampler whose steps the test lets go one by one, and whose pictures cost nothing.

use sampler::{LatentRgb, Picture, QuantisedLatent, Request, SampleError, Stepped};
use server::models::{Folders, Models};
use server::worker::{About, Decode, Engine, Picturing, Sample, Sampling};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;
use tch::{Device, Tensor};
use wire::{LiveInfo, ModelInfo, Spec};

/// Prompts of jobs that need leave as for a step to be started, or to become pictures.
pub const SLOW_START: &str = "slow start";
pub const SLOW_END: &str = "slow end";

/// Steps that may be taken.
#[derive(Clone, Default)]
pub struct Gate(Arc<(Mutex<Leave>, Condvar)>);

#[derive(Default)]
struct Leave {
    steps: u32,
    /// Somebody waits for leave to take a step.
    awaited: bool,
    /// Whether what was started last is made by the distilled network.
    distilled: bool,
}

impl Gate {
    /// Lets so many steps go.
    pub fn allow(&self, steps: u32) {
        let mut leave = self.0.0.lock().unwrap();
        leave.steps = leave.steps.saturating_add(steps);
        self.0.1.notify_all();
    }

    /// Lets so many steps go, and waits until they are taken and leave for the next is awaited.
    pub async fn let_through(&self, steps: u32) {
        self.allow(steps);
        let stands = || {
            let leave = self.0.0.lock().unwrap();
            leave.steps == 0 && leave.awaited
        };
        while !stands() {
            tokio::task::yield_now().await;
        }
    }

    /// Whether what was started last is made as live pictures are.
    pub fn was_quick(&self) -> bool {
        self.0.0.lock().unwrap().distilled
    }

    /// From now on nothing waits.
    pub fn open(&self) {
        self.allow(u32::MAX);
    }

    /// Waits for leave to take a step; false if it is no longer wanted.
    fn pass(&self, still_wanted: &dyn Fn() -> bool) -> bool {
        let mut leave = self.0.0.lock().unwrap();
        let passed = loop {
            if !still_wanted() {
                break false;
            }
            if leave.steps > 0 {
                leave.steps -= 1;
                break true;
            }
            leave.awaited = true;
            leave = self.0.1.wait_timeout(leave, Duration::from_millis(1)).unwrap().0;
        };
        leave.awaited = false;
        passed
    }
}

struct Double(Gate);

struct Making {
    gate: Gate,
    request: Request,
    step: u32,
}

pub fn engine(gate: Gate) -> Engine {
    let info = ModelInfo {
        id: String::new(),
        name: "double".into(),
        defaults: Spec::default(),
        sketch_conditioned: true,
        device: "none".into(),
        styles: vec![],
        live: Some(LiveInfo { steps: 4, picture_ms: 50.0 }),
        family: 0,
    };
    let map = LatentRgb { low: -1.0, high: 1.0, matrix: [const { Vec::new() }; 3], offset: [0.0; 3] };
    let map = LatentRgb { matrix: map.matrix.map(|_| vec![1.0; 4]), ..map };
    let about = About { info, map, scale: 8 };
    Engine {
        sampling: Box::new(Double(gate)),
        decode: Box::new(Grey),
        models: Arc::new(Models::new(
            Folders::of(Path::new("no-models")),
            Path::new("no-model"),
            Device::Cpu,
        )),
        picturing: Some(Box::new(Bytes)),
        about,
    }
}

impl Sampling for Double {
    fn start<'m>(
        &'m self,
        request: &Request,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Box<dyn Sample + 'm>, SampleError> {
        assert_ne!(request.prompt, "panic", "as the test asked");
        if request.prompt == SLOW_START && !self.0.pass(still_wanted) {
            return Err(SampleError::Interrupted);
        }
        self.0.0.0.lock().unwrap().distilled = request.distilled;
        Ok(Box::new(Making { gate: self.0.clone(), request: request.clone(), step: 0 }))
    }
}

impl Sample for Making {
    fn step(&mut self, still_wanted: &dyn Fn() -> bool) -> Result<Stepped, SampleError> {
        if !self.gate.pass(still_wanted) {
            return Ok(Stepped::Abandoned);
        }
        self.step += 1;
        Ok(Stepped::Done { step: self.step, total: self.request.steps })
    }

    /// Every byte is the step.
    fn preview(&self, _picture: usize) -> Result<QuantisedLatent, SampleError> {
        let (width, height) = (self.request.width / 8, self.request.height / 8);
        let data = vec![self.step as u8; (4 * width * height) as usize];
        Ok(QuantisedLatent { channels: 4, width, height, data })
    }

    fn latents(&self) -> Tensor {
        let canvas = self.request.canvas.as_ref().unwrap();
        Tensor::from_slice(&canvas.rgb).view([i64::from(canvas.height), i64::from(canvas.width), 3])
    }

    /// The canvas, as it was given.
    fn finish(self: Box<Self>, still_wanted: &dyn Fn() -> bool) -> Result<Vec<Picture>, SampleError> {
        if self.request.prompt == SLOW_END && !self.gate.pass(still_wanted) {
            return Err(SampleError::Interrupted);
        }
        Ok(self.request.seeds.iter().map(|_| self.request.canvas.clone().unwrap()).collect())
    }
}

/// Latents that are the picture itself, [height, width, 3].
struct Bytes;

impl Picturing for Bytes {
    fn decode(&self, latents: &Tensor) -> Result<Picture, SampleError> {
        let (height, width, _) = latents.size3().unwrap();
        let rgb = Vec::try_from(latents.flatten(0, -1)).unwrap();
        Ok(Picture { width: width as u32, height: height as u32, rgb })
    }
}

struct Grey;

impl Decode for Grey {
    fn decode(&self, latent: &QuantisedLatent) -> Result<Picture, SampleError> {
        let (width, height) = (latent.width * 8, latent.height * 8);
        Ok(Picture { width, height, rgb: vec![latent.data[0]; (width * height * 3) as usize] })
    }
}
