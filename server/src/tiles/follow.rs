//! Drawing along with those who draw: strokes are drawn here too, on a copy of each viewer's canvas, and
//! become the same tiles.

use super::Tiles;
use bytes::Bytes;
use canvas::{Canvas, stream};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use wire::{Digest, Manifest, TileBatch, ViewerId};

/// Bytes of undo of each copy: what goes further back is told by its tiles.
const UNDO_BYTES: usize = 4 << 20;
/// Copies at a time, of 5 MiB each at the studio's size; those who draw beyond that send tiles.
const COPIES_MAX: usize = 64;
/// A copy that nobody drew on for so long goes.
const COPY_TTL: Duration = Duration::from_secs(600);

/// The viewers that may send strokes.
#[derive(Debug, Default)]
pub struct Followed(Mutex<HashMap<ViewerId, Viewer>>);

#[derive(Debug)]
struct Viewer {
    copy: Copy,
    used: Instant,
}

#[derive(Debug)]
enum Copy {
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
        self.put(viewer, Copy::Said(manifest), now);
    }

    /// Whether nothing is known of what the viewer draws.
    pub fn is_astray(&self, viewer: ViewerId) -> bool {
        self.all().get(&viewer).is_some_and(|one| matches!(one.copy, Copy::Astray))
    }

    /// The viewer named a canvas that is not known here. Whether strokes should have led to it; it is astray then.
    pub fn missed(&self, viewer: ViewerId) -> bool {
        let mut all = self.all();
        let drawn = all.get_mut(&viewer).filter(|one| matches!(one.copy, Copy::Drawn(_)));
        drawn.map(|one| one.copy = Copy::Astray).is_some()
    }

    /// Draws what the viewer drew. None, once, if that cannot be followed; it is astray then. Draws and
    /// codes, so call it off the async threads, for one message of a viewer after the other.
    pub fn follow(&self, viewer: ViewerId, deeds: &[u8], tiles: &Tiles, now: Instant) -> Option<Reached> {
        // Out of the map meanwhile: others draw too.
        let copy = self.all().remove(&viewer).map(|one| one.copy);
        let drawn = match copy {
            Some(Copy::Said(manifest)) => Drawn::begin(&manifest, tiles, now),
            Some(Copy::Drawn(drawn)) => Some(drawn),
            Some(Copy::Astray) | None => None,
        };
        let reached = drawn.and_then(|mut drawn| {
            let reached = drawn.draw(deeds, tiles, now)?;
            Some((drawn, reached))
        });
        let (copy, reached) = match reached {
            Some((drawn, reached)) => (Copy::Drawn(drawn), Some(reached)),
            None => (Copy::Astray, None),
        };
        self.put(viewer, copy, now);
        reached
    }

    /// Drops the copies that nobody draws on.
    pub fn expire(&self, now: Instant) {
        self.all().retain(|_, one| now.saturating_duration_since(one.used) <= COPY_TTL);
    }

    fn put(&self, viewer: ViewerId, copy: Copy, used: Instant) {
        let mut all = self.all();
        all.insert(viewer, Viewer { copy, used });
        let drawn = all.iter().filter(|(_, one)| matches!(one.copy, Copy::Drawn(_)));
        if drawn.clone().count() > COPIES_MAX
            && let Some(oldest) = drawn.min_by_key(|(_, one)| one.used).map(|(viewer, _)| *viewer)
        {
            all.remove(&oldest);
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<ViewerId, Viewer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drawn {
    /// A copy of a canvas; none if one of its tiles is not here.
    fn begin(manifest: &Manifest, tiles: &Tiles, now: Instant) -> Option<Box<Self>> {
        let rgba = tiles.pixels(manifest, now)?;
        let canvas = Canvas::of_pixels(manifest.width(), manifest.height(), &rgba, UNDO_BYTES);
        Some(Box::new(Self { canvas, tiles: manifest.tiles().to_vec(), reader: stream::Reader::default() }))
    }

    /// Does what the message tells; none if it cannot be read.
    fn draw(&mut self, deeds: &[u8], here: &Tiles, now: Instant) -> Option<Reached> {
        let Self { canvas, tiles, reader } = self;
        for deed in reader.read(deeds).ok()? {
            canvas.carry_out(&deed);
        }
        for index in canvas.tiles_that_differ() {
            tiles[index as usize] = Digest(canvas::digest(&canvas.tile(index)));
        }
        let manifest = Manifest::new(canvas.width(), canvas.height(), tiles.clone()).ok()?;
        let reached = Digest(canvas::digest(&manifest.canonical()));
        let code = |index: u32| {
            let coded = canvas::codec::encode(&canvas.tile(index));
            (tiles[index as usize], Bytes::from(coded))
        };
        let lacking = here.missing(&manifest, now).into_iter().map(code).collect();
        Some(Reached { canvas: reached, manifest, tiles: TileBatch(lacking) })
    }
}
