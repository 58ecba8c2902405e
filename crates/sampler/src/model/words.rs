//! Prompts as the UNet is given them.

use crate::SampleError;
use crate::prompt::Prompt;
use crate::text::ClipText;
use crate::tokenizer::ClipTokenizer;
use std::cell::RefCell;
use tch::{Device, Kind, Tensor};

/// More readings of the text encoder than this are a mistake or an attack.
const READINGS_MOST: usize = 32;

/// The text encoders of a model: one, or the two of SDXL.
pub(super) struct Texts {
    encoders: Vec<(ClipText, ClipTokenizer)>,
    /// Of two encoders the penultimate layers are given, without the final norm, and the last one's whole.
    two: bool,
    /// No words are zeros.
    zeros_for_nothing: bool,
    device: Device,
    /// What was told last, of these prompts.
    last: RefCell<Option<Last>>,
}

/// Prompts, how many layers were left out for each, and what the UNet is told of them.
type Last = (Vec<(String, usize)>, Vec<Told>);

/// What the UNet is told of a prompt.
pub(super) struct Told {
    /// [1, N, C]
    pub words: Tensor,
    /// [1, P], for networks that are told it.
    pub pooled: Option<Tensor>,
}

impl Told {
    fn share(&self) -> Self {
        Self { words: self.words.shallow_clone(), pooled: self.pooled.as_ref().map(Tensor::shallow_clone) }
    }

    /// What each pass of a batch is told, one after the other, each for so many pictures: [B, N, C] and [B, P].
    pub fn batch(told: &[&Self], pictures: i64, kind: Kind) -> Self {
        let repeated = |parts: Vec<&Tensor>| {
            Tensor::cat(&parts, 0).to_kind(kind).repeat_interleave_self_int(pictures, 0, None)
        };
        let pooled: Option<Vec<&Tensor>> = told.iter().map(|told| told.pooled.as_ref()).collect();
        Self { words: repeated(told.iter().map(|told| &told.words).collect()), pooled: pooled.map(repeated) }
    }
}

/// Words as ids with weights, for each encoder in as many readings as they need.
type Readings = Vec<Vec<Vec<(u32, f32)>>>;

impl Texts {
    pub fn new(encoders: Vec<(ClipText, ClipTokenizer)>, zeros_for_nothing: bool, device: Device) -> Self {
        Self { two: encoders.len() > 1, encoders, zeros_for_nothing, device, last: RefCell::default() }
    }

    /// The same encoders with other weights.
    pub fn replace(&mut self, texts: Vec<ClipText>) {
        self.encoders.iter_mut().zip(texts).for_each(|((before, _), text)| *before = text);
        self.last.take();
    }

    pub fn encoders(&self) -> &[(ClipText, ClipTokenizer)] {
        &self.encoders
    }

    /// How many of the last layers may be left out: one at least has to read the words.
    pub fn most_skipped(&self) -> i64 {
        let layers = self.encoders.iter().map(|(text, _)| text.config().num_hidden_layers);
        (layers.min().unwrap_or(1) - 1 - i64::from(self.two)).max(0)
    }

    /// What the UNet is told of these prompts, all in as many readings as the longest of them needs. With each
    /// comes how many of the last layers are left out for it.
    pub fn tell<const N: usize>(&self, prompts: [(&str, usize); N]) -> Result<[Told; N], SampleError> {
        let asked = prompts.map(|(text, skip)| (text.to_owned(), skip));
        let mut last = self.last.borrow_mut();
        let again = last.as_ref().filter(|(before, _)| *before == asked);
        let told = match again {
            Some((_, told)) => told.iter().map(Told::share).collect(),
            None => {
                let told = self.read(prompts)?;
                let shared = told.iter().map(Told::share).collect();
                *last = Some((asked.into(), told));
                shared
            }
        };
        Ok(Vec::try_into(told).unwrap_or_else(|_| unreachable!("one for each prompt")))
    }

    fn read<const N: usize>(&self, prompts: [(&str, usize); N]) -> Result<Vec<Told>, SampleError> {
        let mut all = Vec::with_capacity(N);
        for (text, _) in prompts {
            all.push(self.readings(text)?);
        }
        let longest = all.iter().flatten().map(Vec::len).max().unwrap_or(1);
        let told = |(readings, (text, skip)): (&Readings, (&str, usize))| {
            let told = self.told(readings, longest, skip);
            if self.zeros_for_nothing && text.trim().is_empty() {
                let zeros = |tensor: &Tensor| tensor.zeros_like();
                return Told { words: zeros(&told.words), pooled: told.pooled.as_ref().map(zeros) };
            }
            told
        };
        Ok(all.iter().zip(prompts).map(told).collect())
    }

    fn readings(&self, text: &str) -> Result<Readings, SampleError> {
        let prompt = Prompt::parse(text);
        let read = |(_, tokenizer): &(ClipText, ClipTokenizer)| {
            let mut words = Vec::new();
            for (piece, weight) in &prompt.pieces {
                let ids = tokenizer.words(piece).map_err(|why| SampleError::setting("prompt", why))?;
                words.extend(ids.into_iter().map(|id| (id, *weight)));
            }
            let mut readings: Vec<Vec<_>> =
                words.chunks(tokenizer.room().max(1)).take(READINGS_MOST).map(<[_]>::to_vec).collect();
            if readings.is_empty() {
                readings.push(Vec::new());
            }
            Ok(readings)
        };
        self.encoders.iter().map(read).collect()
    }

    fn told(&self, readings: &Readings, count: usize, skip: usize) -> Told {
        let (mut words, mut pooled) = (Vec::new(), None);
        for ((encoder, tokenizer), readings) in self.encoders.iter().zip(readings) {
            let nothing = Vec::new();
            let padded = (0..count).map(|n| readings.get(n).unwrap_or(&nothing));
            let ids = |reading: &Vec<(u32, f32)>| {
                let ids: Vec<u32> = reading.iter().map(|(id, _)| *id).collect();
                Tensor::from_slice(&tokenizer.framed(&ids))
            };
            let ids = Tensor::stack(&padded.clone().map(ids).collect::<Vec<_>>(), 0).to_device(self.device);
            let skip = skip + usize::from(self.two);
            let read = encoder.read(&ids, skip, self.two);
            let size = read.words.size();
            let mut said = read.words.reshape([1, size[0] * size[1], size[2]]);
            if padded.clone().flatten().any(|(_, weight)| *weight != 1.0) {
                let length = size[1] as usize;
                let row = |reading: &Vec<(u32, f32)>| {
                    let mut row = vec![1.0_f32; length];
                    row[1..].iter_mut().zip(reading).for_each(|(place, (_, weight))| *place = *weight);
                    row
                };
                said = weighed(&said, &padded.flat_map(row).collect::<Vec<_>>());
            }
            words.push(said);
            pooled = read.pooled.map(|pooled| pooled.narrow(0, 0, 1));
        }
        Told { words: Tensor::cat(&words, -1), pooled }
    }
}

/// Words [1, N, C], each multiplied by its weight, with their mean as it was.
fn weighed(words: &Tensor, weights: &[f32]) -> Tensor {
    let weights = Tensor::from_slice(weights).to_device(words.device()).to_kind(words.kind());
    let made = words * weights.view([1, -1, 1]);
    let mean = |words: &Tensor| words.mean(Kind::Float);
    &made * (mean(words) / mean(&made))
}
