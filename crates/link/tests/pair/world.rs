//! One page and one server on virtual time, and everything between them that can go wrong.

use crate::server::{Server, values};
use link::{
    Client, Latents, LinkState, Outgoing, Random, Time, Transport,
    client::{Effect, Event},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    mem::discriminant,
};
use wire::{
    ALIVE, Attention, ClientMessage, Fact, Frame, JobState, PersonToken, Said, Seen, ViewerId,
    limits::ALIVE_EVERY_MS,
};

pub const VIEWER: ViewerId = ViewerId(*b"a viewer");

enum Act {
    Open(u32),
    ToPage(u32, Event),
    ToServer(u32, String),
    Ask(u32, Ask),
    Answer(u32, Event),
    PageTimer,
    /// The server sees the end of what the page closed.
    End(u32),
    HoldEnds(u32),
    Alive,
    Tick,
}

enum Ask {
    Poll(Seen),
    Say(Said),
}

/// On one socket nothing overtakes anything, as on TCP; sockets and requests overtake each other as `jitter` has it.
pub struct World {
    pub now: Time,
    pub server: Server,
    pub client: Client,
    acts: BTreeMap<(Time, u64), Act>,
    order: u64,
    pub acts_done: u64,
    /// Connections through which bytes still pass.
    wires: BTreeSet<u32>,
    socket: Option<u32>,
    poll: Option<u32>,
    post: Option<u32>,
    held: BTreeMap<u32, Seen>,
    /// When the last of what is under way on a socket arrives, to the page and to the server.
    busy_until: BTreeMap<(u32, bool), Time>,
    random: Random,
    next_id: u32,
    pub sockets_allowed: bool,
    /// Whoever asks for one hears nothing.
    pub sockets_hang: bool,
    /// Sockets open, and nothing goes through them.
    pub sockets_deaf: bool,
    pub network: bool,
    /// The next answer to a poll with a frame gets lost, and the browser asks again without a word to the page.
    pub repeats: bool,
    /// Of every way there and every way back, and what may come to it.
    pub delay: Time,
    pub jitter: Time,
    /// The browser runs nothing of the page.
    pub asleep: bool,
    pub ticking: bool,
    pub draws: bool,
    // What the page has seen.
    pub step: u16,
    pub drawn: Option<(u64, u16)>,
    /// Frames that told the difference to another.
    pub differences: u64,
    pub accepted: BTreeMap<u32, u32>,
    pub fresh: u32,
    /// What it told the person of its connection, changes of the next try apart.
    pub told: Vec<LinkState>,
    pub sockets_tried: u32,
    pub resumed: u32,
    /// When something came to the page last, and the longest that nothing did, in milliseconds.
    heard: Time,
    pub longest_silence: Time,
}

impl World {
    pub fn new(preference: Transport, seed: u64) -> Self {
        let person = PersonToken([7; 16]);
        let client = Client::new(person, VIEWER, Attention::default(), preference, seed);
        let mut world = Self {
            now: 1_000,
            server: Server::default(),
            client,
            acts: BTreeMap::new(),
            order: 0,
            acts_done: 0,
            wires: BTreeSet::new(),
            socket: None,
            poll: None,
            post: None,
            held: BTreeMap::new(),
            busy_until: BTreeMap::new(),
            random: Random::new(seed),
            next_id: 0,
            sockets_allowed: true,
            sockets_hang: false,
            sockets_deaf: false,
            network: true,
            repeats: false,
            delay: 30,
            jitter: 0,
            asleep: false,
            ticking: true,
            draws: true,
            step: 0,
            drawn: None,
            differences: 0,
            accepted: BTreeMap::new(),
            fresh: 0,
            told: Vec::new(),
            resumed: 0,
            sockets_tried: 0,
            heard: 1_000,
            longest_silence: 0,
        };
        world.after(40, Act::Tick);
        world.after(ALIVE_EVERY_MS, Act::Alive);
        world
    }

    pub fn state(&self) -> LinkState {
        self.client.state()
    }

    fn after(&mut self, wait: Time, act: Act) {
        self.order += 1;
        self.acts.insert((self.now + wait, self.order), act);
    }

    /// A request or its answer travels.
    fn travel(&mut self, act: Act) {
        let wait = self.delay + self.random.up_to(self.jitter);
        self.after(wait, act);
    }

    /// Something travels on a socket, behind what travels there already.
    fn travel_on(&mut self, socket: u32, to_page: bool, act: Act) {
        let soonest = self.now + self.delay + self.random.up_to(self.jitter);
        let at = self.busy_until.entry((socket, to_page)).or_default();
        *at = soonest.max(*at);
        let wait = *at - self.now;
        self.after(wait, act);
    }

    fn id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id
    }

    /// Lets everything happen that is due in the next `length` milliseconds.
    pub fn run(&mut self, length: Time) {
        let end = self.now + length;
        while self.step_before(end) {}
        self.now = end;
    }

    /// Lets the next thing happen, unless it is due after `end`.
    pub fn step_before(&mut self, end: Time) -> bool {
        let Some(entry) = self.acts.first_entry() else { return false };
        if entry.key().0 > end {
            return false;
        }
        self.now = entry.key().0;
        let act = entry.remove();
        if self.asleep && matches!(act, Act::ToPage(..) | Act::Answer(..) | Act::PageTimer) {
            self.after(1_000, act);
            return true;
        }
        self.acts_done += 1;
        self.act(act);
        self.pump();
        true
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Open(_) if self.sockets_hang => {}
            Act::Open(socket) => {
                let opens = self.sockets_allowed && self.network;
                if opens {
                    self.wires.insert(socket);
                    self.server.open(socket);
                }
                let event = if opens { Event::SocketOpened } else { Event::SocketClosed };
                self.travel_on(socket, true, Act::ToPage(socket, event));
            }
            Act::ToPage(socket, event) => {
                let passes = self.wires.contains(&socket) || event == Event::SocketClosed;
                if passes && self.socket == Some(socket) {
                    if event == Event::SocketClosed {
                        self.socket = None;
                    }
                    self.longest_silence = self.longest_silence.max(self.now - self.heard);
                    self.heard = self.now;
                    let frame = match &event {
                        Event::SocketFrame(bytes) => Frame::parse(bytes.clone()).ok(),
                        _ => None,
                    };
                    self.tell(event);
                    if let Some(frame) = frame.filter(|_| self.state() == LinkState::Socket) {
                        let drawn = self.drawn.map(|(sequence, _)| sequence);
                        assert!(drawn >= Some(frame.header.sequence), "a frame could not be read");
                    }
                }
            }
            Act::ToServer(socket, text) => {
                if self.wires.contains(&socket) {
                    self.server.hear(socket, &text, self.now);
                }
            }
            Act::Ask(id, ask) => self.asked(id, ask),
            Act::Answer(id, event) => self.answered(id, event),
            Act::PageTimer => self.tell(Event::Timer),
            Act::End(socket) => self.server_sees_end(socket),
            Act::HoldEnds(id) => self.answer_held(id, false),
            Act::Alive => {
                self.server.forget_the_gone(self.now);
                let sockets: Vec<_> = self.server.alive().collect();
                for socket in sockets {
                    self.travel_on(socket, true, Act::ToPage(socket, Event::SocketText(ALIVE.to_owned())));
                }
                self.after(ALIVE_EVERY_MS, Act::Alive);
            }
            Act::Tick => {
                if self.ticking {
                    self.server.tick(self.now);
                }
                self.after(40, Act::Tick);
            }
        }
    }

    fn asked(&mut self, id: u32, ask: Ask) {
        let failed = |ask: &Ask| match ask {
            Ask::Poll(_) => Event::PollFailed,
            Ask::Say(_) => Event::SayFailed,
        };
        if !self.network {
            return self.travel(Act::Answer(id, failed(&ask)));
        }
        match ask {
            Ask::Say(said) => {
                for message in said.messages {
                    self.server.hear_post(said.viewer, message, self.now);
                }
                self.travel(Act::Answer(id, Event::Said));
            }
            Ask::Poll(seen) => {
                self.held.insert(id, seen);
                self.answer_held(id, true);
                self.after(2_000, Act::HoldEnds(id));
            }
        }
    }

    fn answer_held(&mut self, id: u32, hold: bool) {
        let Some(&seen) = self.held.get(&id) else { return };
        let event = match self.server.poll(VIEWER, seen, hold, self.now) {
            Some(None) => return,
            Some(Some(answer)) if self.repeats && !answer.frames.is_empty() => {
                self.repeats = false;
                self.held.remove(&id);
                return self.travel(Act::Ask(id, Ask::Poll(seen)));
            }
            Some(Some(answer)) => Event::PollAnswered(answer),
            None => Event::PollUnknown,
        };
        self.held.remove(&id);
        self.travel(Act::Answer(id, event));
    }

    fn answered(&mut self, id: u32, event: Event) {
        let current = if matches!(event, Event::Said | Event::SayFailed) { self.post } else { self.poll };
        if current != Some(id) {
            return;
        }
        let event = match event {
            _ if self.network => event,
            Event::Said | Event::SayFailed => Event::SayFailed,
            _ => Event::PollFailed,
        };
        self.tell(event);
    }

    fn pump(&mut self) {
        for (socket, outgoing) in self.server.pump(self.now) {
            let event = match outgoing {
                Outgoing::Text(text) => Event::SocketText(text),
                Outgoing::Frame(frame) => Event::SocketFrame(frame.frame().bytes().clone()),
            };
            self.travel_on(socket, true, Act::ToPage(socket, event));
        }
        let held: Vec<_> = self.held.keys().copied().collect();
        held.into_iter().for_each(|id| self.answer_held(id, true));
    }

    /// Something happens to the page; what the client asks for is done.
    pub fn tell(&mut self, event: Event) {
        for effect in self.client.handle(event, self.now) {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::OpenSocket => {
                let id = self.id();
                self.sockets_tried += 1;
                self.socket = Some(id);
                self.travel_on(id, false, Act::Open(id));
            }
            Effect::CloseSocket => {
                if let Some(socket) = self.socket.take() {
                    // What was sent before still arrives.
                    self.travel_on(socket, false, Act::End(socket));
                }
            }
            Effect::SendBytes(_) => unreachable!("this page draws no strokes"),
            Effect::SendText(text) => {
                if let Some(socket) = self.socket.filter(|_| !self.sockets_deaf) {
                    self.travel_on(socket, false, Act::ToServer(socket, text));
                }
            }
            Effect::Poll(seen) => {
                let id = self.id();
                self.poll = Some(id);
                self.travel(Act::Ask(id, Ask::Poll(seen)));
            }
            Effect::Post(said) => {
                let id = self.id();
                self.post = Some(id);
                self.travel(Act::Ask(id, Ask::Say(said)));
            }
            Effect::Timer { at } => {
                self.after(at.saturating_sub(self.now), Act::PageTimer);
            }
            Effect::Fact(fact) => self.see(*fact),
            Effect::Picture(_) => unreachable!("nobody asked for pictures"),
            Effect::Latents(Latents { header, values: seen }) => {
                let made = values(header.step);
                // Values told in six bits end in 2, those told in four in 8.
                let off = if seen[0] % 4 == 2 { 2 } else { 8 };
                let near = |(seen, made): (&u8, &u8)| seen.abs_diff(*made) <= off;
                assert!(
                    seen.len() == made.len() && seen.iter().zip(&made).all(near),
                    "it shows what was made"
                );
                self.differences += u64::from(header.base > 0);
                if let Some((sequence, _)) = self.drawn {
                    assert!(header.sequence > sequence, "frames never go back");
                }
                self.drawn = Some((header.sequence, header.step));
                if self.draws {
                    self.tell(Event::Drawn { sequence: header.sequence });
                }
            }
            Effect::State(state) => {
                assert_eq!(state, self.client.state());
                if self.told.last().is_none_or(|last| discriminant(last) != discriminant(&state)) {
                    self.told.push(state);
                }
            }
        }
    }

    fn see(&mut self, fact: Fact) {
        match fact {
            Fact::Welcome { fresh: true, snapshot, .. } => {
                self.fresh += 1;
                self.drawn = None;
                let snapshot = snapshot.expect("a fresh welcome brings a snapshot");
                if let JobState::Running { step, .. } = snapshot.jobs[0].state {
                    assert!(step >= self.step, "the state never goes back");
                    self.step = step;
                }
            }
            Fact::Welcome { fresh: false, .. } => self.resumed += 1,
            Fact::Step { step, .. } => {
                assert_eq!(step, self.step + 1, "each fact comes once and in order");
                self.step = step;
            }
            Fact::Accepted { request: Some(request), .. } => {
                self.step += 1;
                *self.accepted.entry(request).or_default() += 1;
            }
            Fact::Pong { .. } => {}
            other => panic!("nobody said {other:?}"),
        }
    }

    pub fn say(&mut self, message: ClientMessage) {
        self.tell(Event::Say(message));
    }

    fn server_sees_end(&mut self, socket: u32) {
        self.wires.remove(&socket);
        self.server.close(socket);
    }

    /// The socket's connection breaks, and both ends notice.
    pub fn cut(&mut self) {
        if let Some(socket) = self.socket {
            self.server_sees_end(socket);
            self.travel_on(socket, true, Act::ToPage(socket, Event::SocketClosed));
        }
    }

    /// The socket's connection breaks, and neither end notices.
    pub fn cut_silently(&mut self) {
        if let Some(socket) = self.socket {
            self.wires.remove(&socket);
        }
    }

    pub fn restart_server(&mut self) {
        self.cut();
        self.held.clear();
        self.server.restart();
    }
}
