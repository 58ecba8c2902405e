//! Canvases as the sampler takes them, at the sizes of their pictures. The last one is remembered: what was read ahead is
//! what a click asks for, and while one draws, most of a canvas is the one before.

use crate::tiles::Pin;
use crate::worker::{Averaging, fit};
use sampler::Picture;
use std::sync::{Arc, Mutex, PoisonError};
use wire::{Manifest, Spec};

#[derive(Default)]
pub(super) struct Fitted(Mutex<Option<Last>>);

struct Last {
    manifest: Arc<Manifest>,
    /// Rows of RGBA.
    pixels: Vec<u8>,
    picture: Picture,
    averaging: Averaging,
}

impl Fitted {
    /// The canvas that was put together last, if it is this one at this size.
    pub fn again(&self, pin: &Pin, spec: &Spec) -> Option<Picture> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Last { manifest, picture, averaging, .. } = last.as_ref()?;
        let wanted = Averaging::of((manifest.width(), manifest.height()), spec);
        let is_made = (picture.width, picture.height, *averaging) == (spec.width, spec.height, wanted);
        (manifest == pin.manifest() && is_made).then(|| picture.clone())
    }

    /// The pinned canvas at the size of a picture, if all of its tiles are here. Decodes, so call it off the
    /// async threads.
    pub fn fit(&self, pin: &Pin, spec: &Spec) -> Option<Picture> {
        let last = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Taken out, so that nobody waits: who comes meanwhile decodes all.
        let mut before = last().take().map(|last| (last.manifest, last.pixels));
        let before = before.as_mut().map(|(manifest, pixels)| (&**manifest, std::mem::take(pixels)));
        let pixels = pin.pixels(before)?;
        let manifest = pin.manifest().clone();
        let paper = (manifest.width(), manifest.height());
        let averaging = Averaging::of(paper, spec);
        let picture = fit(paper, &pixels, (spec.width, spec.height), averaging)?;
        *last() = Some(Last { manifest, pixels, picture: picture.clone(), averaging });
        Some(picture)
    }

    /// The same on a thread for such things.
    pub async fn fit_elsewhere(self: &Arc<Self>, pin: Arc<Pin>, spec: &Spec) -> Option<Picture> {
        if let Some(picture) = self.again(&pin, spec) {
            return Some(picture);
        }
        let (fitted, spec) = (self.clone(), spec.clone());
        tokio::task::spawn_blocking(move || fitted.fit(&pin, &spec)).await.ok().flatten()
    }
}
