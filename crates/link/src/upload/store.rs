//! Coded tiles that may have to be sent, again or for the first time; bounded.

use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use wire::Digest;

/// Coded bytes kept in a page, for what the server may ask for again.
pub const KEPT_MAX: usize = 32 * 1024 * 1024;

/// By digest, the least recently used out first.
#[derive(Debug, Default)]
pub(super) struct Store {
    tiles: HashMap<Digest, (u64, Bytes)>,
    by_use: BTreeMap<u64, Digest>,
    uses: u64,
    bytes: usize,
}

impl Store {
    /// Keeps a tile, at the price of those that were not used for longest.
    pub fn keep(&mut self, digest: Digest, tile: Bytes) {
        self.remove(&digest);
        self.bytes += tile.len();
        self.uses += 1;
        self.tiles.insert(digest, (self.uses, tile));
        self.by_use.insert(self.uses, digest);
        while self.bytes > KEPT_MAX
            && let Some((_, oldest)) = self.by_use.pop_first()
        {
            if let Some((_, tile)) = self.tiles.remove(&oldest) {
                self.bytes -= tile.len();
            }
        }
    }

    /// The tile, which counts as used now.
    pub fn take_out(&mut self, digest: &Digest) -> Option<Bytes> {
        let (used, tile) = self.tiles.get_mut(digest)?;
        self.by_use.remove(used);
        self.uses += 1;
        *used = self.uses;
        self.by_use.insert(self.uses, *digest);
        Some(tile.clone())
    }

    pub fn size_of(&self, digest: &Digest) -> Option<usize> {
        self.tiles.get(digest).map(|(_, tile)| tile.len())
    }

    pub fn remove(&mut self, digest: &Digest) {
        if let Some((used, tile)) = self.tiles.remove(digest) {
            self.by_use.remove(&used);
            self.bytes -= tile.len();
        }
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
