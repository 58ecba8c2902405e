//! A loaded model: everything that one checkpoint holds, ready to start runs.

mod adapt;
mod companion;
mod control;
mod cores;
mod decoder;
mod few;
mod fit;
mod mask;
mod pixels;
mod request;
mod rows;
mod run;
mod suit;
#[cfg(test)]
mod tests;
mod tiles;
mod tiny;
mod words;

pub use companion::Guidance;
pub use control::Control;
use decoder::By;
pub use decoder::Decoder;
pub use mask::Mask;
pub use pixels::Pixels;
pub use request::Request;
use run::LastWords;
pub use run::{Run, Stepped};
pub use suit::suited_kind;

use crate::card::{self, ModelCard};
use crate::description;
use crate::error::{Interrupted, caught};
use crate::layout::{self, Inputs};
use crate::picture::Picture;
use crate::preview::LatentRgb;
use crate::reading::Reading;
use crate::scheduler::SchedulerConfig;
use crate::text::ClipText;
use crate::unet::{Replays, UNet};
use crate::weights::Weights;
use crate::{LoadError, SampleError};
use companion::Companion;
use few::Few;
use shim::inference::inferring;
use std::cell::{Cell, OnceCell, RefCell};
use std::path::{Path, PathBuf};
use tch::{Device, Kind, Tensor};
use words::Texts;

/// The networks of one checkpoint on one device. It belongs to one thread, which its runs share.
pub struct Model {
    card: ModelCard,
    /// What the checkpoint says of its previews, or what was fitted once somebody asked.
    map: OnceCell<LatentRgb>,
    patches: OnceCell<fit::Patches>,
    inputs: Inputs,
    unet: UNet,
    /// What makes the canvas steer each step, where the UNet itself does not see it.
    control: Option<Control>,
    /// What few steps are made with.
    few: Option<Few>,
    /// As they were loaded, and with what LoRAs changed.
    unet_weights: Weights<'static>,
    adapted_weights: Weights<'static>,
    text_weights: Vec<Weights<'static>>,
    guidance: Guidance,
    /// Passes of `unet` that a GPU has recorded.
    replays: Replays,
    /// Runs that were started.
    runs: Cell<u64>,
    /// The last canvas and its latents: the next run is often of the same.
    seen: RefCell<Option<(Picture, Tensor)>>,
    words: RefCell<LastWords>,
    /// Makes the half of each guided step that is without the prompt, beside this thread.
    companion: Option<Companion>,
    texts: Texts,
    pixels: Pixels,
    autoencoder: pixels::Source,
    scheduler: SchedulerConfig,
    device: Device,
    kind: Kind,
}

impl Model {
    /// Loads a checkpoint: a folder in diffusers layout (`unet`, `vae`, `text_encoder`, `tokenizer`, `scheduler`,
    /// and where it is one of ours `pentimento.json`, which may name an `unet_distilled`), or a single file of
    /// the original code. Only safetensors are opened.
    pub fn load(path: &Path, reading: &Reading) -> Result<Self, LoadError> {
        match caught(|| tch::no_grad(|| Self::read(path, reading))) {
            Ok(model) => model,
            Err(why) => Err(LoadError::Panicked { path: path.into(), why }),
        }
    }

    fn read(path: &Path, reading: &Reading) -> Result<Self, LoadError> {
        let (device, kind) = (reading.device, reading.kind);
        let mut parts = layout::open(path, reading)?;
        // Before anything is read, which takes a while.
        let inputs = parts.fit_together().map_err(|why| why.within(path))?;
        let sidecar = description::sidecar(path, &parts, &parts.unet.0);
        let (unet_config, unet_weights) = &parts.unet;
        let unet = UNet::new(unet_weights, unet_config)?;
        let (config, weights) = parts.autoencoder;
        let autoencoder = pixels::Source::new(config, weights, device).encoding_quickly(kind != Kind::Float);
        let pixels = autoencoder.pixels()?;
        let text_weights = parts.texts.iter().map(|part| part.weights.clone()).collect();
        let encoders = parts
            .texts
            .into_iter()
            .map(|part| Ok::<_, LoadError>((ClipText::new(&part.weights, &part.config)?, part.tokenizer)));
        let texts = Texts::new(encoders.collect::<Result<_, _>>()?, parts.zeros_for_no_words, device);
        if !parts.prediction_known {
            parts.scheduler.prediction_type = fit::prediction(&unet, &texts, device, kind);
        }

        let few = match sidecar.distilled {
            Some(distilled)
                if [distilled.steps, distilled.live_steps()].iter().all(|n| (1..=150).contains(n)) =>
            {
                let few = Few::read(path, distilled.live_steps(), device)?;
                let encoders = texts.encoders();
                let latents = few.pixels.autoencoder.latent_channels();
                if layout::inputs(few.unet.config(), encoders.iter().map(|(text, _)| text), latents)?
                    != inputs
                {
                    let why = format!("is {}; the same as in unet is needed", few.unet.config().in_channels);
                    return Err(LoadError::config("unet_distilled/config.json", "in_channels", why));
                }
                Some(few)
            }
            Some(_) => {
                let why = "1 to 150 steps are allowed";
                return Err(LoadError::config(path.join(card::SIDECAR), "distilled", why));
            }
            None => None,
        };
        let map = match sidecar.preview.clone() {
            Some(map) if map.is_usable(pixels.autoencoder.latent_channels() as usize) => OnceCell::from(map),
            Some(_) => {
                let why =
                    "needs a finite map of three rows with one entry per latent channel, low below high";
                return Err(LoadError::config(path.join(card::SIDECAR), "preview", why));
            }
            None => OnceCell::new(),
        };
        let card = description::card(sidecar, inputs == Inputs::WithCanvas);
        let mut model = Self {
            card,
            map,
            patches: OnceCell::new(),
            inputs,
            unet,
            control: None,
            few,
            adapted_weights: parts.unet.1.clone(),
            unet_weights: parts.unet.1,
            text_weights,
            guidance: companion::suited(device),
            replays: Replays::default(),
            runs: Cell::new(0),
            seen: RefCell::default(),
            words: RefCell::default(),
            companion: None,
            texts,
            pixels,
            autoencoder,
            scheduler: parts.scheduler,
            device,
            kind,
        };
        model.guide(model.guidance)?;
        Ok(model)
    }

    /// How guided steps are made from now on; `load` chooses what suits the machine.
    pub fn guide(&mut self, guidance: Guidance) -> Result<(), LoadError> {
        self.guidance = guidance;
        self.words.take();
        self.companion = match guidance {
            Guidance::Batch => None,
            Guidance::SideBySide { threads } => {
                let unet = UNet::new(&self.adapted_weights, self.unet.config())?;
                Some(Companion::start(unet, threads))
            }
        };
        Ok(())
    }

    /// Finds, by trying for a moment, the arithmetic in which this machine makes pictures from latents fastest, and
    /// latents from canvases where the UNet is not in float32 itself. Before that both are float32, to the reference's
    /// last digits.
    ///
    /// # Errors
    /// Not for a model that could be loaded.
    pub fn suit(&mut self) -> Result<(), LoadError> {
        tried(|| self.autoencoder.suit())?;
        self.pixels = self.autoencoder.pixels()?;
        self.seen.take();
        Ok(())
    }

    /// The same for few steps, if the model has them.
    ///
    /// # Errors
    /// Not for a model that could be loaded.
    pub fn suit_few(&mut self) -> Result<(), LoadError> {
        match &mut self.few {
            Some(few) => {
                self.words.take();
                tried(|| few.suit())
            }
            None => Ok(()),
        }
    }

    /// Why `what` holds values that are no numbers: because weights do, of which one is named, or else because of what was
    /// asked for.
    fn not_finite(&self, what: &'static str) -> SampleError {
        let networks = std::iter::once(&self.adapted_weights).chain(&self.text_weights);
        let networks = networks.chain(self.control.iter().map(|control| &control.weights));
        match networks.chain([self.autoencoder.weights()]).find_map(Weights::find_broken) {
            Some((origin, name)) => SampleError::Weights { origin, name },
            None => SampleError::NotFinite { what },
        }
    }

    /// What the UNet and the text encoders were read as.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// How a quantised latent becomes colour; fitted when it is first asked for, if the checkpoint does not say.
    ///
    /// # Errors
    /// If the arithmetic fails.
    pub fn preview_map(&self) -> Result<&LatentRgb, LoadError> {
        if let Some(map) = self.map.get() {
            return Ok(map);
        }
        let fitted = caught(|| tch::no_grad(|| fit::latent_rgb(self.patches(), &self.pixels, self.device)));
        match fitted {
            Ok(fitted) => Ok(self.map.get_or_init(|| fitted)),
            Err(why) => Err(LoadError::Panicked { path: "the fit of its previews".into(), why }),
        }
    }

    /// What is asked of decoders.
    fn patches(&self) -> &fit::Patches {
        self.patches.get_or_init(|| fit::Patches::of(&self.pixels, self.device))
    }

    /// Pixels per latent along one side; pictures are multiples of it.
    pub fn scale(&self) -> u32 {
        self.pixels.autoencoder.scale() as u32
    }

    /// Between pictures and latents.
    pub fn pixels(&self) -> &Pixels {
        &self.pixels
    }

    /// Between pictures and the latents of few steps, for another thread; if the model has such steps.
    ///
    /// # Errors
    /// Not for a model that could be loaded.
    pub fn few_pixels(&self) -> Result<Option<Pixels>, LoadError> {
        self.few.as_ref().map(Few::other_pixels).transpose()
    }

    /// A decoder for another thread. It shares the weights.
    pub fn decoder(&self) -> Result<Decoder, LoadError> {
        let map = self.preview_map()?.clone();
        Ok(Decoder::new(By::All(self.autoencoder.pixels()?), map, self.device))
    }

    /// Decoders for another thread of those tiny autoencoders (a folder of diffusers each, or a single file) that were
    /// made for these latents, in the order of `paths`; which they are is found by trying. Beside each stands how much
    /// of a picture comes back, of 1. With them come those that could not be read.
    pub fn tiny_decoders(&self, paths: &[PathBuf]) -> (Vec<(f64, Decoder)>, Vec<LoadError>) {
        let map = match self.preview_map() {
            Ok(map) => map,
            Err(why) => return (Vec::new(), vec![why]),
        };
        let autoencoder = &self.pixels.autoencoder;
        let known = || tch::no_grad(|| tiny::that_know(paths, autoencoder, || self.patches(), self.device));
        let (known, unread) = caught(known).unwrap_or_else(|why| {
            let path = paths.first().cloned().unwrap_or_default();
            (Vec::new(), vec![LoadError::Panicked { path, why }])
        });
        let decoder = |(share, tiny)| (share, Decoder::new(By::Tiny(tiny), map.clone(), self.device));
        (known.into_iter().map(decoder).collect(), unread)
    }

    /// Reads the words and the canvas and prepares the first step. Nothing of another run is touched.
    pub fn start(&self, request: &Request) -> Result<Run<'_>, SampleError> {
        self.start_while(request, &|| true)
    }

    /// As `start`, asking between the blocks that read the canvas whether the run is still wanted.
    ///
    /// # Errors
    /// [`SampleError::Interrupted`] if it is not.
    pub fn start_while(
        &self,
        request: &Request,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Run<'_>, SampleError> {
        self.begin(request, None, None, still_wanted)
    }

    /// As `start`, with the unit noise given: [pictures, C, h, w] in place of what the seeds would make.
    pub fn start_from(&self, request: &Request, noise: &Tensor) -> Result<Run<'_>, SampleError> {
        self.begin(request, Some(noise), None, &|| true)
    }

    /// As `start_from`, with the noise given that schedulers add on the way: of the same shape at each call.
    pub fn start_with<'m>(
        &'m self,
        request: &Request,
        noise: &Tensor,
        fresh: impl FnMut() -> Tensor + 'm,
    ) -> Result<Run<'m>, SampleError> {
        self.begin(request, Some(noise), Some(Box::new(fresh)), &|| true)
    }

    fn begin<'m>(
        &'m self,
        request: &Request,
        noise: Option<&Tensor>,
        fresh: Option<Box<dyn FnMut() -> Tensor + 'm>>,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Run<'m>, SampleError> {
        request.validate(self)?;
        let start = || Run::start(self, request, noise, fresh, still_wanted);
        caught(|| inferring(start)).map_err(SampleError::failed)?
    }

    /// The latents of a canvas, as the autoencoder of full pictures gives them.
    fn encoded(&self, canvas: &Picture, still_wanted: &dyn Fn() -> bool) -> Result<Tensor, Interrupted> {
        if let Some((_, latents)) = self.seen.borrow().as_ref().filter(|(before, _)| before == canvas) {
            return Ok(latents.shallow_clone());
        }
        let pixels = canvas.to_tensor(self.device, Kind::Float);
        let latents = self.pixels.encoded(&pixels, still_wanted)?;
        self.seen.replace(Some((canvas.clone(), latents.shallow_clone())));
        Ok(latents)
    }

    /// Another number for each run.
    fn next_number(&self) -> u64 {
        self.runs.replace(self.runs.get() + 1)
    }

    /// Token ids of a text, as the first text encoder reads them: no more than it has room for, and brackets are
    /// words.
    pub fn tokens(&self, text: &str) -> Result<Vec<i64>, SampleError> {
        let (_, tokenizer) = &self.texts.encoders()[0];
        tokenizer.ids(text).map_err(|why| SampleError::setting("prompt", why))
    }
}

/// An operation that this processor lacks ends the trial, not the program.
fn tried(suit: impl FnOnce() -> Result<(), LoadError>) -> Result<(), LoadError> {
    match caught(suit) {
        Ok(result) => result,
        Err(why) => Err(LoadError::Panicked { path: "the trial of arithmetic".into(), why }),
    }
}
