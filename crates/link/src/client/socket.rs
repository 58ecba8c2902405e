//! The part of the connection that has a socket.

use super::{Client, Effect, OPENING_MS, Phase, SOCKET_TRIES, Transport};
use crate::Time;

/// What is answered at once has an answer after this long, in milliseconds, also on a slow link behind an upload.
const ANSWER_MS: Time = 10_000;

impl Client {
    pub(super) fn open_socket(&mut self, now: Time) {
        self.effects.push(Effect::OpenSocket);
        self.phase = Phase::Opening { until: now + OPENING_MS };
    }

    pub(super) fn socket_opened(&mut self, now: Time) {
        let expected = match &self.phase {
            Phase::Opening { .. } => true,
            Phase::Polling(polling) => polling.is_probing(),
            _ => false,
        };
        if expected {
            let hello: Vec<_> = self.greeting().map(|message| message.to_text()).collect();
            self.effects.extend(hello.into_iter().map(Effect::SendText));
            self.phase = Phase::Greeting { until: now + OPENING_MS };
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

    pub(super) fn check_socket(&mut self, now: Time) {
        let over = match self.phase {
            Phase::Opening { until } | Phase::Greeting { until } => now >= until,
            Phase::Socket { dead, .. } => now >= dead,
            _ => false,
        };
        if over {
            self.socket_broken(now);
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
