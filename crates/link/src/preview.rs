//! A preview as it is made, and how it is told: to each viewer in as few bytes as what it has allows, coded once for
//! all that have the same.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};
use wire::{Frame, FrameHeader, JobId, frame::BadFrame, latents, limits::PICTURES_MAX};

/// Quantised latents of one picture after one step; cloning clones a reference.
#[derive(Debug, Clone, PartialEq)]
pub struct Latents {
    pub header: FrameHeader,
    /// `channels` planes of `width` x `height`, one after the other.
    pub values: Arc<[u8]>,
}

/// One preview for all who want it; cloning it clones a reference.
#[derive(Debug, Clone)]
pub struct Preview(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Latents(Arc<Made>),
    /// Told as it is.
    Picture(Arc<Frame>),
}

/// A frame, once it is coded.
type Coded = Arc<OnceLock<Frame>>;

/// Latents, and what was found out about them for one viewer and holds for all.
#[derive(Debug)]
struct Made {
    latents: Latents,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Whether the latents after such a step are near enough to be the base.
    near: BTreeMap<u16, bool>,
    /// By the step of the base, 0 if there is none, and the bits.
    coded: BTreeMap<(u16, u8), Coded>,
}

/// A preview on its way to one viewer. It is coded as late as possible: that takes longer than all else that is done
/// for a viewer.
#[derive(Debug, Clone)]
pub struct Telling {
    preview: Preview,
    base: Option<Latents>,
    bits: u8,
}

/// What went last over one connection, one of each picture of one job: what the next may be told as the difference to.
/// Both ends keep the same.
#[derive(Debug, Default)]
pub(crate) struct Last(Vec<Latents>);

impl Preview {
    /// Latents of 8 bits a value, as many as the header says.
    ///
    /// # Errors
    /// If there are too many for a frame, or another number of them.
    pub fn latents(header: FrameHeader, values: Vec<u8>) -> Result<Self, BadFrame> {
        header.check()?;
        if values.is_empty() || values.len() as u64 != header.values() {
            return Err(BadFrame::Count { have: values.len(), want: header.values() });
        }
        let latents = Latents { header, values: values.into() };
        Ok(Self(Kind::Latents(Arc::new(Made { latents, known: Mutex::default() }))))
    }

    pub fn header(&self) -> &FrameHeader {
        match &self.0 {
            Kind::Latents(made) => &made.latents.header,
            Kind::Picture(frame) => &frame.header,
        }
    }

    /// Of which job, and which of its pictures.
    pub(crate) fn of(&self) -> (JobId, u16) {
        (self.header().job, self.header().picture)
    }

    /// Told in so many `bits` a value, and so that whoever has seen nothing before understands it.
    pub fn whole(&self, bits: u8) -> Frame {
        match &self.0 {
            Kind::Latents(made) => made.told(None, bits),
            Kind::Picture(frame) => Frame::clone(frame),
        }
    }

    /// Told to a viewer that has seen `last`, in so many `bits` a value.
    pub(crate) fn tell(self, last: &mut Last, bits: u8) -> Telling {
        let base = match &self.0 {
            Kind::Latents(made) => last.replace(made.latents.clone()).filter(|base| made.is_near(base)),
            Kind::Picture(_) => None,
        };
        Telling { preview: self, base, bits }
    }
}

impl From<Frame> for Preview {
    fn from(picture: Frame) -> Self {
        Self(Kind::Picture(picture.into()))
    }
}

impl Telling {
    pub fn header(&self) -> &FrameHeader {
        self.preview.header()
    }

    /// Whether it was coded for another viewer.
    pub fn is_coded(&self) -> bool {
        match &self.preview.0 {
            Kind::Latents(made) => made.is_coded(self.base.as_ref(), self.bits),
            Kind::Picture(_) => true,
        }
    }

    /// The frame, coded now unless it was for another viewer.
    pub fn frame(&self) -> Frame {
        match &self.preview.0 {
            Kind::Latents(made) => made.told(self.base.as_ref(), self.bits),
            Kind::Picture(frame) => Frame::clone(frame),
        }
    }
}

impl Made {
    /// As the difference to `base` if there is one.
    fn told(&self, base: Option<&Latents>, bits: u8) -> Frame {
        // The lock is not held meanwhile: who needs it coded otherwise need not wait.
        self.cell(base, bits).get_or_init(|| self.latents.code(base, bits)).clone()
    }

    fn is_coded(&self, base: Option<&Latents>, bits: u8) -> bool {
        self.cell(base, bits).get().is_some()
    }

    /// Whether the difference to `base` is likely to be shorter.
    fn is_near(&self, base: &Latents) -> bool {
        let near = || latents::are_near(&self.latents.values, &base.values);
        *self.known().near.entry(base.header.step).or_insert_with(near)
    }

    fn cell(&self, base: Option<&Latents>, bits: u8) -> Coded {
        let step = base.map_or(0, |base| base.header.step);
        self.known().coded.entry((step, bits)).or_default().clone()
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Latents {
    fn code(&self, base: Option<&Self>, bits: u8) -> Frame {
        let (width, height) = (self.header.width.into(), self.header.height.into());
        let before = base.map(|base| &base.values[..]);
        let coded = latents::encode(&self.values, before, width, height, bits);
        let base = base.map_or(0, |base| base.header.step);
        Frame::new(FrameHeader { base, ..self.header }, &coded).expect("so many values fit a frame")
    }

    /// Of the same picture and of one size.
    fn is_like(&self, other: &FrameHeader) -> bool {
        let size = |header: &FrameHeader| (header.channels, header.width, header.height);
        (self.header.job, self.header.picture) == (other.job, other.picture)
            && size(&self.header) == size(other)
    }
}

impl Last {
    /// What a frame of this header tells, which came behind those that are here. None if it is no latent that can be read.
    pub fn hear(&mut self, frame: &Frame) -> Option<Latents> {
        let header = frame.header;
        let base = match header.base {
            0 => None,
            step => Some(self.0.iter().find(|last| last.header.step == step && last.is_like(&header))?),
        };
        let before = base.map(|base| &base.values[..]);
        let (width, height) = (header.width.into(), header.height.into());
        let values = latents::decode(frame.payload(), before, header.channels.into(), width, height)?;
        let heard = Latents { header, values: values.into() };
        self.replace(heard.clone());
        Some(heard)
    }

    /// Takes the place of what was told of this picture before.
    fn replace(&mut self, latents: Latents) -> Option<Latents> {
        let header = latents.header;
        self.0.retain(|last| last.header.job == header.job);
        let place = self.0.iter().position(|last| last.header.picture == header.picture);
        let before = place.map(|place| self.0.swap_remove(place));
        if header.picture < PICTURES_MAX {
            self.0.push(latents);
        }
        before.filter(|before| before.is_like(&header))
    }

    pub fn forget(&mut self) {
        self.0.clear();
    }

    pub fn forget_job(&mut self, job: JobId) {
        self.0.retain(|last| last.header.job != job);
    }
}
