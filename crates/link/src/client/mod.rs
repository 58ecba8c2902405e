//! The browser's connection: a socket when one can be had, polling when not, and back.

mod event;
mod outbox;
mod polling;
mod receive;
mod socket;

pub use event::{Effect, Event, LinkState, Transport};

use crate::{Backoff, Time};
use outbox::Outbox;
use polling::Polling;
use wire::{Attention, ClientMessage, Hello, PROTOCOL, PersonToken, ViewerId, limits::ALIVE_EVERY_MS};

/// A socket that has not opened, or not been welcomed, after this long never will, in milliseconds.
pub const OPENING_MS: Time = 8_000;
/// Sockets that were never welcomed, one after the other, before polling is tried.
pub const SOCKET_TRIES: u32 = 2;
/// A connection that lasted this long, in milliseconds, was a good one: waits start small again.
const STEADY_MS: Time = 5_000;
/// On coming back, a socket silent for longer than this, in milliseconds, is taken for dead.
const QUIET_MS: Time = ALIVE_EVERY_MS + 5_000;

#[derive(Debug)]
enum Phase {
    /// Not started, or put away by the browser.
    Asleep,
    /// A socket was asked for.
    Opening {
        until: Time,
    },
    /// The socket is open and hello was said.
    Greeting {
        until: Time,
    },
    /// The server has welcomed this page on a socket.
    Socket {
        since: Time,
        heard: Time,
    },
    Polling(Polling),
    Waiting {
        at: Time,
    },
}

/// The connection of one open page.
#[derive(Debug)]
pub struct Client {
    person: PersonToken,
    viewer: ViewerId,
    attention: Attention,
    preference: Transport,
    started: bool,
    phase: Phase,
    outbox: Outbox,
    backoff: Backoff,
    /// Sockets in a row that were never welcomed.
    unwelcomed: u32,
    /// Number of the last fact handed on.
    last: u64,
    /// The greatest sequence handed on; what was sent twice is drawn once.
    newest_frame: u64,
    told: LinkState,
    timer: Option<Time>,
    effects: Vec<Effect>,
}

impl Client {
    /// `seed` spreads the retries of many clients; any number that differs between pages will do.
    pub fn new(
        person: PersonToken,
        viewer: ViewerId,
        attention: Attention,
        preference: Transport,
        seed: u64,
    ) -> Self {
        Self {
            person,
            viewer,
            attention,
            preference,
            started: false,
            phase: Phase::Asleep,
            outbox: Outbox::default(),
            backoff: Backoff::new(seed),
            unwelcomed: 0,
            last: 0,
            newest_frame: 0,
            told: LinkState::Connecting,
            timer: None,
            effects: Vec::new(),
        }
    }

    /// Takes in what happened and says what to do about it.
    pub fn handle(&mut self, event: Event, now: Time) -> Vec<Effect> {
        match event {
            Event::Start => {
                self.started = true;
                self.wake(now);
            }
            Event::SocketOpened => self.socket_opened(now),
            Event::SocketText(text) => self.socket_text(&text, now),
            Event::SocketFrame(bytes) => self.socket_frame(bytes, now),
            Event::SocketClosed => self.socket_closed(now),
            Event::PollAnswered(answer) => self.poll_answered(answer, now),
            Event::PollUnknown => self.poll_unknown(now),
            Event::PollFailed | Event::SayFailed => self.polling_failed(now),
            Event::Said => self.said(now),
            Event::Online | Event::PageShow => self.wake(now),
            Event::Visible => {
                self.set_attention(Attention { visible: true, ..self.attention }, now);
                self.wake(now);
            }
            Event::Hidden => self.set_attention(Attention { visible: false, ..self.attention }, now),
            Event::Offline => self.network_gone(now),
            Event::PageHide => self.page_hide(now),
            Event::Say(message) => self.say(message, now),
            Event::Drawn { sequence } => self.acknowledge(sequence),
            Event::Attention(wanted) => {
                self.set_attention(Attention { visible: self.attention.visible, ..wanted }, now);
            }
            Event::Preference(preference) => self.prefer(preference, now),
            Event::Timer => self.timer = None,
        }
        self.check_deadlines(now);
        self.tell_state();
        self.set_timer();
        std::mem::take(&mut self.effects)
    }

    pub fn state(&self) -> LinkState {
        match &self.phase {
            Phase::Asleep | Phase::Opening { .. } | Phase::Greeting { .. } => LinkState::Connecting,
            Phase::Socket { .. } => LinkState::Socket,
            Phase::Polling(polling) if polling.welcomed => LinkState::Polling,
            Phase::Polling(_) => LinkState::Connecting,
            Phase::Waiting { at } => LinkState::Offline { retry_at: *at },
        }
    }

    fn say(&mut self, message: ClientMessage, now: Time) {
        match message {
            // These three follow from the state of the connection, which only the machine knows.
            ClientMessage::Hello(_) | ClientMessage::Attention(_) | ClientMessage::Ack { .. } => {}
            message => {
                self.outbox.push(message.clone());
                self.send(message, now);
            }
        }
    }

    /// Sends on an open connection; without one, hello will say it.
    fn send(&mut self, message: ClientMessage, now: Time) {
        match &mut self.phase {
            Phase::Greeting { .. } | Phase::Socket { .. } => {
                self.effects.push(Effect::SendText(message.to_text()));
            }
            Phase::Polling(polling) => polling.post(message, self.viewer, now, &mut self.effects),
            Phase::Asleep | Phase::Opening { .. } | Phase::Waiting { .. } => {}
        }
    }

    /// What to say on every new connection: hello, then all that has no answer yet.
    fn greeting(&self) -> impl Iterator<Item = ClientMessage> + '_ {
        let hello = ClientMessage::Hello(Hello {
            protocol: PROTOCOL,
            person: self.person,
            viewer: self.viewer,
            last: self.last,
            attention: self.attention,
        });
        std::iter::once(hello).chain(self.outbox.messages().cloned())
    }

    fn set_attention(&mut self, attention: Attention, now: Time) {
        if attention != self.attention {
            self.attention = attention;
            self.send(ClientMessage::Attention(attention), now);
        }
    }

    /// There is a reason to believe that a connection can be had now.
    fn wake(&mut self, now: Time) {
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

    fn connect(&mut self, now: Time) {
        if self.preference == Transport::Polling {
            self.start_polling(now);
        } else {
            self.open_socket(now);
        }
    }

    /// Waits before the next try. `since`: when a connection that ended now was welcomed.
    fn wait(&mut self, since: Option<Time>, now: Time) {
        if since.is_some_and(|since| now.saturating_sub(since) >= STEADY_MS) {
            self.backoff.reset();
        }
        let at = now + self.backoff.next_wait();
        self.phase = Phase::Waiting { at };
    }

    fn network_gone(&mut self, now: Time) {
        if !matches!(self.phase, Phase::Asleep | Phase::Waiting { .. }) {
            self.drop_socket();
            self.wait(None, now);
        }
    }

    fn page_hide(&mut self, now: Time) {
        // A closed socket says that the page is away; a viewer that polls has to say it.
        let hidden = Attention { visible: false, background: false, ..self.attention };
        if matches!(self.phase, Phase::Polling(_)) {
            self.send(ClientMessage::Attention(hidden), now);
        }
        self.drop_socket();
        self.phase = Phase::Asleep;
    }

    fn prefer(&mut self, preference: Transport, now: Time) {
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

    fn check_deadlines(&mut self, now: Time) {
        match &self.phase {
            Phase::Waiting { at } if now >= *at => self.connect(now),
            Phase::Opening { .. } | Phase::Greeting { .. } | Phase::Socket { .. } => {
                self.check_socket(now);
            }
            Phase::Polling(_) => self.check_polling(now),
            Phase::Asleep | Phase::Waiting { .. } => {}
        }
    }

    fn deadline(&self) -> Option<Time> {
        match &self.phase {
            Phase::Asleep => None,
            Phase::Opening { until } | Phase::Greeting { until } => Some(*until),
            Phase::Socket { heard, .. } => Some(socket::dead_at(*heard)),
            Phase::Polling(polling) => Some(polling.deadline(self.preference)),
            Phase::Waiting { at } => Some(*at),
        }
    }

    fn tell_state(&mut self) {
        let state = self.state();
        if state != self.told {
            self.told = state;
            self.effects.push(Effect::State(state));
        }
    }

    /// A timer that comes too early finds nothing to do, so only an earlier one replaces it.
    fn set_timer(&mut self) {
        let Some(at) = self.deadline() else { return };
        if self.timer.is_none_or(|set| at < set) {
            self.timer = Some(at);
            self.effects.push(Effect::Timer { at });
        }
    }
}
