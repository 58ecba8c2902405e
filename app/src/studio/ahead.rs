//! What a click would need is made before the click, once the hand rests: the server may read the drawing and the
//! words meanwhile.

use super::{Effect, Event, Studio, Sync};
use link::{Time, client};
use wire::{Digest, Spec};

/// The hand rests if nothing changed for this long.
const REST_MS: Time = 150;

/// The server remembers where strokes led to at least for so long.
const FOLLOWED_MS: Time = 300_000;

/// What was asked for ahead last.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    asked: Option<(Digest, Spec)>,
    /// The alarm is set.
    waits: bool,
    /// When something changed last.
    changed: Time,
}

impl Studio {
    /// Something happened: if it changed what a click would ask for, the rest begins anew.
    pub(super) fn look_ahead(&mut self, event: Seen, now: Time, out: &mut Vec<Effect>) {
        match event {
            Seen::Rested => self.ahead.waits = false,
            Seen::Changed => self.ahead.changed = now,
            Seen::Other => {}
        }
        let Some(wanted) = self.wanted_ahead() else { return };
        if self.ahead.waits || self.ahead.asked.as_ref() == Some(&wanted) {
            return;
        }
        let rested = self.ahead.changed + REST_MS;
        if now < rested {
            self.ahead.waits = true;
            out.push(Effect::RestTimer(rested));
            return;
        }
        let (canvas, spec) = wanted.clone();
        self.ahead.asked = Some(wanted);
        // Where strokes led to, the server knows by itself, for a while.
        let led = self.told.is_some() && self.sheet.is_known(now, FOLLOWED_MS);
        let canvas = (!led).then_some(canvas);
        self.tell(client::Event::Prepare { canvas, spec }, now, out);
    }

    /// What a click would ask for, if the server may as well make it ready.
    fn wanted_ahead(&self) -> Option<(Digest, Spec)> {
        // What is still under way could not be read, and would not be asked for again.
        let there = self.ready && self.is_connected() && self.sync() == Sync::Synced;
        // What a ControlNet is told is not remembered. A stroke that is told in parts will be another when the hand rests.
        let free = there && !self.under_way && self.visible && !self.is_busy() && self.control().is_empty();
        let canvas = self.sheet.current().filter(|_| free)?.digest;
        // On nothing else depends how the drawing and the words are read.
        let Spec {
            model, prompt, negative, guidance, image_guidance, clip_skip, width, height, mask, ..
        } = self.spec();
        let words = Spec { model, prompt, negative, guidance, image_guidance, clip_skip, ..Spec::default() };
        Some((canvas, Spec { width, height, mask, ..words }))
    }
}

/// What an event is for [`Studio::look_ahead`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Rested,
    Changed,
    Other,
}

impl Seen {
    pub fn of(event: &Event) -> Self {
        match event {
            Event::Rested => Self::Rested,
            Event::Link(_) | Event::Upload(_) | Event::MeterDue | Event::Coded { .. } => Self::Other,
            Event::Painted(_) | Event::Herald { .. } | Event::SilenceDue => Self::Other,
            _ => Self::Changed,
        }
    }
}
