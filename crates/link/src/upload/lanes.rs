//! What waits to be sent: strokes before bulk.

use std::collections::VecDeque;
use wire::Digest;

/// Which of two queues a tile waits in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    Stroke,
    Bulk,
}

/// Tiles to send, each once.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    strokes: VecDeque<Digest>,
    bulk: VecDeque<Digest>,
}

impl Lanes {
    pub fn len(&self) -> usize {
        self.strokes.len() + self.bulk.len()
    }

    pub fn is_empty(&self, lane: Lane) -> bool {
        match lane {
            Lane::Stroke => self.strokes.is_empty(),
            Lane::Bulk => self.bulk.is_empty(),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Digest> {
        self.strokes.iter().chain(&self.bulk)
    }

    pub fn retain(&mut self, keep: impl Fn(&Digest) -> bool) {
        self.strokes.retain(&keep);
        self.bulk.retain(keep);
    }

    /// To the end of its lane. A stroke that needs a tile of the photo behind it takes it along.
    pub fn push(&mut self, digest: Digest, lane: Lane) {
        if self.strokes.contains(&digest) || lane == Lane::Bulk && self.bulk.contains(&digest) {
            return;
        }
        self.bulk.retain(|other| *other != digest);
        self.of(lane).push_back(digest);
    }

    /// To the front of its lane, unless it waits already.
    pub fn push_front(&mut self, digest: Digest, lane: Lane) {
        if self.iter().all(|other| *other != digest) {
            self.of(lane).push_front(digest);
        }
    }

    pub fn front(&mut self, lane: Lane) -> Option<Digest> {
        self.of(lane).front().copied()
    }

    pub fn pop(&mut self, lane: Lane) {
        self.of(lane).pop_front();
    }

    fn of(&mut self, lane: Lane) -> &mut VecDeque<Digest> {
        match lane {
            Lane::Stroke => &mut self.strokes,
            Lane::Bulk => &mut self.bulk,
        }
    }
}
