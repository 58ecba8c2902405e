//! The browser's connection: a socket when one can be had, polling when not, and back.

mod event;

pub use event::{Effect, Event, LinkState, Transport};

use crate::Time;
use wire::{Attention, PersonToken, ViewerId};

/// The connection of one open page.
#[derive(Debug)]
pub struct Client {
    state: LinkState,
}

impl Client {
    /// `seed` spreads the retries of many clients; any number that differs between pages will do.
    pub fn new(
        _person: PersonToken,
        _viewer: ViewerId,
        _attention: Attention,
        _preference: Transport,
        _seed: u64,
    ) -> Self {
        Self { state: LinkState::Connecting }
    }

    /// Takes in what happened and says what to do about it.
    pub fn handle(&mut self, _event: Event, _now: Time) -> Vec<Effect> {
        Vec::new()
    }

    pub fn state(&self) -> LinkState {
        self.state
    }
}
