//! Coded tiles that may have to be sent, again or for the first time; bounded.

use bytes::Bytes;
use std::collections::VecDeque;
use wire::Digest;

/// Coded bytes kept in a page, for what the server may ask for again.
pub const KEPT_MAX: usize = 32 * 1024 * 1024;

/// Uses beyond twice the tiles that are remembered at most.
const SPARE: usize = 64;

/// By digest, the least recently used out first.
#[derive(Debug, Default)]
pub(super) struct Store {
    /// In the order of their digests.
    tiles: Vec<Held>,
    /// Every use, the oldest first; only the last of a tile counts.
    by_use: VecDeque<(u64, Digest)>,
    uses: u64,
    bytes: usize,
}

#[derive(Debug)]
struct Held {
    digest: Digest,
    tile: Bytes,
    last_use: u64,
}

impl Store {
    /// Keeps a tile, at the price of those that were not used for longest.
    pub fn keep(&mut self, digest: Digest, tile: Bytes) {
        self.remove(&digest);
        self.bytes += tile.len();
        let at = self.place(&digest).unwrap_or_else(|at| at);
        self.tiles.insert(at, Held { digest, tile, last_use: 0 });
        self.touch(at);
        while self.bytes > KEPT_MAX
            && let Some((when, oldest)) = self.by_use.pop_front()
        {
            if self.is_last(when, &oldest) {
                self.remove(&oldest);
            }
        }
    }

    /// The tile, which counts as used now.
    pub fn take_out(&mut self, digest: &Digest) -> Option<Bytes> {
        let at = self.place(digest).ok()?;
        self.touch(at);
        Some(self.tiles[at].tile.clone())
    }

    pub fn size_of(&self, digest: &Digest) -> Option<usize> {
        self.place(digest).ok().map(|at| self.tiles[at].tile.len())
    }

    pub fn remove(&mut self, digest: &Digest) {
        if let Ok(at) = self.place(digest) {
            self.bytes -= self.tiles.remove(at).tile.len();
        }
    }

    /// Where it is, or belongs.
    fn place(&self, digest: &Digest) -> Result<usize, usize> {
        self.tiles.binary_search_by_key(digest, |held| held.digest)
    }

    fn touch(&mut self, at: usize) {
        self.uses += 1;
        self.tiles[at].last_use = self.uses;
        self.by_use.push_back((self.uses, self.tiles[at].digest));
        if self.by_use.len() > 2 * self.tiles.len() + SPARE {
            let mut by_use = std::mem::take(&mut self.by_use);
            by_use.retain(|(when, digest)| self.is_last(*when, digest));
            self.by_use = by_use;
        }
    }

    fn is_last(&self, when: u64, digest: &Digest) -> bool {
        self.place(digest).is_ok_and(|at| self.tiles[at].last_use == when)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(i: u32) -> Digest {
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&i.to_le_bytes());
        Digest(bytes)
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut store = Store::default();
        let mebibyte = Bytes::from(vec![0; 1024 * 1024]);
        for i in 0..32 {
            store.keep(digest(i), mebibyte.clone());
        }
        assert!(store.take_out(&digest(0)).is_some());
        store.keep(digest(32), mebibyte.clone());
        assert!(store.size_of(&digest(0)).is_some(), "it was used a moment ago");
        assert!(store.size_of(&digest(1)).is_none());
        store.keep(digest(32), mebibyte);
        assert!(store.size_of(&digest(2)).is_some(), "the same tile again takes no more room");
    }
}
