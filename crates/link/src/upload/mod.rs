//! The browser's uploads: the tiles that the server is not known to have, in the background.

mod event;
mod lanes;
mod store;

pub use event::{Effect, Event, Progress};
pub use store::KEPT_MAX;

use crate::{Backoff, Time};
use bytes::Bytes;
use lanes::{Lane, Lanes};
use store::Store;
use wire::{
    Code, Digest, TileBatch, TilesAnswer,
    limits::{BATCH_BYTES_MAX, BATCH_TILES_MAX},
};

/// Uploads under way at a time.
pub const IN_FLIGHT_MAX: usize = 3;
/// Of these, for bulk: one is left for the next stroke.
const BULK_IN_FLIGHT_MAX: usize = IN_FLIGHT_MAX - 1;
/// Bytes of one bulk upload: a quarter of a second at 2 Mbit/s, which a stroke may have to wait.
const BULK_BYTES: usize = 64 * 1024;
/// A change of more tiles than this is bulk: a photo, not a stroke.
pub const STROKE_TILES_MAX: usize = 16;
/// Digests remembered as known to the server; beyond, it is asked afresh.
const KNOWN_MAX: usize = 1 << 16;

#[derive(Debug)]
struct Batch {
    number: u32,
    lane: Lane,
    tiles: Vec<Digest>,
    bytes: u64,
}

/// What the server has, what it is being sent and what it may ask for again.
#[derive(Debug)]
pub struct Uploads {
    /// In order.
    known: Vec<Digest>,
    store: Store,
    lanes: Lanes,
    in_flight: Vec<Batch>,
    next_batch: u32,
    backoff: Backoff,
    /// Nothing is sent before this time.
    retry_at: Option<Time>,
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
            in_flight: Vec::new(),
            next_batch: 1,
            backoff: Backoff::new(seed),
            retry_at: None,
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
            Event::Missing(tiles) => self.missing(tiles),
            Event::Answered { batch, answer } => self.answered(batch, answer, now),
            Event::Failed { batch } => self.failed(batch, now),
            Event::Online => {
                self.backoff.reset();
                self.retry_at = None;
            }
            Event::Timer => self.timer = None,
        }
        self.retry_at = self.retry_at.filter(|&at| now < at);
        self.send();
        self.tell_progress();
        self.set_timer();
        std::mem::take(&mut self.effects)
    }

    pub fn progress(&self) -> Progress {
        let sizes = self.lanes.iter().filter_map(|tile| self.store.size_of(tile));
        let waiting_bytes: u64 = sizes.map(|size| size as u64).sum();
        let waiting = self.lanes.len();
        let for_good = self.refused.iter().filter(|(_, times)| *times > 1).count();
        let (queued, stuck) = if self.retry_at.is_some() { (0, waiting) } else { (waiting, 0) };
        let under_way: u64 = self.in_flight.iter().map(|batch| batch.bytes).sum();
        Progress {
            queued,
            in_flight: self.in_flight.iter().map(|batch| batch.tiles.len()).sum(),
            failed: stuck + for_good,
            sent_bytes: self.sent_bytes,
            total_bytes: self.sent_bytes + under_way + waiting_bytes,
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
        let under_way = self.in_flight.iter().any(|batch| batch.tiles.contains(&digest));
        let given_up = self.refused.iter().any(|(refused, times)| *refused == digest && *times > 1);
        if self.known.binary_search(&digest).is_ok() || under_way || given_up {
            return;
        }
        self.lanes.push(digest, lane);
    }

    /// The batch of this number, which is no longer in flight.
    fn take(&mut self, number: u32) -> Option<Batch> {
        let at = self.in_flight.iter().position(|batch| batch.number == number)?;
        Some(self.in_flight.remove(at))
    }

    fn answered(&mut self, batch: u32, answer: TilesAnswer, now: Time) {
        let Some(batch) = self.take(batch) else { return };
        self.sent_bytes += batch.bytes;
        if self.known.len() + batch.tiles.len() > KNOWN_MAX {
            self.known.clear();
        }
        for digest in &batch.tiles {
            if let Err(at) = self.known.binary_search(digest) {
                self.known.insert(at, *digest);
            }
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
            self.backoff.reset();
        } else {
            self.put_back(batch.lane, again, now);
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

    /// The server has it no more.
    fn unknow(&mut self, digest: &Digest) {
        if let Ok(at) = self.known.binary_search(digest) {
            self.known.remove(at);
        }
    }

    fn failed(&mut self, batch: u32, now: Time) {
        let Some(batch) = self.take(batch) else { return };
        self.put_back(batch.lane, batch.tiles, now);
    }

    /// To the front, in their order, after a pause.
    fn put_back(&mut self, lane: Lane, tiles: Vec<Digest>, now: Time) {
        for digest in tiles.into_iter().rev() {
            if self.store.size_of(&digest).is_none() {
                self.effects.push(Effect::Recode(vec![digest]));
            } else {
                self.lanes.push_front(digest, lane);
            }
        }
        // Uploads that fail together are one failure, and share one pause.
        if self.retry_at.is_none() {
            self.retry_at = Some(now + self.backoff.next_wait());
        }
    }

    fn send(&mut self) {
        while self.retry_at.is_none() && self.in_flight.len() < IN_FLIGHT_MAX {
            let bulk = self.in_flight.iter().filter(|batch| batch.lane == Lane::Bulk).count();
            if !self.lanes.is_empty(Lane::Stroke) {
                self.send_batch(Lane::Stroke);
            } else if !self.lanes.is_empty(Lane::Bulk) && bulk < BULK_IN_FLIGHT_MAX {
                self.send_batch(Lane::Bulk);
            } else {
                return;
            }
        }
    }

    fn send_batch(&mut self, lane: Lane) {
        let most = if lane == Lane::Bulk { BULK_BYTES } else { BATCH_BYTES_MAX };
        let (mut tiles, mut gone, mut bytes) = (Vec::new(), Vec::new(), 0);
        while tiles.len() < BATCH_TILES_MAX
            && let Some(digest) = self.lanes.front(lane)
        {
            let size = self.store.size_of(&digest).unwrap_or_default();
            if bytes + size > most && !tiles.is_empty() {
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
        self.in_flight.push(Batch { number, lane, tiles: digests, bytes: bytes as u64 });
        self.effects.push(Effect::Post { batch: number, tiles: TileBatch(tiles) });
    }

    fn is_idle(&self) -> bool {
        self.in_flight.is_empty() && self.lanes.len() == 0
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
        let Some(at) = self.retry_at else { return };
        if self.timer.is_none_or(|set| at < set) {
            self.timer = Some(at);
            self.effects.push(Effect::Timer { at });
        }
    }
}
