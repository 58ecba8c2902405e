//! Undo and redo as copies of the tiles that a step changed, or of the paper that it cut, bounded in bytes.

use crate::{Rect, TILE_BYTES, Tile, codec, surface::Surface};
use std::collections::VecDeque;

/// Bytes that undo and redo may hold together: 4,096 tiles, on a small canvas some hundred
/// strokes. The oldest steps go first.
pub const UNDO_BYTES: usize = 64 * 1024 * 1024;

/// A tile that is kept; blank and filled ones are many, and take no room.
#[derive(Debug)]
pub(crate) enum Stored {
    Solid([u8; 4]),
    Pixels(Box<Tile>),
}

impl From<Box<Tile>> for Stored {
    fn from(tile: Box<Tile>) -> Self {
        let pixels = tile.as_chunks().0;
        if pixels.iter().all(|pixel| *pixel == pixels[0]) {
            Self::Solid(pixels[0])
        } else {
            Self::Pixels(tile)
        }
    }
}

impl Stored {
    fn bytes(&self) -> usize {
        match self {
            Self::Solid(_) => 0,
            Self::Pixels(_) => TILE_BYTES,
        }
    }

    fn put(&self, index: u32, surface: &mut Surface) {
        match self {
            Self::Solid(colour) => surface.put_tile(index, &codec::solid(*colour)),
            Self::Pixels(tile) => surface.put_tile(index, tile),
        }
    }
}

/// What a step changed, as it is on the other side of it.
#[derive(Debug)]
pub(crate) enum Step {
    Tiles(Vec<(u32, Stored)>),
    /// All of the paper, which has another size there; and whether nothing else was done to it.
    Paper {
        paper: Surface,
        is_cut: bool,
    },
}

impl Step {
    fn bytes(&self) -> usize {
        match self {
            Self::Tiles(tiles) => {
                tiles.iter().map(|(_, tile)| tile.bytes() + size_of::<(u32, Stored)>()).sum()
            }
            Self::Paper { paper, .. } => paper.pixels().len(),
        }
    }

    /// Exchanges what it holds with what is on the surface.
    fn swap(&mut self, surface: &mut Surface) -> (Rect, Vec<u32>) {
        match self {
            Self::Tiles(tiles) => {
                let mut damage = Rect::EMPTY;
                for (index, tile) in &mut *tiles {
                    let now = surface.tile(*index).into();
                    tile.put(*index, surface);
                    *tile = now;
                    damage = damage.union(surface.tile_rect(*index));
                }
                (damage, tiles.iter().map(|(index, _)| *index).collect())
            }
            Self::Paper { paper, .. } => {
                std::mem::swap(paper, surface);
                (surface.bounds(), (0..surface.tiles()).collect())
            }
        }
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

    /// Whether the last step changed the size of the paper, and nothing else.
    pub fn ends_in_a_cut(&self) -> bool {
        matches!(self.undo.back(), Some(Step::Paper { is_cut: true, .. }))
    }

    /// Notes a step by what was before it. What was undone is gone.
    pub fn push(&mut self, step: Step) {
        for step in self.redo.drain(..) {
            self.bytes -= step.bytes();
        }
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
        let changed = self.swap(&mut step, surface);
        self.redo.push(step);
        Some(changed)
    }

    pub fn redo(&mut self, surface: &mut Surface) -> Option<(Rect, Vec<u32>)> {
        let mut step = self.redo.pop()?;
        let changed = self.swap(&mut step, surface);
        self.undo.push_back(step);
        Some(changed)
    }

    /// Paper of another size holds other bytes.
    fn swap(&mut self, step: &mut Step, surface: &mut Surface) -> (Rect, Vec<u32>) {
        self.bytes -= step.bytes();
        let changed = step.swap(surface);
        self.bytes += step.bytes();
        changed
    }
}
