//! The part of the connection that polls: one post and one poll at a time, so that nothing
//! overtakes anything, and now and then a socket in the background.

use super::{Client, Effect, OPENING_MS, Phase, Transport};
use crate::Time;
use std::collections::VecDeque;
use wire::{ClientMessage, Fact, PollAnswer, Problem, Said, Seen, ViewerId, limits::TEXT_MAX};

/// A poll is held for two seconds; one without an answer after this long is lost, in milliseconds.
pub const ANSWER_MS: Time = 15_000;
/// From one empty answer to the next, at least, in milliseconds: some middle boxes do not hold.
const PAUSE_MS: Time = 250;
/// How long to poll before a socket is tried again, in milliseconds; doubled by each failure.
pub const PROBE_FIRST_MS: Time = 10_000;
/// The longest time between two tries of a socket, in milliseconds.
pub const PROBE_LONGEST_MS: Time = 60_000;

#[derive(Debug)]
pub(super) struct Polling {
    /// Since when it is welcome.
    pub welcomed: Option<Time>,
    poll: Poll,
    /// Number of the last frame of the last answer with one.
    frame: u64,
    /// Set while a post is under way.
    posted_at: Option<Time>,
    /// To be posted, in order, when the post under way is through.
    unsaid: VecDeque<ClientMessage>,
    probe_at: Time,
    /// A socket is being tried, until then.
    probing: Option<Time>,
}

#[derive(Debug, Clone, Copy)]
enum Poll {
    /// Hello has to arrive first.
    NotYet,
    Out {
        asked: Time,
    },
    At(Time),
}

impl Polling {
    fn new(probe_wait: Time, now: Time) -> Self {
        Self {
            welcomed: None,
            poll: Poll::NotYet,
            frame: 0,
            posted_at: None,
            unsaid: VecDeque::new(),
            probe_at: now + probe_wait,
            probing: None,
        }
    }

    /// Says one more thing, as soon as what was said before it has arrived.
    pub fn post(&mut self, message: ClientMessage, viewer: ViewerId, now: Time, effects: &mut Vec<Effect>) {
        self.unsaid.push_back(message);
        self.post_next(viewer, now, effects);
    }

    /// Posts what fits one body, if nothing is under way.
    fn post_next(&mut self, viewer: ViewerId, now: Time, effects: &mut Vec<Effect>) {
        if self.posted_at.is_some() || self.unsaid.is_empty() {
            return;
        }
        let mut room = TEXT_MAX;
        let mut messages = Vec::new();
        while let Some(message) = self.unsaid.front() {
            let size = message.to_text().len();
            if size > room && !messages.is_empty() {
                break;
            }
            room = room.saturating_sub(size);
            messages.extend(self.unsaid.pop_front());
        }
        self.posted_at = Some(now);
        effects.push(Effect::Post(Said { viewer, messages }));
    }

    pub fn is_probing(&self) -> bool {
        self.probing.is_some()
    }

    pub fn probe_soon(&mut self, now: Time) {
        self.probe_at = self.probe_at.min(now);
    }

    /// When there is something to do, if nothing happens before.
    pub fn deadline(&self, preference: Transport) -> Time {
        let poll = match self.poll {
            Poll::NotYet => Time::MAX,
            Poll::Out { asked } => asked + ANSWER_MS,
            Poll::At(at) => at,
        };
        let post = self.posted_at.map_or(Time::MAX, |at| at + ANSWER_MS);
        let probe = match self.probing {
            Some(until) => until,
            None if preference == Transport::Automatic && self.welcomed.is_some() => self.probe_at,
            None => Time::MAX,
        };
        poll.min(post).min(probe)
    }

    fn is_lost(&self, now: Time) -> bool {
        let poll = matches!(self.poll, Poll::Out { asked } if now >= asked + ANSWER_MS);
        poll || self.posted_at.is_some_and(|at| now >= at + ANSWER_MS)
    }
}

impl Client {
    pub(super) fn start_polling(&mut self, now: Time) {
        let mut polling = Polling::new(self.probe_wait, now);
        polling.unsaid.extend(self.greeting());
        polling.post_next(self.viewer, now, &mut self.effects);
        self.phase = Phase::Polling(polling);
    }

    /// The same while a socket is being opened, which may take a while.
    pub(super) fn poll_beside(&mut self, now: Time) {
        let Phase::Opening { until } = self.phase else { return };
        self.start_polling(now);
        if let Phase::Polling(polling) = &mut self.phase {
            polling.probing = Some(until);
        }
    }

    /// The socket that was tried is none.
    pub(super) fn probe_failed(&mut self, now: Time) {
        self.probe_rarer();
        if let Phase::Polling(polling) = &mut self.phase {
            polling.probing = None;
            polling.probe_at = now + self.probe_wait;
        }
    }

    pub(super) fn probe_rarer(&mut self) {
        self.probe_wait = (self.probe_wait * 2).min(PROBE_LONGEST_MS);
    }

    pub(super) fn said(&mut self, now: Time) {
        let Phase::Polling(polling) = &mut self.phase else { return };
        if polling.posted_at.take().is_none() {
            return;
        }
        if matches!(polling.poll, Poll::NotYet) {
            polling.poll = Poll::At(now);
        }
        polling.post_next(self.viewer, now, &mut self.effects);
    }

    pub(super) fn poll_answered(&mut self, answer: PollAnswer, now: Time) {
        let Phase::Polling(polling) = &mut self.phase else { return };
        let Poll::Out { asked } = polling.poll else { return };
        polling.frame = answer.frames.last().map_or(polling.frame, |frame| frame.header.sequence);
        polling.poll = Poll::At(if answer.is_empty() { now.max(asked + PAUSE_MS) } else { now });
        for text in answer.texts {
            if self.receive_text(&text, now).is_err() {
                return self.polling_failed(now);
            }
        }
        if !self.is_welcomed() {
            return self.polling_failed(now);
        }
        for frame in answer.frames {
            self.receive_frame(frame);
        }
    }

    pub(super) fn poll_unknown(&mut self, now: Time) {
        let Phase::Polling(polling) = &mut self.phase else { return };
        // It knew this page before: it was started again, and takes a hello at once.
        if polling.welcomed.is_some() {
            self.drop_socket();
            self.start_polling(now);
        } else {
            self.polling_failed(now);
        }
    }

    /// What was under way may be lost; a new hello finds out.
    pub(super) fn polling_failed(&mut self, now: Time) {
        let Phase::Polling(polling) = &self.phase else { return };
        let since = polling.welcomed;
        if since.is_none() {
            self.unwelcomed = self.unwelcomed.saturating_add(1);
        }
        self.drop_socket();
        self.wait(since, now);
    }

    /// Waiting helps only if somebody changes the server, but then it does; until then the person is told.
    pub(super) fn polling_refused(&mut self, problem: Problem, now: Time) {
        if matches!(self.phase, Phase::Polling(_)) {
            self.effects.push(Effect::Fact(Box::new(Fact::Refused { request: None, problem })));
            self.polling_failed(now);
        }
    }

    pub(super) fn check_polling(&mut self, now: Time) {
        let Phase::Polling(polling) = &mut self.phase else { return };
        if polling.is_lost(now) {
            return self.polling_failed(now);
        }
        if matches!(polling.poll, Poll::At(at) if now >= at) {
            polling.poll = Poll::Out { asked: now };
            self.effects.push(Effect::Poll(Seen {
                stream: self.stream,
                fact: self.last,
                frame: polling.frame,
            }));
        }
        if polling.probing.is_some_and(|until| now >= until) {
            self.effects.push(Effect::CloseSocket);
            self.probe_failed(now);
        }
        let Phase::Polling(polling) = &mut self.phase else { return };
        let may_probe = self.preference == Transport::Automatic && polling.welcomed.is_some();
        if may_probe && polling.probing.is_none() && now >= polling.probe_at {
            polling.probing = Some(now + OPENING_MS);
            self.effects.push(Effect::OpenSocket);
        }
    }
}
