//! One run: from noise to pictures, a step each time that the caller asks.

use super::companion::{Limit, Pass};
use super::control::Steering;
use super::mask::{Hole, Kept};
use super::rows::Rows;
use super::words::Told;
use super::{Inputs, Model, Pixels, Request};
use crate::SampleError;
use crate::error::{Interrupted, caught};
use crate::memory;
use crate::noise::Noises;
use crate::picture::Picture;
use crate::preview::QuantisedLatent;
use crate::scheduler::{Schedule, SchedulerKind, plan};
use crate::unet::time::guidance_waves;
use crate::unet::{Replays, TextKeys, UNet};
use crate::weights::is_finite;
use shim::inference::inferring;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use tch::{Device, Kind, Tensor};

/// What came of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stepped {
    /// `step` of `total` steps are done.
    Done { step: u32, total: u32 },
    /// The caller no longer wanted it. The run stands where it stood before the step.
    Abandoned,
}

/// Pictures in the making. All that is constant was computed when it started.
pub struct Run<'m> {
    model: &'m Model,
    unet: &'m UNet,
    replays: &'m Replays,
    pixels: &'m Pixels,
    /// What the UNet computes in.
    kind: Kind,
    /// Threads for its passes, where fewer than all are faster.
    threads: Option<i32>,
    schedule: Box<dyn Schedule>,
    noises: Noises,
    /// What schedulers add on the way, in place of what the seeds make.
    fresh: Option<Box<dyn FnMut() -> Tensor + 'm>>,
    /// The sample [pictures, C, h, w] at the noise level of step `index`.
    sample: Tensor,
    /// The clean latent as it was predicted last.
    clean: Tensor,
    /// The canvas in the UNet's own channels, for models that take it.
    sketch: Option<Tensor>,
    /// The same for the half of a guided step that guidance leads away from.
    sketch_without: Option<Tensor>,
    /// What a mask leaves as it is.
    kept: Option<Kept>,
    /// Time embeddings of every step, [steps, 4 C].
    times: Tensor,
    pub(super) words: Rc<Words>,
    steering: Option<Steering<'m>>,
    begin: usize,
    index: usize,
    /// Tells whose words a recorded pass holds.
    number: u64,
    /// How much of a batch a pass takes at once.
    pub(super) rows: Rows,
}

/// Keys and values of the words, by the way in which guidance is made.
pub(super) enum Words {
    Plain(Said),
    /// One batch, the half without the prompt first.
    Batch {
        both: Said,
        guidance: f64,
    },
    /// One batch of three: without the prompt and the canvas, without the prompt, and with both.
    Triple {
        all: Said,
        guidance: f64,
        image_guidance: f64,
    },
    /// Two passes side by side.
    Beside {
        prompt: Said,
        without: Arc<Mutex<TextKeys>>,
        added: Option<Tensor>,
        guidance: f64,
    },
}

/// What one pass is told of words.
pub(super) struct Said {
    keys: TextKeys,
    /// What is added to the time embedding, [B, 4 C].
    added: Option<Tensor>,
}

impl<'m> Run<'m> {
    pub(super) fn start(
        model: &'m Model,
        request: &Request,
        noise: Option<&Tensor>,
        fresh: Option<Box<dyn FnMut() -> Tensor + 'm>>,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Self, SampleError> {
        let (unet, replays, pixels, kind, threads) = match &model.few {
            Some(few) if request.distilled => {
                let quick = request.steps <= few.quick_steps;
                (
                    &few.unet,
                    &few.replays,
                    if quick { &few.pixels } else { &model.pixels },
                    few.kind,
                    few.threads,
                )
            }
            _ => (&model.unet, &model.replays, &model.pixels, model.kind, None),
        };
        // Few steps were learned without fresh noise.
        let scheduler = if request.distilled { SchedulerKind::Ddim } else { request.scheduler };
        let config = request.sigmas.map(|sigmas| model.scheduler.with_sigmas(sigmas));
        let schedule = plan(scheduler, config.as_ref().unwrap_or(&model.scheduler), request.steps as usize);
        let shape = latent_shape(model, request);
        let noises = Noises { seeds: request.seeds.clone(), shape: shape[1..].into() };
        let noise = match noise {
            Some(noise) if noise.size() != shape => {
                let why = format!("has shape {:?}; {shape:?} is needed", noise.size());
                return Err(SampleError::setting("noise", why));
            }
            Some(noise) => noise.shallow_clone(),
            None => noises.first(),
        };
        let noise = noise.to_device(model.device).to_kind(Kind::Float);
        let encode = |picture: &Tensor| Ok(pixels.encoded(picture, still_wanted)?.expand(shape, false));
        let pixels_of = |canvas: &Picture| canvas.to_tensor(model.device, Kind::Float);
        let steered = model.control.is_some() && !request.distilled;
        // What is seen anyway, or is not to be kept, is no place to start from unless less is asked for.
        let from_noise = steered || request.mask.is_some() || model.inputs != Inputs::Latents;
        let from_canvas = !from_noise || request.strength < 1.0;
        let keeps = request.mask.is_some() && model.inputs != Inputs::WithHole;
        // A large picture takes seconds.
        let is_read = from_canvas || keeps || model.inputs == Inputs::WithCanvas;
        let canvas = request.canvas.as_ref().filter(|_| is_read);
        let canvas = canvas.map(|canvas| match std::ptr::eq(pixels, &model.pixels) {
            true => Ok(model.encoded(canvas, still_wanted)?.expand(shape, false)),
            false => encode(&pixels_of(canvas)),
        });
        let canvas = canvas.transpose()?;
        let clean = canvas.as_ref().map(|canvas| pixels.autoencoder.to_model(canvas));
        let (begin, sample, start) = match clean.as_ref().filter(|_| from_canvas) {
            Some(clean) => {
                let begin = first_step(request) * schedule.passes();
                (begin, schedule.noisy(clean, &noise, begin), clean.shallow_clone())
            }
            None => (0, schedule.pure(&noise), noise.zeros_like()),
        };
        let hole = || Hole::new(request, shape, model.device);
        let sketch = match model.inputs {
            Inputs::Latents => None,
            // Unscaled, and zeros for no canvas: InstructPix2Pix (Brooks et al. 2023). Guidance away from no
            // canvas as well as no words is theirs with both scales equal.
            Inputs::WithCanvas => Some(canvas.unwrap_or_else(|| noise.zeros_like())),
            Inputs::WithHole => {
                let picture = request.canvas.as_ref().map(pixels_of);
                let encode = |around: &Tensor| Ok(pixels.autoencoder.to_model(&encode(around)?));
                Some(hole().beside(picture.as_ref(), encode)?)
            }
        };
        let sketch_without = sketch.as_ref().map(|sketch| match model.card.guides_sketch {
            true => sketch.zeros_like(),
            false => sketch.shallow_clone(),
        });
        let kept = clean.filter(|_| keeps);
        let kept = kept.map(|clean| Kept { hole: hole().latents, clean, noise: noise.shallow_clone() });
        let timesteps = Tensor::from_slice(schedule.timesteps()).to_device(model.device);
        let (words, steering) = Words::of(model, unet, kind, request, &timesteps)?;
        Ok(Self {
            words,
            steering,
            times: unet.embed_time(&timesteps, told_guidance(unet, request, model.device).as_ref(), kind),
            sketch,
            sketch_without,
            model,
            unet,
            replays,
            pixels,
            kind,
            threads,
            schedule,
            noises,
            fresh,
            sample,
            clean: start,
            kept,
            begin,
            index: begin,
            number: model.next_number(),
            rows: Rows::suited(unet.config(), kind, shape, model.device),
        })
    }

    /// Steps that this run takes in all; fewer than asked for when it starts from the canvas.
    pub fn total(&self) -> u32 {
        (self.schedule.timesteps().len() - self.begin) as u32
    }

    /// How many of them are done.
    pub fn done(&self) -> u32 {
        (self.index - self.begin) as u32
    }

    /// Takes the next step; after the last one it does nothing. `still_wanted` is asked between the
    /// network's blocks.
    pub fn step(&mut self, still_wanted: &dyn Fn() -> bool) -> Result<Stepped, SampleError> {
        if self.index < self.schedule.timesteps().len() {
            let predicted = match caught(|| inferring(|| self.predict(still_wanted))) {
                Ok(Ok(Ok(predicted))) => predicted,
                Ok(Ok(Err(Interrupted))) => return Ok(Stepped::Abandoned),
                Ok(Err(why)) | Err(why) => return Err(SampleError::failed(why)),
            };
            let predicted = predicted.to_kind(Kind::Float);
            let (noises, given) = (&self.noises, &mut self.fresh);
            let (index, device) = (self.index, self.model.device);
            let mut fresh = || match given {
                Some(given) => given().to_device(device),
                None => noises.of_step(index).to_device(device),
            };
            let advance = || self.schedule.advance(&predicted, &self.sample, self.index, &mut fresh);
            let advance = caught(|| inferring(advance));
            let advance = advance.map_err(SampleError::failed)?;
            (self.sample, self.clean) = (advance.next, advance.clean);
            self.index += 1;
            if let Some(kept) = &self.kept {
                let put_back = || {
                    let sample = kept.put_back(&self.sample, self.schedule.as_ref(), self.index);
                    (sample, kept.in_clean(&self.clean))
                };
                (self.sample, self.clean) = caught(|| inferring(put_back)).map_err(SampleError::failed)?;
            }
        }
        if let Device::Cuda(index) = self.model.device {
            // A step is done when the GPU is, not when it was asked.
            tch::Cuda::synchronize(index as i64);
        }
        // Where the first step gives no numbers the last gives none, and nobody need wait for it.
        if self.done() == 1 && !is_finite(&self.sample) {
            return Err(self.model.not_finite("latent"));
        }
        Ok(Stepped::Done { step: self.done(), total: self.total() })
    }

    fn predict(&self, still_wanted: &dyn Fn() -> bool) -> Result<Result<Tensor, Interrupted>, String> {
        let unet = self.unet;
        let _limit = self.threads.map(Limit::to);
        let sample = self.schedule.model_input(&self.sample, self.index);
        let with = |sketch: &Option<Tensor>| match sketch {
            Some(sketch) => Tensor::cat(&[&sample, sketch], 1).to_kind(self.kind),
            None => sample.to_kind(self.kind),
        };
        // What the ControlNet sees, for so many passes at once.
        let seen =
            |passes: i64| self.steering.as_ref().map(|_| sample.to_kind(self.kind).repeat([passes, 1, 1, 1]));
        let input = with(&self.sketch);
        let time = |added: &Option<Tensor>| told_time(&self.times, self.index, added.as_ref());
        match self.words.as_ref() {
            Words::Plain(said) => {
                self.pass(&input, &time(&said.added), &said.keys, seen(1).as_ref(), still_wanted)
            }
            Words::Batch { both, guidance } => {
                let input = Tensor::cat(&[with(&self.sketch_without), input], 0);
                let both =
                    self.pass(&input, &time(&both.added), &both.keys, seen(2).as_ref(), still_wanted)?;
                Ok(both.map(|both| {
                    let halves = both.chunk(2, 0);
                    guided(&halves[1], &halves[0], *guidance)
                }))
            }
            Words::Triple { all, guidance, image_guidance } => {
                let blind = Tensor::cat(&[&sample, &self.clean.zeros_like()], 1).to_kind(self.kind);
                let input = Tensor::cat(&[&blind, &input, &input], 0);
                let all = self.pass(&input, &time(&all.added), &all.keys, None, still_wanted)?;
                Ok(all.map(|all| {
                    let parts = all.chunk(3, 0);
                    let by_canvas = guided(&parts[1], &parts[0], *image_guidance);
                    by_canvas + (&parts[2] - &parts[1]) * *guidance
                }))
            }
            Words::Beside { prompt, without, added, guidance } => {
                let companion = self.model.companion.as_ref().ok_or("there is no companion thread")?;
                let (sample, time_without, time) =
                    (with(&self.sketch_without), time(added), time(&prompt.added));
                let pictures = input.size()[0];
                self.rows.in_parts(
                    pictures,
                    || self.make_room(),
                    |first, count| {
                        let rows = |tensor: &Tensor| rows(tensor, first, count);
                        let text = match count == pictures {
                            true => without.clone(),
                            false => {
                                let all = without.lock().unwrap_or_else(PoisonError::into_inner);
                                Arc::new(Mutex::new(all.rows(first, count)))
                            }
                        };
                        let keys = (count != pictures).then(|| prompt.keys.rows(first, count));
                        let keys = keys.as_ref().unwrap_or(&prompt.keys);
                        let pass = Pass { sample: rows(&sample), time: rows(&time_without), text };
                        let mine = || unet.forward_while(&rows(&input), &rows(&time), keys, still_wanted);
                        let both =
                            companion.beside(pass, still_wanted, mine).unwrap_or_else(|why| panic!("{why}"));
                        both.map(|(prompt, without)| guided(&prompt, &without, *guidance))
                    },
                )
            }
        }
    }

    /// One pass of the UNet over `input` [B, C, h, w], in as many parts as memory wants, each steered by what the
    /// ControlNet makes of its rows of `seen`. On a GPU as a graph, which ends before it is asked whether it is still wanted.
    fn pass(
        &self,
        input: &Tensor,
        time: &Tensor,
        keys: &TextKeys,
        seen: Option<&Tensor>,
        still_wanted: &dyn Fn() -> bool,
    ) -> Result<Result<Tensor, Interrupted>, String> {
        let all = input.size()[0];
        let steering = self.steering.as_ref().zip(seen);
        self.rows.in_parts(
            all,
            || self.make_room(),
            |first, count| {
                let control = steering
                    .map(|(steering, seen)| {
                        steering.residuals(seen, self.index, (first, count), still_wanted)
                    })
                    .transpose()?;
                let control = control.as_ref();
                // Parts have other words each, which a graph would not notice.
                if count < all {
                    let rows = |tensor: &Tensor| rows(tensor, first, count);
                    return self.unet.controlled_while(
                        &rows(input),
                        &rows(time),
                        &keys.rows(first, count),
                        control,
                        still_wanted,
                    );
                }
                if self.model.device.is_cuda() && control.is_none() {
                    if !still_wanted() {
                        return Err(Interrupted);
                    }
                    if let Some(made) = self.replays.forward(self.unet, input, time, keys, self.number) {
                        return Ok(made);
                    }
                }
                self.unet.controlled_while(input, time, keys, control, still_wanted)
            },
        )
    }

    /// Lets go of what could be made again.
    fn make_room(&self) {
        self.model.words.take();
        self.replays.forget();
        memory::give_back(self.model.device);
    }

    /// The clean latent of one picture as it is predicted now, in bytes: what the picture would become.
    /// Before the first step it is the canvas, or nothing. `picture` counts the request's seeds.
    pub fn preview(&self, picture: usize) -> Result<QuantisedLatent, SampleError> {
        let count = self.clean.size()[0];
        if picture as i64 >= count {
            let why = format!("{picture} is not allowed; 0 to {}", count - 1);
            return Err(SampleError::setting("picture", why));
        }
        let map = self.model.preview_map().map_err(|why| SampleError::failed(why.to_string()))?;
        let quantise = || map.quantise(&self.clean.get(picture as i64));
        caught(|| inferring(quantise)).map_err(SampleError::failed)
    }

    /// The latents [pictures, C, h, w] as they stand, in the UNet's scale.
    pub fn latents(&self) -> Tensor {
        self.sample.to_kind(Kind::Float)
    }

    /// Decodes the pictures, in the order of the seeds. Steps that were not taken are left out.
    pub fn finish(self) -> Result<Vec<Picture>, SampleError> {
        self.finish_while(&|| true)
    }

    /// As `finish`, asking between the decoder's blocks whether the pictures are still wanted.
    ///
    /// # Errors
    /// [`SampleError::Interrupted`] if they are not.
    pub fn finish_while(self, still_wanted: &dyn Fn() -> bool) -> Result<Vec<Picture>, SampleError> {
        let decode = |index: i64| {
            let latent = self.sample.narrow(0, index, 1);
            if !is_finite(&latent) {
                return Err(self.model.not_finite("latent"));
            }
            let picture = self.pixels.decoded(&latent, still_wanted)?.get(0);
            Picture::from_tensor(&picture).ok_or_else(|| self.model.not_finite("decoded picture"))
        };
        let count = self.sample.size()[0];
        caught(|| inferring(|| (0..count).map(decode).collect())).map_err(SampleError::failed)?
    }
}

/// What words are told by; of the same, the UNet is told the same.
#[derive(Clone, PartialEq)]
pub(super) struct Asked {
    prompt: String,
    negative: String,
    clip_skip: u32,
    guidance: f32,
    image_guidance: Option<f32>,
    pictures: usize,
    width: u32,
    height: u32,
}

/// What the UNet was told last, and the distilled one: while one draws, and from what is read ahead to the click, the
/// words stay what they are.
#[derive(Default)]
pub(super) struct LastWords([Option<(Asked, Rc<Words>)>; 2]);

impl Words {
    /// What was told last if the same is asked, else read now.
    fn of<'m>(
        model: &'m Model,
        unet: &UNet,
        kind: Kind,
        request: &Request,
        timesteps: &Tensor,
    ) -> Result<(Rc<Self>, Option<Steering<'m>>), SampleError> {
        let asked = Asked {
            prompt: request.prompt.clone(),
            negative: request.negative.clone(),
            clip_skip: request.clip_skip,
            guidance: request.guidance,
            image_guidance: request.image_guidance,
            pictures: request.seeds.len(),
            width: request.width,
            height: request.height,
        };
        let place = usize::from(request.distilled);
        // A ControlNet is told them too, in its own way.
        let is_steered = model.control.is_some() && !request.distilled;
        let last = model.words.borrow_mut().0[place].take();
        let (words, steering) = match last.filter(|(last, _)| !is_steered && *last == asked) {
            Some((_, same)) => (same, None),
            None => {
                let (words, steering) = Self::read(model, unet, kind, request, timesteps)?;
                (Rc::new(words), steering)
            }
        };
        if !is_steered {
            model.words.borrow_mut().0[place] = Some((asked, words.clone()));
        }
        Ok((words, steering))
    }

    fn read<'m>(
        model: &'m Model,
        unet: &UNet,
        kind: Kind,
        request: &Request,
        timesteps: &Tensor,
    ) -> Result<(Self, Option<Steering<'m>>), SampleError> {
        let skip = request.clip_skip as usize;
        let [height, width] = [request.height, request.width].map(|side| side as f32);
        // The size that the picture is to have, of a whole picture: height, width, no crop, height, width.
        let sizes = Tensor::from_slice(&[height, width, 0.0, 0.0, height, width]).to_device(model.device);
        let said = |told: &[&Told]| {
            let Told { words, pooled } = Told::batch(told, request.seeds.len() as i64, kind);
            let added = pooled.and_then(|pooled| unet.embed_added(&pooled, &sizes));
            Said { keys: unet.text_keys(&words), added }
        };
        let steering = |told: &[&Told]| Steering::new(model, request, told, timesteps, &sizes);
        match &model.few {
            Some(_) if request.distilled => {
                let [told] = model.texts.tell([(&request.prompt, skip)])?;
                return Ok((Self::Plain(said(&[&told])), None));
            }
            _ if request.guidance <= 1.0 || unet.config().time_cond_proj_dim.is_some() => {
                let [told] = model.texts.tell([(&request.prompt, skip)])?;
                return Ok((Self::Plain(said(&[&told])), steering(&[&told])));
            }
            _ => {}
        }
        let guidance = f64::from(request.guidance);
        // The reference leaves no layers out for what is not wanted.
        let [without, prompt] = model.texts.tell([(&request.negative, 0), (&request.prompt, skip)])?;
        let image_guidance = request.image_guidance.unwrap_or(model.card.defaults.image_guidance);
        if model.inputs == Inputs::WithCanvas && !model.card.guides_sketch && image_guidance != 1.0 {
            let image_guidance = image_guidance.into();
            let all = said(&[&without, &without, &prompt]);
            return Ok((Self::Triple { all, guidance, image_guidance }, None));
        }
        let steering = steering(&[&without, &prompt]);
        // A ControlNet is asked once for both halves.
        if model.companion.is_none() || steering.is_some() {
            return Ok((Self::Batch { both: said(&[&without, &prompt]), guidance }, steering));
        }
        let Said { keys, added } = said(&[&without]);
        let (prompt, without) = (said(&[&prompt]), Arc::new(Mutex::new(keys)));
        Ok((Self::Beside { prompt, without, added, guidance }, None))
    }
}

/// Some rows of a batch; what is one for all of them stays.
pub(super) fn rows(tensor: &Tensor, first: i64, count: i64) -> Tensor {
    match tensor.size()[0] {
        1 => tensor.shallow_clone(),
        _ => tensor.narrow(0, first, count),
    }
}

/// The embedding of step `index` among those of all, [1, 4 C] or [B, 4 C], with what is added to it.
pub(super) fn told_time(times: &Tensor, index: usize, added: Option<&Tensor>) -> Tensor {
    let time = times.narrow(0, index as i64, 1);
    match added {
        Some(added) => time + added,
        None => time,
    }
}

/// The guidance scale, for networks that are told it in place of a second pass.
fn told_guidance(unet: &UNet, request: &Request, device: Device) -> Option<Tensor> {
    let channels = unet.config().time_cond_proj_dim?;
    Some(guidance_waves(f64::from(request.guidance), channels).to_device(device))
}

/// Away from what is predicted without the prompt.
fn guided(prompt: &Tensor, without: &Tensor, guidance: f64) -> Tensor {
    without + (prompt - without) * guidance
}

fn latent_shape(model: &Model, request: &Request) -> [i64; 4] {
    let scale = model.pixels.autoencoder.scale();
    let (height, width) = (i64::from(request.height) / scale, i64::from(request.width) / scale);
    [request.seeds.len() as i64, model.pixels.autoencoder.latent_channels(), height, width]
}

/// The step that a strength starts at; at least one step is left to take.
fn first_step(request: &Request) -> usize {
    let steps = request.steps as usize;
    // The decimal that was typed, not its f32: 10 steps at 0.7 are 7, as in the reference.
    let strength = request.strength.to_string().parse().unwrap_or(f64::from(request.strength));
    let kept = (steps as f64 * strength) as usize;
    steps - kept.clamp(1, steps)
}
