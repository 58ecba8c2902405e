//! The drawing by its tiles' digests: what it is called, and since when the server has it.

use super::Paper;
use link::Time;
use std::collections::VecDeque;
use wire::{Digest, Manifest};

/// Tiles compressed at once; with more, progress would come in lumps.
pub const CODED_AT_ONCE: usize = 8;
/// Canvases that the server may still answer about.
const SAID_MAX: usize = 64;

/// A canvas and the digest that names it.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    pub digest: Digest,
    pub manifest: Manifest,
}

#[derive(Debug, Clone)]
pub struct Sheet {
    /// The digest of clean paper.
    clean: Digest,
    paper: Paper,
    tiles: Vec<Option<Digest>>,
    /// Pieces of work given to the coder and not yet answered.
    coding: usize,
    said: VecDeque<Named>,
    current: Option<Named>,
    confirmed: Option<(Digest, Time)>,
    /// The canvas that strokes led to last.
    told: Option<(Digest, Time)>,
}

impl Default for Sheet {
    fn default() -> Self {
        Self {
            clean: Digest(canvas::digest(&[255; canvas::TILE_BYTES])),
            paper: Paper::default(),
            tiles: vec![None; Paper::default().tiles()],
            coding: 0,
            said: VecDeque::new(),
            current: None,
            confirmed: None,
            told: None,
        }
    }
}

impl Sheet {
    pub fn paper(&self) -> Paper {
        self.paper
    }

    /// This is the paper now; if it was another one, all of its tiles are others.
    pub fn change_paper(&mut self, paper: Paper) {
        if self.paper != paper {
            self.paper = paper;
            self.tiles = vec![None; paper.tiles()];
            self.current = None;
        }
    }

    /// Pieces of work for the coder. Until they are answered, the drawing has no name.
    pub fn change(&mut self, tiles: &[u32]) -> Vec<Vec<u32>> {
        let pieces: Vec<Vec<u32>> = tiles.chunks(CODED_AT_ONCE).map(<[u32]>::to_vec).collect();
        self.coding += pieces.len();
        if !pieces.is_empty() {
            self.current = None;
        }
        pieces
    }

    /// A piece of work is done.
    pub fn coded(&mut self, tiles: impl IntoIterator<Item = (u32, Digest)>) {
        self.coding = self.coding.saturating_sub(1);
        self.set(tiles);
    }

    /// Digests that are known without coding.
    pub fn set(&mut self, tiles: impl IntoIterator<Item = (u32, Digest)>) {
        for (index, digest) in tiles {
            if let Some(tile) = self.tiles.get_mut(index as usize) {
                *tile = Some(digest);
            }
        }
        self.settle();
    }

    fn settle(&mut self) {
        let known: Option<Vec<Digest>> = self.tiles.iter().copied().collect();
        let (0, Some(tiles)) = (self.coding, known) else {
            return;
        };
        let (width, height) = self.paper.size();
        let manifest = Manifest::new(width, height, tiles).expect("the sheet's size is a canvas size");
        let digest = Digest(canvas::digest(&manifest.canonical()));
        self.current = Some(Named { digest, manifest });
    }

    /// The drawing as it is, once all of it is hashed.
    pub fn current(&self) -> Option<&Named> {
        self.current.as_ref()
    }

    /// Whether it is clean paper, as far as it is hashed.
    pub fn is_blank(&self) -> bool {
        self.tiles.iter().flatten().all(|tile| *tile == self.clean)
    }

    pub fn is_coding(&self) -> bool {
        self.coding > 0
    }

    /// Strokes were told that lead to the drawing as it is.
    pub fn tell(&mut self, now: Time) {
        self.told = self.current.as_ref().map(|named| (named.digest, now));
    }

    /// Whether this page said or told that canvas, not too long ago.
    pub fn has_said(&self, canvas: Digest) -> bool {
        self.said.iter().any(|named| named.digest == canvas)
    }

    /// The server was told of the drawing. Of those before it the `needed` ones are remembered, and some of the others.
    pub fn say(&mut self, needed: &[Digest]) -> Option<Manifest> {
        let named = self.current.clone()?;
        self.said.retain(|earlier| earlier.digest != named.digest);
        self.said.push_back(named.clone());
        if self.said.len() > SAID_MAX {
            let oldest = self.said.iter().position(|earlier| !needed.contains(&earlier.digest));
            oldest.and_then(|at| self.said.remove(at));
        }
        Some(named.manifest)
    }

    /// The server answered: digests of the tiles that it lacks.
    pub fn answered(&mut self, canvas: Digest, missing: &[u32], now: Time) -> Vec<Digest> {
        let Some(named) = self.said.iter().find(|named| named.digest == canvas) else {
            return Vec::new();
        };
        if missing.is_empty() {
            self.confirmed = Some((canvas, now));
        }
        let tiles = named.manifest.tiles();
        let mut lacking = Vec::new();
        for digest in missing.iter().filter_map(|index| tiles.get(*index as usize)) {
            if !lacking.contains(digest) {
                lacking.push(*digest);
            }
        }
        lacking
    }

    /// Whether the server said within the last `within` milliseconds that it has all of it.
    pub fn is_confirmed(&self, now: Time, within: u64) -> bool {
        self.is_current(self.confirmed, now, within)
    }

    /// The same, or whether it was told by strokes, which the server answers if it could not follow.
    pub fn is_known(&self, now: Time, within: u64) -> bool {
        self.is_current(self.told, now, within) || self.is_confirmed(now, within)
    }

    fn is_current(&self, named: Option<(Digest, Time)>, now: Time, within: u64) -> bool {
        match (&self.current, named) {
            (Some(current), Some((digest, at))) => {
                current.digest == digest && now.saturating_sub(at) <= within
            }
            _ => false,
        }
    }

    /// The server may know nothing any more.
    pub fn forget(&mut self) {
        (self.confirmed, self.told) = (None, None);
    }

    /// Where these digests are on the drawing, one place each.
    pub fn places(&self, digests: &[Digest]) -> Vec<u32> {
        let place = |digest: &Digest| self.tiles.iter().position(|tile| *tile == Some(*digest));
        digests.iter().filter_map(place).map(|index| index as u32).collect()
    }
}
