//! What the server says, by whichever way it came: each fact once and in order.

use super::{Client, Effect, Newest, Phase, polling::PROBE_FIRST_MS};
use crate::Time;
use bytes::Bytes;
use wire::{ClientMessage, Fact, Frame, FrameFormat, Numbered, limits::DEAD_AFTER_MS};

/// A fact is missing, which no connection of this protocol does.
pub(super) struct Gap;

impl Client {
    pub(super) fn socket_text(&mut self, text: &str, now: Time) {
        if self.hear_socket(now) && self.receive_text(text, now).is_err() {
            self.socket_broken(now);
        }
    }

    pub(super) fn socket_frame(&mut self, bytes: Bytes, now: Time) {
        if self.hear_socket(now)
            && let Ok(frame) = Frame::parse(bytes)
        {
            self.receive_frame(frame);
        }
    }

    /// Whether a socket of ours may be talking.
    fn hear_socket(&mut self, now: Time) -> bool {
        if let Phase::Socket { heard, dead, .. } = &mut self.phase {
            (*heard, *dead) = (now, now + DEAD_AFTER_MS);
        }
        matches!(self.phase, Phase::Greeting { .. } | Phase::Socket { .. })
    }

    pub(super) fn receive_text(&mut self, text: &str, now: Time) -> Result<(), Gap> {
        let (n, fact) = match Numbered::parse(text) {
            Ok(Numbered { n, fact }) => (n, Some(fact)),
            // A fact of a later server: not understood, but counted, or the next would be a gap.
            Err(_) => match Numbered::number(text) {
                Some(n) => (n, None),
                None => return Ok(()),
            },
        };
        if n > 0 && (!self.is_welcomed() || n <= self.last) {
            return Ok(());
        } else if n > self.last.saturating_add(1) {
            return Err(Gap);
        } else if n > 0 {
            self.last = n;
        }
        if let Some(fact) = fact {
            self.take_in(fact, now);
        }
        Ok(())
    }

    fn take_in(&mut self, fact: Fact, now: Time) {
        match &fact {
            Fact::Alive => return,
            Fact::Welcome { stream, fresh, .. } => self.welcomed(*stream, *fresh, now),
            _ => {}
        }
        self.outbox.settle(&fact);
        self.effects.push(Effect::Fact(fact.into()));
    }

    fn welcomed(&mut self, stream: u32, fresh: bool, now: Time) {
        if fresh {
            (self.stream, self.last) = (stream, 0);
            // A server that was started again counts its frames from the beginning.
            self.newest = Newest::default();
        }
        match &mut self.phase {
            Phase::Greeting { .. } => {
                self.phase = Phase::Socket { since: now, heard: now, dead: now + DEAD_AFTER_MS };
                self.unwelcomed = 0;
                self.probe_wait = PROBE_FIRST_MS;
            }
            Phase::Polling(polling) => polling.welcomed = Some(now),
            _ => {}
        }
    }

    pub(super) fn is_welcomed(&self) -> bool {
        match &self.phase {
            Phase::Socket { .. } => true,
            Phase::Polling(polling) => polling.welcomed.is_some(),
            _ => false,
        }
    }

    pub(super) fn receive_frame(&mut self, frame: Frame) {
        let header = frame.header;
        if !self.is_welcomed() {
            return;
        }
        // Also of what was seen before the last cut: the next may be told as the difference to it.
        let effect = match header.format {
            FrameFormat::Latent => self.latents.hear(&frame).map(Effect::Latents),
            FrameFormat::Jpeg => Some(Effect::Picture(frame)),
        };
        match effect.filter(|_| self.newest.takes(&header)) {
            Some(effect) => {
                if header.job.0 == self.viewer.0 {
                    self.outbox.settle_live();
                }
                self.effects.push(effect);
            }
            // Nothing to draw, but the server waits to hear of it.
            None => self.acknowledge(header.sequence),
        }
    }

    /// On a socket. A poll acknowledges by itself.
    pub(super) fn acknowledge(&mut self, sequence: u64) {
        if matches!(self.phase, Phase::Socket { .. }) {
            self.effects.push(Effect::SendText(ClientMessage::Ack { sequence }.to_text()));
        }
    }
}
