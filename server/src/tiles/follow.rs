//! Drawing along with those who draw: strokes are drawn here too, on a copy of each viewer's canvas, and
//! become the same tiles.

use super::{Tiles, name};
use bytes::Bytes;
use canvas::{Canvas, stream};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use wire::{Digest, Manifest, TileBatch, ViewerId};

/// Bytes of undo of each copy: what goes further back is told by its tiles.
const UNDO_BYTES: usize = 4 << 20;
/// Pixels of the largest canvas that is copied: usual paper has at most a quarter of them, the studio's finest all.
const PIXELS_MAX: u32 = 1024 * 1536;
/// Copies at a time, of 5 to 6 MiB each on usual paper and 10 on the finest; those who draw beyond that send tiles.
const COPIES_MAX: usize = 64;
/// A copy that was drawn on since then keeps its place.
const BUSY: Duration = Duration::from_secs(10);
/// A copy that nobody drew on for so long goes.
const COPY_TTL: Duration = Duration::from_secs(600);

/// The viewers that may send strokes.
#[derive(Debug, Default)]
pub struct Followed(Mutex<HashMap<ViewerId, Followee>>);

#[derive(Debug)]
struct Followee {
    state: State,
    used: Instant,
}

#[derive(Debug)]
enum State {
    /// It said this canvas, and no stroke since.
    Said(Arc<Manifest>),
    Drawn(Box<Drawn>),
    /// Its strokes led elsewhere. Until it says a canvas, nothing is known of what it draws.
    Astray,
}

#[derive(Debug)]
struct Drawn {
    canvas: Canvas,
    tiles: Vec<Digest>,
    reader: stream::Reader,
}

/// Where strokes led to.
pub struct Reached {
    pub canvas: Digest,
    pub manifest: Manifest,
    /// Tiles of it that are not here yet, coded.
    pub tiles: TileBatch,
}

impl Followed {
    /// The viewer said a canvas: its next strokes begin there.
    pub fn said(&self, viewer: ViewerId, manifest: Arc<Manifest>, now: Instant) {
        self.put(viewer, State::Said(manifest), now);
    }

    /// The canvas that the viewer's strokes led to, or that they would begin with.
    pub fn canvas(&self, viewer: ViewerId) -> Option<Digest> {
        match &self.all().get(&viewer)?.state {
            State::Said(manifest) => Some(name(manifest)),
            State::Drawn(drawn) => drawn.manifest().as_ref().map(name),
            State::Astray => None,
        }
    }

    /// Whether nothing is known of what the viewer draws.
    pub fn is_astray(&self, viewer: ViewerId) -> bool {
        self.all().get(&viewer).is_some_and(|one| matches!(one.state, State::Astray))
    }

    /// Nothing is known any more of what the viewer draws.
    pub fn lose(&self, viewer: ViewerId, now: Instant) {
        self.put(viewer, State::Astray, now);
    }

    /// The viewer named a canvas that is not known here. Whether it should be, since strokes led to it or it was said
    /// and let go of since; the viewer is astray then.
    pub fn missed(&self, viewer: ViewerId, canvas: &Digest) -> bool {
        let mut all = self.all();
        let should_be = |one: &&mut Followee| match &one.state {
            State::Said(manifest) => name(manifest) == *canvas,
            State::Drawn(_) => true,
            State::Astray => false,
        };
        all.get_mut(&viewer).filter(should_be).map(|one| one.state = State::Astray).is_some()
    }

    /// Draws what the viewer drew. None, once, if that cannot be followed; it is astray then. Draws and
    /// codes, so call it off the async threads, for one message of a viewer after the other.
    pub fn follow(&self, viewer: ViewerId, deeds: &[u8], tiles: &Tiles, now: Instant) -> Option<Reached> {
        // Out of the map meanwhile: others draw too.
        let state = self.all().remove(&viewer).map(|one| one.state);
        let drawn = match state {
            Some(State::Said(manifest)) => Drawn::begin(&manifest, tiles, now),
            Some(State::Drawn(drawn)) => Some(drawn),
            Some(State::Astray) | None => None,
        };
        let reached = drawn.and_then(|mut drawn| {
            let reached = drawn.draw(deeds, tiles, now)?;
            Some((drawn, reached))
        });
        let (state, reached) = match reached {
            Some((drawn, reached)) => (State::Drawn(drawn), Some(reached)),
            None => (State::Astray, None),
        };
        self.put(viewer, state, now);
        reached
    }

    /// Drops the copies that nobody draws on.
    pub fn expire(&self, now: Instant) {
        self.all().retain(|_, one| now.saturating_duration_since(one.used) <= COPY_TTL);
    }

    fn put(&self, viewer: ViewerId, state: State, used: Instant) {
        let mut all = self.all();
        all.insert(viewer, Followee { state, used });
        let drawn = all.iter().filter(|(_, one)| matches!(one.state, State::Drawn(_)));
        if drawn.clone().count() <= COPIES_MAX {
            return;
        }
        let oldest = drawn.filter(|(other, _)| **other != viewer).min_by_key(|(_, one)| one.used);
        let idle = oldest.filter(|(_, one)| used.saturating_duration_since(one.used) > BUSY);
        let out = idle.map_or(viewer, |(other, _)| *other);
        all.remove(&out);
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ViewerId, Followee>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drawn {
    /// A copy of a canvas; none if one of its tiles is not here.
    fn begin(manifest: &Manifest, tiles: &Tiles, now: Instant) -> Option<Box<Self>> {
        if manifest.width() * manifest.height() > PIXELS_MAX {
            return None;
        }
        let rgba = tiles.pixels(manifest, None, now)?;
        let canvas = Canvas::of_pixels(manifest.width(), manifest.height(), &rgba, UNDO_BYTES);
        Some(Box::new(Self { canvas, tiles: manifest.tiles().to_vec(), reader: stream::Reader::default() }))
    }

    /// Does what the message tells; none if it cannot be read.
    fn draw(&mut self, deeds: &[u8], here: &Tiles, now: Instant) -> Option<Reached> {
        for deed in self.reader.read(deeds).ok()? {
            if !self.canvas.has_step_for(&deed) {
                return None;
            }
            self.canvas.carry_out(&deed);
        }
        for index in self.canvas.tiles_that_differ() {
            self.tiles[index as usize] = Digest(canvas::digest(&self.canvas.tile(index)));
        }
        let manifest = self.manifest()?;
        let code = |index: u32| {
            let coded = canvas::codec::encode(&self.canvas.tile(index));
            (self.tiles[index as usize], Bytes::from(coded))
        };
        let lacking = here.missing(&manifest, now).into_iter().map(code).collect();
        Some(Reached { canvas: name(&manifest), manifest, tiles: TileBatch(lacking) })
    }

    fn manifest(&self) -> Option<Manifest> {
        Manifest::new(self.canvas.width(), self.canvas.height(), self.tiles.clone()).ok()
    }
}
