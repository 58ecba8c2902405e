//! The part of the connection that has a socket.

use super::{BESIDE_MS, Client, Effect, OPENING_MS, Phase, SOCKET_TRIES, Transport};
use crate::Time;
use wire::ClientMessage;

/// What is answered at once has an answer after this long, in milliseconds, also on a slow link behind an upload.
const ANSWER_MS: Time = 10_000;

impl Client {
    pub(super) fn open_socket(&mut self, now: Time) {
        self.effects.push(Effect::OpenSocket);
        self.phase = Phase::Opening { until: now + OPENING_MS };
    }

    pub(super) fn socket_opened(&mut self, now: Time) {
        let (expected, polled) = match &self.phase {
            Phase::Opening { .. } => (true, false),
            Phase::Polling(polling) => (polling.is_probing(), polling.welcomed.is_some()),
            _ => (false, false),
        };
        if expected {
            let hello: Vec<_> = self.greeting().map(|message| message.to_text()).collect();
            self.effects.extend(hello.into_iter().map(Effect::SendText));
            self.phase = Phase::Greeting { until: now + OPENING_MS, polled };
        }
    }

    pub(super) fn socket_closed(&mut self, now: Time) {
        match &mut self.phase {
            Phase::Opening { .. } | Phase::Greeting { .. } => self.socket_unwelcomed(now),
            Phase::Socket { since, .. } => {
                let since = Some(*since);
                self.wait(since, now);
            }
            Phase::Polling(polling) if polling.is_probing() => self.probe_failed(now),
            Phase::Asleep | Phase::Polling(_) | Phase::Waiting { .. } => {}
        }
    }

    /// The stream cannot go on; a new hello mends it.
    pub(super) fn socket_broken(&mut self, now: Time) {
        self.effects.push(Effect::CloseSocket);
        self.socket_closed(now);
    }

    /// Something was said that is answered at once. A socket that died without a word stays silent.
    pub(super) fn expect_answer(&mut self, now: Time) {
        if let Phase::Socket { dead, .. } = &mut self.phase {
            *dead = (*dead).min(now + ANSWER_MS);
        }
    }

    /// Finds out soon whether the socket is dead.
    pub(super) fn ask_for_life(&mut self, now: Time) {
        if matches!(self.phase, Phase::Socket { .. }) {
            self.send(ClientMessage::Ping { sent: now }, now);
            self.expect_answer(now);
        }
    }

    pub(super) fn check_socket(&mut self, now: Time) {
        let over = match self.phase {
            Phase::Opening { until } | Phase::Greeting { until, .. } => now >= until,
            Phase::Socket { dead, .. } => now >= dead,
            _ => false,
        };
        if over {
            self.socket_broken(now);
        } else if self.poll_beside_at().is_some_and(|at| now >= at) {
            self.poll_beside(now);
        }
    }

    /// When a socket that is being opened has taken so long that polling begins.
    pub(super) fn poll_beside_at(&self) -> Option<Time> {
        match self.phase {
            Phase::Opening { until } if self.preference == Transport::Automatic => {
                Some(until - OPENING_MS + BESIDE_MS)
            }
            _ => None,
        }
    }

    /// Closes the socket, if this phase may have one.
    pub(super) fn drop_socket(&mut self) {
        let has_one = match &self.phase {
            Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Socket { .. } => true,
            Phase::Polling(polling) => polling.is_probing(),
            Phase::Asleep | Phase::Waiting { .. } => false,
        };
        if has_one {
            self.effects.push(Effect::CloseSocket);
        }
    }

    fn socket_unwelcomed(&mut self, now: Time) {
        self.unwelcomed = self.unwelcomed.saturating_add(1);
        if self.preference == Transport::Automatic && self.unwelcomed >= SOCKET_TRIES {
            self.start_polling(now);
            self.probe_rarer();
        } else {
            self.wait(None, now);
        }
    }
}
