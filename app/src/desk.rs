//! The handle by which every part reads the studio and tells it what the person does.

use crate::studio::{Event, Studio};
use leptos::prelude::*;

/// Copied into every closure of the page.
#[derive(Clone, Copy)]
pub struct Desk {
    studio: RwSignal<Studio>,
}

impl Desk {
    /// Makes the studio and hands it to every part below.
    pub fn provide() -> Self {
        let desk = Self { studio: RwSignal::new(Studio::default()) };
        provide_context(desk);
        desk
    }

    /// The studio of the page that this part is on.
    ///
    /// # Panics
    /// Outside of [`crate::App`].
    pub fn here() -> Self {
        expect_context()
    }

    pub fn studio(self) -> RwSignal<Studio> {
        self.studio
    }

    /// Something read off the studio, for one place of the page. Text and attributes that are the same
    /// as before are not written again, so they need no memory; properties (`prop:`) do.
    ///
    /// The look is a plain function, so that all attributes of one kind are one type and share their code.
    pub fn see<T: 'static>(self, look: fn(&Studio) -> T) -> impl Fn() -> T + Copy + Send + Sync + 'static {
        move || self.studio.with(look)
    }

    /// The same for what is costly or harmful to show again: it tells only of changes.
    pub fn memo<T: Clone + PartialEq + Send + Sync + 'static>(self, look: fn(&Studio) -> T) -> Memo<T> {
        Memo::new(move |_| self.studio.with(look))
    }

    /// Something read off the studio once.
    pub fn peek<T>(self, look: impl FnOnce(&Studio) -> T) -> T {
        self.studio.with_untracked(look)
    }

    /// Tells the studio; on the server nobody does anything.
    pub fn send(self, event: Event) {
        #[cfg(feature = "hydrate")]
        crate::browser::send(event);
        #[cfg(not(feature = "hydrate"))]
        drop(event);
    }

    /// A handler that tells the studio something whatever the event was: one type for all of a kind, like [`Self::see`].
    pub fn tell<E: 'static>(self, event: fn(&Studio) -> Event) -> impl Fn(E) + Copy + 'static {
        move |_| self.send(self.peek(event))
    }

    /// A number that nobody could know, short enough to be read out: 0 to 2^32 - 1.
    pub fn chance(self) -> u64 {
        #[cfg(feature = "hydrate")]
        return crate::browser::chance() >> 32;
        #[cfg(not(feature = "hydrate"))]
        0
    }
}
