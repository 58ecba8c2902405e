//! What the passing of time does, and what the page is told of it all.

use super::{Client, Effect, Phase};
use crate::Time;

impl Client {
    pub(super) fn check_deadlines(&mut self, now: Time) {
        match &self.phase {
            Phase::Waiting { at } if now >= *at => self.connect(now),
            Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Socket { .. } => {
                self.check_socket(now);
            }
            Phase::Polling(_) => self.check_polling(now),
            Phase::Asleep | Phase::Waiting { .. } => {}
        }
    }

    pub(super) fn deadline(&self) -> Option<Time> {
        match &self.phase {
            Phase::Asleep => None,
            Phase::Opening { until } => Some(self.poll_beside_at().unwrap_or(*until)),
            Phase::Greeting { until, .. } => Some(*until),
            Phase::Socket { dead, .. } => Some(*dead),
            Phase::Polling(polling) => Some(polling.deadline(self.preference)),
            Phase::Waiting { at } => Some(*at),
        }
    }

    pub(super) fn tell_state(&mut self) {
        let state = self.state();
        if state != self.told {
            self.told = state;
            self.effects.push(Effect::State(state));
        }
    }

    /// A timer that comes too early finds nothing to do, so only an earlier one replaces it.
    pub(super) fn set_timer(&mut self) {
        let Some(at) = self.deadline() else { return };
        if self.timer.is_none_or(|set| at < set) {
            self.timer = Some(at);
            self.effects.push(Effect::Timer { at });
        }
    }
}
