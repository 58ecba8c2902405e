//! Undo and redo as copies of the tiles that a step changed, bounded in bytes.

use crate::{Rect, TILE_BYTES, Tile, surface::Surface};
use std::collections::VecDeque;

/// Bytes that undo and redo may hold together: 4,096 tiles, on a small canvas some hundred
/// strokes. The oldest steps go first.
pub const UNDO_BYTES: usize = 64 * 1024 * 1024;

/// The tiles that a step changed, with the pixels of the other side of it.
#[derive(Debug)]
struct Step(Vec<(u32, Box<Tile>)>);

impl Step {
    fn bytes(&self) -> usize {
        self.0.len() * (TILE_BYTES + size_of::<(u32, Box<Tile>)>())
    }

    /// Exchanges its tiles with those of the surface.
    fn swap(&mut self, surface: &mut Surface) -> (Rect, Vec<u32>) {
        let mut damage = Rect::EMPTY;
        for (index, tile) in &mut self.0 {
            let now = surface.tile(*index);
            surface.put_tile(*index, tile);
            *tile = now;
            damage = damage.union(surface.tile_rect(*index));
        }
        (damage, self.0.iter().map(|(index, _)| *index).collect())
    }
}

#[derive(Debug)]
pub(crate) struct History {
    undo: VecDeque<Step>,
    redo: Vec<Step>,
    bytes: usize,
    limit: usize,
}

impl History {
    pub fn new(limit: usize) -> Self {
        Self { undo: VecDeque::new(), redo: Vec::new(), bytes: 0, limit }
    }

    pub fn can_undo(&self) -> bool {
        !self.undo.is_empty()
    }

    pub fn can_redo(&self) -> bool {
        !self.redo.is_empty()
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn forget(&mut self) {
        *self = Self::new(self.limit);
    }

    /// Notes a step by its tiles from before. What was undone is gone.
    pub fn push(&mut self, before: Vec<(u32, Box<Tile>)>) {
        for step in self.redo.drain(..) {
            self.bytes -= step.bytes();
        }
        let step = Step(before);
        self.bytes += step.bytes();
        self.undo.push_back(step);
        while self.bytes > self.limit {
            let Some(oldest) = self.undo.pop_front() else { break };
            self.bytes -= oldest.bytes();
        }
    }

    /// Takes the last step back; returns what changed and in which tiles.
    pub fn undo(&mut self, surface: &mut Surface) -> Option<(Rect, Vec<u32>)> {
        let mut step = self.undo.pop_back()?;
        let changed = step.swap(surface);
        self.redo.push(step);
        Some(changed)
    }

    pub fn redo(&mut self, surface: &mut Surface) -> Option<(Rect, Vec<u32>)> {
        let mut step = self.redo.pop()?;
        let changed = step.swap(surface);
        self.undo.push_back(step);
        Some(changed)
    }
}
