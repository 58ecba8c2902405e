//! A map by digest that forgets what was not used for longest. Time is a parameter.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};
use wire::Digest;

/// Bookkeeping of one entry, so that many small things count for what they cost.
const OVERHEAD: usize = 160;

#[derive(Debug)]
pub(super) struct Shelf<T> {
    entries: HashMap<Digest, Entry<T>>,
    /// Entries by their last use, oldest first.
    order: BTreeMap<u64, Digest>,
    uses: u64,
    bytes: usize,
    ttl: Duration,
    bytes_max: usize,
}

#[derive(Debug)]
struct Entry<T> {
    value: T,
    bytes: usize,
    place: u64,
    used: Instant,
}

impl<T> Shelf<T> {
    pub fn new(ttl: Duration, bytes_max: usize) -> Self {
        Self { entries: HashMap::new(), order: BTreeMap::new(), uses: 0, bytes: 0, ttl, bytes_max }
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entry, which counts as used now.
    pub fn take_up(&mut self, digest: &Digest, now: Instant) -> Option<&T> {
        let entry = self.entries.get_mut(digest)?;
        self.order.remove(&entry.place);
        self.uses += 1;
        (entry.place, entry.used) = (self.uses, now);
        self.order.insert(self.uses, *digest);
        Some(&entry.value)
    }

    /// Puts an entry of so many bytes, in the place of the longest unused that are not `needed`.
    /// False, and nothing changed, if those do not make enough room.
    pub fn put(
        &mut self,
        digest: Digest,
        value: T,
        bytes: usize,
        now: Instant,
        needed: impl Fn(&Digest) -> bool,
    ) -> bool {
        if self.take_up(&digest, now).is_some() {
            return true;
        }
        let room = self.make_room(bytes + OVERHEAD, needed);
        if room {
            self.insert(digest, value, bytes, now);
        }
        room
    }

    /// Puts an entry whether there is room or not: what was promised before has to be kept.
    pub fn put_back(&mut self, digest: Digest, value: T, bytes: usize, now: Instant) {
        if self.take_up(&digest, now).is_none() {
            self.insert(digest, value, bytes, now);
        }
    }

    fn insert(&mut self, digest: Digest, value: T, bytes: usize, now: Instant) {
        let bytes = bytes + OVERHEAD;
        self.uses += 1;
        self.bytes += bytes;
        self.order.insert(self.uses, digest);
        self.entries.insert(digest, Entry { value, bytes, place: self.uses, used: now });
    }

    fn make_room(&mut self, bytes: usize, needed: impl Fn(&Digest) -> bool) -> bool {
        let mut over = (self.bytes + bytes).saturating_sub(self.bytes_max);
        let mut out = Vec::new();
        for digest in self.order.values().filter(|digest| !needed(digest)) {
            if over == 0 {
                break;
            }
            over = over.saturating_sub(self.entries[digest].bytes);
            out.push(*digest);
        }
        if over > 0 {
            return false;
        }
        out.iter().for_each(|digest| self.remove(digest));
        true
    }

    /// Drops what was last used longer ago than the time to live, unless it is `needed`.
    pub fn expire(&mut self, now: Instant, needed: impl Fn(&Digest) -> bool) {
        let old = |digest: &&Digest| now.saturating_duration_since(self.entries[*digest].used) > self.ttl;
        let out: Vec<Digest> = self.order.values().take_while(old).filter(|d| !needed(d)).copied().collect();
        out.iter().for_each(|digest| self.remove(digest));
    }

    fn remove(&mut self, digest: &Digest) {
        if let Some(entry) = self.entries.remove(digest) {
            self.order.remove(&entry.place);
            self.bytes -= entry.bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(300);
    const SECOND: Duration = Duration::from_secs(1);

    fn name(n: u8) -> Digest {
        Digest([n; 16])
    }

    fn nobody(_: &Digest) -> bool {
        false
    }

    #[test]
    fn what_is_used_stays_and_the_rest_goes() {
        let (mut shelf, start) = (Shelf::new(TTL, usize::MAX), Instant::now());
        shelf.put(name(1), "used", 4, start, nobody);
        shelf.put(name(2), "idle", 4, start, nobody);
        assert!(shelf.take_up(&name(1), start + 200 * SECOND).is_some());
        shelf.expire(start + 301 * SECOND, nobody);
        assert!(shelf.take_up(&name(2), start + 301 * SECOND).is_none());
        assert!(shelf.take_up(&name(1), start + 301 * SECOND).is_some());
    }

    #[test]
    fn what_a_job_needs_outlives_its_time() {
        let (mut shelf, start) = (Shelf::new(TTL, usize::MAX), Instant::now());
        shelf.put(name(1), "pinned", 4, start, nobody);
        shelf.expire(start + 400 * SECOND, |digest| *digest == name(1));
        assert_eq!(shelf.len(), 1);
    }

    #[test]
    fn the_longest_unused_makes_room() {
        let (mut shelf, start) = (Shelf::new(TTL, 3 * (1_000 + OVERHEAD)), Instant::now());
        for n in 1..=3 {
            assert!(shelf.put(name(n), n, 1_000, start, nobody));
        }
        shelf.take_up(&name(1), start);
        assert!(shelf.put(name(4), 4, 1_000, start, nobody));
        assert!(shelf.take_up(&name(2), start).is_none());
        assert!(shelf.take_up(&name(1), start).is_some());
    }

    #[test]
    fn no_room_is_made_from_what_is_needed() {
        let (mut shelf, start) = (Shelf::new(TTL, 1_000 + OVERHEAD), Instant::now());
        assert!(shelf.put(name(1), 1, 1_000, start, nobody));
        assert!(!shelf.put(name(2), 2, 1_000, start, |_| true));
        assert!(shelf.take_up(&name(1), start).is_some());
    }
}
