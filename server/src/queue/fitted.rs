//! Canvases as the sampler takes them, at the sizes of their pictures. The last one is remembered: what was read ahead is
//! what a click asks for.

use crate::tiles::Pin;
use crate::worker::fit;
use sampler::Picture;
use std::sync::{Arc, Mutex, PoisonError};
use wire::{Manifest, Spec};

#[derive(Default)]
pub(super) struct Fitted(Mutex<Option<(Arc<Manifest>, Picture)>>);

impl Fitted {
    /// The canvas that was put together last, if it is this one at this size.
    pub fn again(&self, pin: &Pin, spec: &Spec) -> Option<Picture> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (manifest, picture) = last.as_ref()?;
        let size = (picture.width, picture.height);
        (manifest == pin.manifest() && size == (spec.width, spec.height)).then(|| picture.clone())
    }

    /// The pinned canvas at the size of a picture, if all of its tiles are here. Decodes, so call it off the
    /// async threads.
    pub fn fit(&self, pin: &Pin, spec: &Spec) -> Option<Picture> {
        let manifest = pin.manifest();
        let size = (manifest.width(), manifest.height());
        let picture = fit(size, &pin.pixels()?, (spec.width, spec.height))?;
        let last = (manifest.clone(), picture.clone());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
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
