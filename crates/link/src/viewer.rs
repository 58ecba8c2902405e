//! One open page, as the server sees it: facts ride a numbered queue, pictures ride a latch.

use crate::{Preview, Telling, Time, beat::Beat, pace::Pace, preview::Last};
use std::{collections::VecDeque, sync::Arc};
use wire::{
    Attention, FrameFormat, Hello, JobId, PollAnswer, PreviewFormat, Seen,
    limits::{FACTS_KEPT, FRAMES_IN_FLIGHT},
    numbered_text,
};

/// A viewer that polls asks every two seconds; silent for this long, in milliseconds, it is away.
pub const POLL_SILENCE_MS: Time = 10_000;
/// How long a viewer that is away may still come back to what it missed, in milliseconds.
pub const VIEWER_KEPT_MS: Time = 300_000;

/// How a connection continues what was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attached {
    /// What was missed follows.
    Resumed,
    /// What it saw cannot be continued: numbering starts at 1, and the welcome brings a snapshot.
    Fresh,
}

/// What to send on the viewer's socket now.
#[derive(Debug, Clone)]
pub enum Outgoing {
    Text(String),
    Frame(Telling),
}

/// What a poll is answered.
#[derive(Debug, Clone)]
pub struct Polled {
    pub texts: Vec<String>,
    pub previews: Vec<Preview>,
    /// What whoever asks has seen once this is there.
    pub seen: Seen,
    /// Bits of a latent's value that there is room for.
    bits: u8,
}

impl Polled {
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.previews.is_empty()
    }

    /// As it travels. Codes what is not coded yet; whole, since an answer may get lost.
    pub fn answer(self) -> PollAnswer {
        let frames = self.previews.iter().map(|preview| preview.whole(self.bits)).collect();
        PollAnswer { texts: self.texts, frames }
    }
}

/// What is under way to one open page, and what it has not acknowledged.
///
/// Facts are kept until they are known to have arrived, at most [`FACTS_KEPT`] of them; of the
/// previews of one picture only the newest is kept, and it never stands before a fact.
#[derive(Debug, Default)]
pub struct Viewer {
    attention: Attention,
    attached: bool,
    heard: Time,
    /// Goes first.
    welcome: Option<Arc<str>>,
    /// Names the numbering. What a page says it has seen may be of a stream before, should the welcome of this one be lost or
    /// under way.
    stream: u32,
    /// Facts `newest + 1 - ring.len()` to `newest`.
    ring: VecDeque<Arc<str>>,
    newest: u64,
    /// Number of the last fact handed to the connection.
    sent: u64,
    /// One of each picture, the longest waiting first.
    latch: Vec<Preview>,
    /// Sent and not acknowledged, in the order of sending.
    in_flight: Vec<Sent>,
    /// What the page can be told differences to.
    last: Last,
    /// Bits of a value that it was told last.
    bits: u8,
    pace: Pace,
    beat: Beat,
    /// Frames that newer ones replaced unsent while the page was looking.
    conflated: u64,
    /// Said as soon as possible, and never again.
    pong: Option<Arc<str>>,
}

/// A preview under way.
#[derive(Debug)]
struct Sent {
    sequence: u64,
    /// Of which job, and which of its pictures.
    of: (JobId, u16),
    at: Time,
    /// The last fact that went before it.
    behind: u64,
    /// `None` if nobody wants to see it again.
    again: Option<Preview>,
}

impl Viewer {
    pub fn new() -> Self {
        Self::default()
    }

    /// A connection of this viewer begins. If a stream has to begin with it, `next` is its name: one that no stream of this
    /// viewer had, not 0.
    ///
    /// Frames that were under way when the old connection ended are sent again unless newer
    /// ones have replaced them. The caller answers with [`Viewer::welcome`].
    pub fn attach(&mut self, hello: &Hello, next: u32) -> Attached {
        let last = hello.last;
        self.attention = hello.attention;
        self.attached = true;
        self.welcome = None;
        self.pong = None;
        // Nobody knows what of them arrived.
        self.last.forget();
        self.pace = Pace::default();
        for preview in std::mem::take(&mut self.in_flight).into_iter().filter_map(|sent| sent.again) {
            self.put(preview);
        }
        let continues = hello.stream == self.stream && self.stream != 0;
        if !continues || last > self.newest || last < self.oldest_seen() {
            self.stream = next;
            self.ring.clear();
            self.newest = 0;
            self.sent = 0;
            return Attached::Fresh;
        }
        self.arrived(last);
        self.sent = last;
        Attached::Resumed
    }

    /// The connection ended; what it did not carry is kept for the next.
    pub fn detach(&mut self) {
        self.attached = false;
    }

    /// What the facts told now are numbered in; 0 before the first connection.
    pub fn stream(&self) -> u32 {
        self.stream
    }

    pub fn is_attached(&self) -> bool {
        self.attached
    }

    /// The page gave a sign of life: a message, a poll, the answer to a ping.
    pub fn heard(&mut self, now: Time) {
        self.heard = self.heard.max(now);
    }

    /// Milliseconds since the page gave a sign of life; see [`POLL_SILENCE_MS`].
    pub fn silent_for(&self, now: Time) -> Time {
        now.saturating_sub(self.heard)
    }

    /// Whether it has been away for so long that it may be forgotten.
    pub fn is_expired(&self, now: Time) -> bool {
        !self.attached && self.silent_for(now) >= VIEWER_KEPT_MS
    }

    /// The answer to `hello`: the JSON of a `welcome` fact. It goes before everything else and
    /// stands outside the numbering, as n = 0.
    pub fn welcome(&mut self, fact: Arc<str>) {
        self.welcome = Some(fact);
    }

    /// The answer to `ping`: the JSON of a `pong` fact, outside the numbering. Another one replaces it.
    pub fn pong(&mut self, fact: Arc<str>) {
        self.pong = Some(fact);
    }

    /// Frames that gave way to newer ones before they were sent.
    pub fn conflated(&self) -> u64 {
        self.conflated
    }

    /// Appends a fact, as JSON, to the viewer's stream.
    pub fn fact(&mut self, fact: Arc<str>) {
        self.newest += 1;
        self.ring.push_back(fact);
        if self.ring.len() > FACTS_KEPT {
            self.ring.pop_front();
        }
    }

    /// Offers a preview. It replaces an older one of the same picture; one that does not fit the
    /// viewer's interval or format is ignored. A hidden page's is kept for when it is seen.
    pub fn preview(&mut self, preview: Preview, now: Time) {
        let header = preview.header();
        let step_fits = self.attention.every > 0
            && header.step < header.total
            && header.step.is_multiple_of(self.attention.every);
        let format = match self.attention.format {
            PreviewFormat::Latent => FrameFormat::Latent,
            PreviewFormat::Jpeg => FrameFormat::Jpeg,
        };
        if step_fits && header.format == format {
            self.beat.offered(header, now);
            self.offer(preview);
        }
    }

    /// Offers a picture that this viewer asked for itself, whatever its interval and format.
    pub fn picture(&mut self, picture: Preview) {
        self.offer(picture);
    }

    /// Whether pictures are of use to this viewer now.
    pub fn is_looking(&self) -> bool {
        self.attached && self.attention.is_looking()
    }

    /// Previews of a job that has ended are not sent any more: its picture is there.
    pub fn forget_job(&mut self, job: JobId) {
        self.latch.retain(|preview| preview.header().job != job);
        self.last.forget_job(job);
        for sent in &mut self.in_flight {
            sent.again.take_if(|preview| preview.header().job == job);
        }
    }

    pub fn set_attention(&mut self, attention: Attention) {
        self.attention = attention;
    }

    pub fn attention(&self) -> Attention {
        self.attention
    }

    /// Whether the preview after `step` of `total` is to be made for this viewer: nobody makes
    /// pictures for a page that is hidden or away.
    pub fn wants_step(&self, step: u16, total: u16) -> bool {
        self.attached && self.attention.wants_step(step, total)
    }

    /// All frames up to `sequence` were drawn or dropped by the page.
    /// Says how many milliseconds ago it was sent, if it was under way.
    pub fn ack(&mut self, sequence: u64, now: Time) -> Option<Time> {
        let place = self.in_flight.iter().position(|sent| sent.sequence == sequence)?;
        // What went before it came before it.
        let sent = self.in_flight.drain(..=place).next_back()?;
        let took = now.saturating_sub(sent.at);
        self.pace.acknowledged(took);
        self.arrived(sent.behind);
        Some(took)
    }

    /// What to send now on a socket, if anything: the welcome, then facts, then frames while
    /// fewer than [`FRAMES_IN_FLIGHT`] are unacknowledged and the page wants to see them. While one of a picture is
    /// under way, one that is about to be replaced waits for that: far away, every frame waits for an acknowledgement.
    ///
    /// `None` also when [`Viewer::has_overrun`].
    pub fn next(&mut self, now: Time) -> Option<Outgoing> {
        if let Some(text) = self.next_text() {
            return Some(Outgoing::Text(text));
        }
        let preview = self.next_preview(now, self.beat.is_next_near(now))?;
        let bits = self.pace.bits();
        if bits > self.bits {
            // What was told with fewer is no base.
            self.last.forget();
        }
        self.bits = bits;
        Some(Outgoing::Frame(preview.tell(&mut self.last, bits)))
    }

    /// Whether there are previews to send once there is room for them, or the page wants to see them.
    pub fn is_holding(&self) -> bool {
        !self.latch.is_empty()
    }

    /// The connection is so far behind that facts for it are gone. The caller ends it: the page
    /// comes back, and a fresh welcome brings it up to date.
    pub fn has_overrun(&self) -> bool {
        self.sent < self.oldest_seen()
    }

    /// Answers a poll: the facts after those that the page has seen, and the newest frames. Those of the answer before
    /// come again if it did not arrive: a browser may repeat a request by itself.
    ///
    /// `None` if facts are gone that it has not seen: the page has to say hello again.
    pub fn poll(&mut self, seen: Seen, now: Time) -> Option<Polled> {
        let before = std::mem::take(&mut self.in_flight);
        match before.last() {
            // A page asks again as soon as it has an answer: the time since the one before is what that took.
            Some(sent) if sent.sequence == seen.frame => self.pace.acknowledged(now.saturating_sub(sent.at)),
            _ => before.into_iter().filter_map(|sent| sent.again).for_each(|preview| self.put(preview)),
        }
        // Before its welcome, the page still counts by the stream that it had.
        let last = if seen.stream == self.stream { seen.fact } else { 0 };
        if last > self.newest || last < self.oldest_seen() {
            return None;
        }
        self.arrived(last);
        self.sent = last;
        let texts = std::iter::from_fn(|| self.next_text()).collect();
        let previews = std::iter::from_fn(|| self.next_preview(now, false)).collect();
        let frame = self.in_flight.last().map_or(seen.frame, |sent| sent.sequence);
        Some(Polled {
            texts,
            previews,
            seen: Seen { stream: self.stream, fact: self.sent, frame },
            bits: self.pace.bits(),
        })
    }

    /// The page must have seen this fact, and all before it, to miss none of the kept ones.
    fn oldest_seen(&self) -> u64 {
        self.newest - self.ring.len() as u64
    }

    fn arrived(&mut self, last: u64) {
        let seen = last.saturating_sub(self.oldest_seen()) as usize;
        self.ring.drain(..seen.min(self.ring.len()));
    }

    fn offer(&mut self, preview: Preview) {
        let before = self.latch.len();
        self.put(preview);
        // A hidden page has no use for those that it does not get.
        self.conflated += u64::from(self.is_looking() && self.latch.len() == before);
    }

    fn put(&mut self, preview: Preview) {
        let header = *preview.header();
        let of = preview.of();
        let same = |other: &Preview| other.of() == of;
        if self.latch.iter().any(|kept| same(kept) && kept.header().sequence > header.sequence) {
            return;
        }
        // In the place of the older one: who waits longest goes first, or some pictures of a job would never come over a
        // slow link.
        match self.latch.iter_mut().find(|kept| same(kept)) {
            Some(kept) => *kept = preview,
            None => self.latch.push(preview),
        }
    }

    fn next_text(&mut self) -> Option<String> {
        if !self.attached {
            return None;
        }
        if let Some(outside) = self.welcome.take().or_else(|| self.pong.take()) {
            return Some(numbered_text(0, &outside));
        }
        if self.has_overrun() || self.sent == self.newest {
            return None;
        }
        self.sent += 1;
        let place = self.ring.len() - (self.newest - self.sent) as usize - 1;
        Some(numbered_text(self.sent, &self.ring[place]))
    }

    /// Once there is no text to send. Where the next of a picture is near, one under way is waited for.
    fn next_preview(&mut self, now: Time, is_next_near: bool) -> Option<Preview> {
        let room = self.in_flight.len() < FRAMES_IN_FLIGHT && !self.has_overrun();
        if !(self.is_looking() && room) {
            return None;
        }
        let outdated =
            |preview: &Preview| is_next_near && self.in_flight.iter().any(|sent| sent.of == preview.of());
        // The last step of a job has no preview: such a frame is a picture that was asked for.
        let asked_for = |preview: &Preview| preview.header().step == preview.header().total;
        let wanted =
            |preview: &Preview| asked_for(preview) || (self.attention.every > 0 && !outdated(preview));
        let at = self.latch.iter().position(wanted)?;
        let preview = self.latch.remove(at);
        let (sequence, of) = (preview.header().sequence, preview.of());
        self.in_flight.push(Sent { sequence, of, at: now, behind: self.sent, again: Some(preview.clone()) });
        Some(preview)
    }
}
