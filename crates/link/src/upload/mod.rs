//! The browser's uploads: the tiles that the server is not known to have, in the background.

mod event;
mod lanes;
mod size;
mod store;

pub use event::{Effect, Event, Progress};
pub use store::KEPT_MAX;

use crate::{Backoff, Random, Time, backoff::FIRST_MS};
use bytes::Bytes;
use lanes::{Lane, Lanes};
use size::Size;
use store::Store;
use wire::{Code, Digest, TileBatch, TilesAnswer, limits::BATCH_TILES_MAX};

/// Uploads under way at a time.
pub const IN_FLIGHT_MAX: usize = 3;
/// Of these, for bulk: one is left for the next stroke.
const BULK_IN_FLIGHT_MAX: usize = IN_FLIGHT_MAX - 1;
/// A change of more tiles than this is bulk: a photo, not a stroke.
pub const STROKE_TILES_MAX: usize = 16;
/// Digests remembered as known to the server; beyond, it is asked afresh.
const KNOWN_MAX: usize = 1 << 16;

/// Tiles that travel together. Those that did not arrive keep their place, so that a link that fails is not tried more
/// often for all that waits, and one upload that fails holds up none of the others.
#[derive(Debug)]
struct Batch {
    lane: Lane,
    tiles: Vec<Digest>,
    backoff: Backoff,
    state: State,
}

#[derive(Debug)]
enum State {
    UnderWay(Post),
    /// It is tried again at this time.
    Failed(Time),
}

/// How a batch travels.
#[derive(Debug, Clone, Copy)]
struct Post {
    number: u32,
    bytes: u64,
    at: Time,
    /// All bytes that were under way then, its own included.
    beside: u64,
}

impl Batch {
    fn is_under_way(&self) -> bool {
        self.post().is_some()
    }

    fn post(&self) -> Option<Post> {
        match self.state {
            State::UnderWay(post) => Some(post),
            State::Failed(_) => None,
        }
    }

    fn retry_at(&self) -> Option<Time> {
        match self.state {
            State::UnderWay(_) => None,
            State::Failed(at) => Some(at),
        }
    }
}

/// What the server has, what it is being sent and what it may ask for again.
#[derive(Debug)]
pub struct Uploads {
    /// In order.
    known: Vec<Digest>,
    store: Store,
    lanes: Lanes,
    /// At most [`IN_FLIGHT_MAX`].
    batches: Vec<Batch>,
    next_batch: u32,
    size: Size,
    random: Random,
    /// Refused, and how often; the second time is for good.
    refused: Vec<(Digest, u32)>,
    sent_bytes: u64,
    timer: Option<Time>,
    told: Progress,
    effects: Vec<Effect>,
}

impl Uploads {
    /// `seed` spreads the retries of many clients.
    pub fn new(seed: u64) -> Self {
        Self {
            known: Vec::new(),
            store: Store::default(),
            lanes: Lanes::default(),
            batches: Vec::new(),
            next_batch: 1,
            size: Size::default(),
            random: Random::new(seed),
            refused: Vec::new(),
            sent_bytes: 0,
            timer: None,
            told: Progress::default(),
            effects: Vec::new(),
        }
    }

    /// Takes in what happened and says what to do about it.
    pub fn handle(&mut self, event: Event, now: Time) -> Vec<Effect> {
        match event {
            Event::Changed(tiles) => self.changed(tiles),
            Event::Held(tiles) => tiles.into_iter().for_each(|(digest, tile)| self.store.keep(digest, tile)),
            Event::Missing(tiles) => self.missing(tiles),
            Event::Here(tiles) => self.know(&tiles),
            Event::Wanted(tiles) => self.keep_only(tiles),
            Event::Answered { batch, answer } => self.answered(batch, answer, now),
            Event::Failed { batch } => self.failed(batch, now),
            Event::Online => self.online(now),
            Event::RoundTrip(milliseconds) => self.size.round_trip(milliseconds),
            Event::Timer => self.timer = None,
        }
        self.retry(now);
        self.send(now);
        self.tell_progress();
        self.set_timer();
        std::mem::take(&mut self.effects)
    }

    /// Whether this tile can be sent, should the server lack it.
    pub fn has(&self, tile: &Digest) -> bool {
        self.store.size_of(tile).is_some()
    }

    pub fn progress(&self) -> Progress {
        let tiles = |under_way: bool| {
            let batches = self.batches.iter().filter(move |batch| batch.is_under_way() == under_way);
            batches.flat_map(|batch| &batch.tiles)
        };
        let (in_flight, failed) = (tiles(true).count(), tiles(false).count());
        let refused = self.refused.iter().filter(|(_, times)| *times > 1).count();
        let waiting = self.lanes.iter().chain(tiles(false)).filter_map(|tile| self.store.size_of(tile));
        let waiting_bytes: u64 = waiting.map(|size| size as u64).sum();
        Progress {
            queued: self.lanes.len(),
            in_flight,
            failed,
            refused,
            sent_bytes: self.sent_bytes,
            total_bytes: self.sent_bytes + self.bytes_under_way() + waiting_bytes,
        }
    }

    fn bytes_under_way(&self) -> u64 {
        self.batches.iter().filter_map(Batch::post).map(|post| post.bytes).sum()
    }

    /// What failed before need not fail now.
    fn online(&mut self, now: Time) {
        for batch in self.batches.iter_mut().filter(|batch| !batch.is_under_way()) {
            batch.backoff.reset();
            batch.state = State::Failed(now);
        }
    }

    fn changed(&mut self, tiles: Vec<(Digest, Bytes)>) {
        if self.is_idle() {
            self.sent_bytes = 0;
        }
        let lane = if tiles.len() > STROKE_TILES_MAX { Lane::Bulk } else { Lane::Stroke };
        for (digest, tile) in tiles {
            self.store.keep(digest, tile);
            self.enqueue(digest, lane);
        }
    }

    fn missing(&mut self, tiles: Vec<Digest>) {
        if self.is_idle() {
            self.sent_bytes = 0;
        }
        let lane = if tiles.len() > STROKE_TILES_MAX { Lane::Bulk } else { Lane::Stroke };
        let mut gone = Vec::new();
        for digest in tiles {
            self.unknow(&digest);
            if self.store.size_of(&digest).is_some() {
                self.enqueue(digest, lane);
            } else if !gone.contains(&digest) {
                gone.push(digest);
            }
        }
        self.recode(gone);
    }

    fn enqueue(&mut self, digest: Digest, lane: Lane) {
        if lane == Lane::Stroke {
            self.release(&digest);
        }
        let under_way = self.batches.iter().any(|batch| batch.tiles.contains(&digest));
        let given_up = self.refused.iter().any(|(refused, times)| *refused == digest && *times > 1);
        if self.known.binary_search(&digest).is_ok() || under_way || given_up {
            return;
        }
        self.lanes.push(digest, lane);
    }

    /// Takes a tile that a stroke needs out of what failed, where it would wait for the rest.
    fn release(&mut self, digest: &Digest) {
        self.keep_of_failed(|other| other != digest);
    }

    fn keep_of_failed(&mut self, keep: impl Fn(&Digest) -> bool) {
        for batch in self.batches.iter_mut().filter(|batch| !batch.is_under_way()) {
            batch.tiles.retain(&keep);
        }
        self.batches.retain(|batch| !batch.tiles.is_empty());
    }

    /// What is on its way arrives; what waits, for the first try or another, goes only if it is among these.
    fn keep_only(&mut self, mut wanted: Vec<Digest>) {
        wanted.sort_unstable();
        let is_wanted = |digest: &Digest| wanted.binary_search(digest).is_ok();
        self.lanes.retain(is_wanted);
        self.keep_of_failed(is_wanted);
    }

    /// The batch that is under way by this number, which gives up its place.
    fn take(&mut self, number: u32) -> Option<(Batch, Post)> {
        let posts = self.batches.iter().map(Batch::post).enumerate();
        let mut under_way = posts.filter_map(|(at, post)| Some((at, post?)));
        let (at, post) = under_way.find(|(_, post)| post.number == number)?;
        Some((self.batches.remove(at), post))
    }

    fn answered(&mut self, batch: u32, answer: TilesAnswer, now: Time) {
        let Some((mut batch, post)) = self.take(batch) else { return };
        self.sent_bytes += post.bytes;
        self.size.answered(post.beside, now.saturating_sub(post.at));
        self.know(&batch.tiles);
        for digest in &batch.tiles {
            if !answer.refused.iter().any(|(refused, _)| refused == digest) {
                self.refused.retain(|(refused, _)| refused != digest);
            }
        }
        let mut recode = Vec::new();
        let mut again = Vec::new();
        for (digest, problem) in answer.refused {
            if !batch.tiles.contains(&digest) {
                continue;
            }
            self.unknow(&digest);
            if matches!(problem.code, Code::Busy | Code::Internal) {
                again.push(digest);
            } else if self.refuse(digest) {
                recode.push(digest);
            }
        }
        self.recode(recode);
        if again.is_empty() {
            self.hurry(now);
        } else {
            batch.tiles = again;
            self.fail(batch, now);
        }
    }

    /// Whether it is worth trying once more: bytes can spoil in a page's storage.
    fn refuse(&mut self, digest: Digest) -> bool {
        self.store.remove(&digest);
        match self.refused.iter_mut().find(|(refused, _)| *refused == digest) {
            Some((_, times)) => {
                *times += 1;
                false
            }
            None => {
                self.refused.push((digest, 1));
                true
            }
        }
    }

    fn know(&mut self, tiles: &[Digest]) {
        if self.known.len() + tiles.len() > KNOWN_MAX {
            self.known.clear();
        }
        for digest in tiles {
            if let Err(at) = self.known.binary_search(digest) {
                self.known.insert(at, *digest);
            }
        }
    }

    /// The server has it no more.
    fn unknow(&mut self, digest: &Digest) {
        if let Ok(at) = self.known.binary_search(digest) {
            self.known.remove(at);
        }
    }

    fn failed(&mut self, batch: u32, now: Time) {
        let Some((batch, post)) = self.take(batch) else { return };
        self.size.failed(post.bytes, now.saturating_sub(post.at));
        self.fail(batch, now);
    }

    /// It keeps its place and is tried again after a pause of its own.
    fn fail(&mut self, mut batch: Batch, now: Time) {
        batch.state = State::Failed(now + batch.backoff.next_wait());
        self.batches.push(batch);
    }

    /// Something arrived: what failed before need not wait much longer.
    fn hurry(&mut self, now: Time) {
        for batch in &mut self.batches {
            if let State::Failed(at) = &mut batch.state {
                *at = (*at).min(now + self.random.up_to(FIRST_MS));
            }
        }
    }

    /// Tries again what has paused for long enough.
    fn retry(&mut self, now: Time) {
        let (due, rest) = std::mem::take(&mut self.batches)
            .into_iter()
            .partition(|batch| batch.retry_at().is_some_and(|at| at <= now));
        self.batches = rest;
        for Batch { lane, tiles, backoff, .. } in due {
            // What one upload does not hold any more goes back, in its order.
            for digest in tiles.into_iter().rev() {
                self.lanes.push_front(digest, lane);
            }
            self.send_batch(lane, backoff, now);
        }
    }

    fn send(&mut self, now: Time) {
        while self.batches.len() < IN_FLIGHT_MAX {
            let bulk = self.batches.iter().filter(|batch| batch.lane == Lane::Bulk).count();
            let lane = if !self.lanes.is_empty(Lane::Stroke) {
                Lane::Stroke
            } else if !self.lanes.is_empty(Lane::Bulk) && bulk < BULK_IN_FLIGHT_MAX {
                Lane::Bulk
            } else {
                return;
            };
            let backoff = Backoff::new(self.random.number());
            self.send_batch(lane, backoff, now);
        }
    }

    fn send_batch(&mut self, lane: Lane, backoff: Backoff, now: Time) {
        let (mut tiles, mut gone, mut bytes) = (Vec::new(), Vec::new(), 0);
        while tiles.len() < BATCH_TILES_MAX
            && let Some(digest) = self.lanes.front(lane)
        {
            let size = self.store.size_of(&digest).unwrap_or_default();
            if bytes + size > self.size.bytes() && !tiles.is_empty() {
                break;
            }
            self.lanes.pop(lane);
            match self.store.take_out(&digest) {
                Some(tile) => {
                    bytes += tile.len();
                    tiles.push((digest, tile));
                }
                None => gone.push(digest),
            }
        }
        self.recode(gone);
        if tiles.is_empty() {
            return;
        }
        let number = self.next_batch;
        self.next_batch = self.next_batch.wrapping_add(1);
        let digests = tiles.iter().map(|(digest, _)| *digest).collect();
        let bytes = bytes as u64;
        let beside = self.bytes_under_way() + bytes;
        let state = State::UnderWay(Post { number, bytes, at: now, beside });
        self.batches.push(Batch { lane, tiles: digests, backoff, state });
        self.effects.push(Effect::Post { batch: number, tiles: TileBatch(tiles) });
    }

    fn is_idle(&self) -> bool {
        self.batches.is_empty() && self.lanes.len() == 0
    }

    fn recode(&mut self, tiles: Vec<Digest>) {
        if !tiles.is_empty() {
            self.effects.push(Effect::Recode(tiles));
        }
    }

    fn tell_progress(&mut self) {
        let progress = self.progress();
        if progress != self.told {
            self.told = progress;
            self.effects.push(Effect::Progress(progress));
        }
    }

    /// A timer that comes too early finds nothing to do, so only an earlier one replaces it.
    fn set_timer(&mut self) {
        let Some(at) = self.batches.iter().filter_map(Batch::retry_at).min() else { return };
        if self.timer.is_none_or(|set| at < set) {
            self.timer = Some(at);
            self.effects.push(Effect::Timer { at });
        }
    }
}
