//! Which way to go, and when to try again.

use super::{Client, Effect, Phase, Transport};
use crate::Time;
use wire::{Attention, ClientMessage, limits::ALIVE_EVERY_MS};

/// A connection that lasted this long, in milliseconds, was a good one, even if the link is cut every few seconds: waits
/// start small again.
const STEADY_MS: Time = 1_000;
/// The longest wait for a server that somebody waits for, in milliseconds.
const AWAITED_MS: Time = 5_000;
/// On coming back, a socket silent for longer than this, in milliseconds, is taken for dead.
const QUIET_MS: Time = ALIVE_EVERY_MS + 5_000;

impl Client {
    /// There is a reason to believe that a connection can be had now.
    pub(super) fn wake(&mut self, now: Time) {
        match &mut self.phase {
            Phase::Asleep if !self.started => {}
            Phase::Asleep | Phase::Waiting { .. } => {
                self.backoff.reset();
                self.connect(now);
            }
            Phase::Socket { heard, .. } if now.saturating_sub(*heard) > QUIET_MS => {
                self.effects.push(Effect::CloseSocket);
                self.connect(now);
            }
            Phase::Polling(polling) => polling.probe_soon(now),
            Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Socket { .. } => {}
        }
    }

    pub(super) fn connect(&mut self, now: Time) {
        if self.preference == Transport::Polling {
            self.start_polling(now);
        } else {
            self.open_socket(now);
        }
    }

    /// Waits before the next try. `since`: when a connection that ended now was welcomed.
    pub(super) fn wait(&mut self, since: Option<Time>, now: Time) {
        if since.is_some_and(|since| now.saturating_sub(since) >= STEADY_MS) {
            self.backoff.reset();
        }
        let wait = self.backoff.next_wait();
        // Where nobody answers at all, trying costs nobody anything.
        let is_awaited = since.is_none() && self.attention.visible;
        let at = now + if is_awaited { wait.min(AWAITED_MS) } else { wait };
        self.phase = Phase::Waiting { at };
    }

    pub(super) fn network_gone(&mut self, now: Time) {
        if !matches!(self.phase, Phase::Asleep | Phase::Waiting { .. }) {
            self.drop_socket();
            self.wait(None, now);
        }
    }

    pub(super) fn page_hide(&mut self, now: Time) {
        // A closed socket says that the page is away; a viewer that polls has to say it.
        let hidden = Attention { visible: false, background: false, ..self.attention };
        if matches!(self.phase, Phase::Polling(_)) {
            self.send(ClientMessage::Attention(hidden), now);
        }
        self.drop_socket();
        self.phase = Phase::Asleep;
    }

    pub(super) fn prefer(&mut self, preference: Transport, now: Time) {
        if self.preference == preference {
            return;
        }
        self.preference = preference;
        match &mut self.phase {
            Phase::Asleep => {}
            Phase::Polling(polling) if preference == Transport::Automatic => polling.probe_soon(now),
            Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Socket { .. }
                if preference != Transport::Polling => {}
            _ => {
                self.drop_socket();
                self.connect(now);
            }
        }
    }
}
