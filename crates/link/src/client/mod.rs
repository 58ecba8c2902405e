//! The browser's connection: a socket when one can be had, polling when not, and back.

mod event;
mod newest;
mod outbox;
mod polling;
mod receive;
mod socket;
mod timing;
mod way;

pub use event::{Effect, Event, LinkState, Transport};

use crate::{Backoff, Time, preview::Last};
use bytes::Bytes;
use newest::Newest;
use outbox::Outbox;
use polling::Polling;
use wire::{Attention, ClientMessage, Hello, Manifest, PROTOCOL, PersonToken, ViewerId};

/// A socket that has not opened, or not been welcomed, after this long never will, in milliseconds.
pub const OPENING_MS: Time = 8_000;
/// One that is neither open nor refused after this long, in milliseconds, is waited for beside polling.
const BESIDE_MS: Time = 2_500;
/// Sockets that were never welcomed, one after the other, before polling is tried.
pub const SOCKET_TRIES: u32 = 2;
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
        /// The page was polling until now, and is not without a connection.
        polled: bool,
    },
    /// The server has welcomed this page on a socket.
    Socket {
        since: Time,
        heard: Time,
        /// When it is given up, unless something is heard before.
        dead: Time,
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
    /// Connections in a row that were never welcomed.
    unwelcomed: u32,
    /// How long to poll before a socket is tried again.
    probe_wait: Time,
    /// What the last fresh welcome named; 0 before the first.
    stream: u32,
    /// Number of the last fact of it that was handed on.
    last: u64,
    /// What was sent twice is drawn once.
    newest: Newest,
    /// What frames that tell differences tell them to.
    latents: Last,
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
            probe_wait: polling::PROBE_FIRST_MS,
            stream: 0,
            last: 0,
            newest: Newest::default(),
            latents: Last::default(),
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
            Event::Refused(problem) => self.polling_refused(problem, now),
            Event::Said => self.said(now),
            Event::Online | Event::PageShow => self.wake(now),
            Event::Visible => {
                self.set_attention(Attention { visible: true, ..self.attention }, now);
                self.wake(now);
                // A phone may have slept, and its connection have died.
                self.ask_for_life(now);
            }
            Event::Doubt => self.ask_for_life(now),
            Event::Hidden => self.set_attention(Attention { visible: false, ..self.attention }, now),
            Event::Offline => self.network_gone(now),
            Event::PageHide => self.page_hide(now),
            Event::Say(message) => self.say(message, now),
            Event::Strokes { deeds, manifest } => self.say_strokes(deeds, manifest, now),
            Event::Drawn { sequence } => self.acknowledge(sequence),
            Event::Attention(wanted) => {
                self.set_attention(Attention { visible: self.attention.visible, ..wanted }, now);
            }
            Event::Preference(preference) => self.prefer(preference, now),
            Event::Ping if self.is_welcomed() => self.send(ClientMessage::Ping { sent: now }, now),
            Event::Ping => {}
            Event::Prepare { canvas, spec } if self.is_welcomed() => {
                self.send(ClientMessage::Prepare { canvas, spec }, now);
            }
            Event::Prepare { .. } => {}
            Event::Timer => self.timer = None,
        }
        self.check_deadlines(now);
        self.tell_state();
        self.set_timer();
        std::mem::take(&mut self.effects)
    }

    /// What was said and has no answer, as far as the next page has to say it.
    pub fn unsettled(&self) -> impl Iterator<Item = &ClientMessage> {
        use ClientMessage::{Cancel, Generate, Remove};
        self.outbox.messages().filter(|said| matches!(said, Generate { .. } | Cancel { .. } | Remove { .. }))
    }

    pub fn state(&self) -> LinkState {
        match &self.phase {
            Phase::Socket { .. } => LinkState::Socket,
            Phase::Polling(polling) if polling.welcomed.is_some() => LinkState::Polling,
            Phase::Greeting { polled: true, .. } => LinkState::Polling,
            Phase::Asleep => LinkState::Connecting,
            _ if self.has_another_way() => LinkState::Connecting,
            // Also while another try is under way: a word for each would flicker.
            _ if self.backoff.has_failed() => {
                LinkState::Offline { retry_at: self.deadline().unwrap_or_default() }
            }
            _ => LinkState::Connecting,
        }
    }

    /// Whether no way to the server worked yet, and there is one that was not tried.
    fn has_another_way(&self) -> bool {
        let ways = if self.preference == Transport::Automatic { SOCKET_TRIES } else { 0 };
        self.stream == 0 && self.unwelcomed <= ways
    }

    fn say(&mut self, message: ClientMessage, now: Time) {
        match message {
            // These follow from the state of the connection, which only the machine knows.
            ClientMessage::Hello(_)
            | ClientMessage::Attention(_)
            | ClientMessage::Ack { .. }
            | ClientMessage::Ping { .. }
            | ClientMessage::Prepare { .. } => {}
            message => {
                let is_stroke = matches!(message, ClientMessage::Canvas { .. });
                let is_answered = matches!(message, ClientMessage::Generate { .. });
                self.outbox.push(message.clone());
                self.send(message, now);
                if is_answered {
                    self.expect_answer(now);
                }
                // Whoever waits for an answer does not wait for the next try, too.
                if !is_stroke && matches!(self.phase, Phase::Waiting { .. }) {
                    self.wake(now);
                }
            }
        }
    }

    /// Said again, they would follow from nothing: the canvas is what is kept.
    fn say_strokes(&mut self, deeds: Bytes, manifest: Manifest, now: Time) {
        let canvas = ClientMessage::Canvas { manifest };
        if matches!(self.phase, Phase::Socket { .. }) {
            self.outbox.push(canvas);
            self.effects.push(Effect::SendBytes(deeds));
        } else {
            self.say(canvas, now);
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
            stream: self.stream,
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
}
