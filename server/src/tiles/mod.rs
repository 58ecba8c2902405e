//! The content-addressed store of what people draw: tiles by the hash of their pixels, and
//! canvases by the hash of their tiles. All in memory; what nobody used for a while goes.

pub mod follow;
mod shelf;

use crate::stats::Stats;
use bytes::Bytes;
use shelf::Shelf;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use wire::limits::{TILE, TILE_BYTES};
use wire::{Code, Digest, Manifest, Problem, TileBatch, TilesAnswer};

/// Bytes of manifests kept. They outlive the tiles that they name, so that a click after an hour
/// is still understood, and the tiles are asked for again.
const CANVAS_BYTES: usize = 32 << 20;
/// Manifests are small; they go when newer ones need their room.
const CANVAS_TTL: Duration = Duration::from_secs(24 * 3600);

/// How long tiles stay, and how much room they may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time since last use after which a tile goes.
    pub ttl: Duration,
    /// Coded bytes, with the bookkeeping of each tile.
    pub bytes: usize,
}

/// The store. All methods are quick except [`Tiles::receive`] and [`Tiles::pixels`], which decode.
#[derive(Debug)]
pub struct Tiles {
    inner: Mutex<Inner>,
    limits: Limits,
    stats: Arc<Stats>,
}

#[derive(Debug)]
struct Inner {
    tiles: Shelf<Bytes>,
    canvases: Shelf<Arc<Manifest>>,
    /// How many waiting or running jobs need a tile, held or not.
    pins: HashMap<Digest, u32>,
}

/// Keeps the tiles of a canvas from going while a job needs them.
#[derive(Debug)]
pub struct Pin {
    tiles: Arc<Tiles>,
    manifest: Arc<Manifest>,
}

impl Tiles {
    pub fn new(limits: Limits, stats: Arc<Stats>) -> Self {
        let inner = Inner {
            tiles: Shelf::new(limits.ttl, limits.bytes),
            canvases: Shelf::new(CANVAS_TTL, CANVAS_BYTES),
            pins: HashMap::new(),
        };
        Self { inner: Mutex::new(inner), limits, stats }
    }

    pub fn ttl(&self) -> Duration {
        self.limits.ttl
    }

    /// Checks each tile against its digest and keeps those that have it. Decodes, so call it off
    /// the async threads. Answers what was refused, and the digests that are held now.
    pub fn receive(&self, batch: TileBatch, now: Instant) -> (TilesAnswer, Vec<Digest>) {
        let mut answer = TilesAnswer::default();
        let mut landed = Vec::new();
        for (digest, coded) in batch.0 {
            self.stats.tiles_received.one();
            self.stats.tile_bytes.add(coded.len());
            match verify(digest, &coded).and_then(|()| self.keep(digest, coded, now)) {
                Ok(()) => {
                    answer.stored += 1;
                    landed.push(digest);
                }
                Err(problem) => answer.refused.push((digest, problem)),
            }
        }
        (answer, landed)
    }

    fn keep(&self, digest: Digest, coded: Bytes, now: Instant) -> Result<(), Problem> {
        let mut inner = self.inner();
        let Inner { tiles, pins, .. } = &mut *inner;
        tiles.expire(now, |digest| pins.contains_key(digest));
        // A slice of the upload would keep the whole upload in memory.
        let coded = Bytes::copy_from_slice(&coded);
        let size = coded.len();
        let kept = tiles.put(digest, coded, size, now, |digest| pins.contains_key(digest));
        self.count(&inner);
        if kept {
            return Ok(());
        }
        let message = format!(
            "all {} MiB for drawings are needed by waiting pictures; try again in a moment",
            self.limits.bytes >> 20
        );
        Err(Problem::new(Code::Busy, message))
    }

    /// As [`Tiles::receive`], for tiles that were coded here. Their digests are as good as checked.
    pub fn keep_drawn(&self, batch: TileBatch, now: Instant) -> Vec<Digest> {
        let keep = |(digest, coded)| self.keep(digest, coded, now).is_ok().then_some(digest);
        batch.0.into_iter().filter_map(keep).collect()
    }

    /// Takes back what [`Tiles::coded`] gave, from where it was kept, for a canvas that is pinned. Its jobs were accepted,
    /// so it has room whatever the limit is by now.
    pub fn take_back(&self, batch: TileBatch, now: Instant) {
        let mut inner = self.inner();
        for (digest, coded) in batch.0 {
            // A slice of the file would keep the whole file in memory.
            let coded = Bytes::copy_from_slice(&coded);
            let size = coded.len();
            inner.tiles.put_back(digest, coded, size, now);
        }
        self.count(&inner);
    }

    /// The tiles of a canvas, each once, or nothing if one is missing.
    pub fn coded(&self, manifest: &Manifest, now: Instant) -> Option<TileBatch> {
        let each: HashSet<_> = manifest.tiles().iter().collect();
        let mut inner = self.inner();
        let coded = |tile: &Digest| Some((*tile, inner.tiles.take_up(tile, now)?.clone()));
        each.into_iter().map(coded).collect::<Option<_>>().map(TileBatch)
    }

    /// Learns a canvas and says which of its tiles are missing, as indices into the manifest.
    /// Those that are held count as used.
    pub fn learn(&self, manifest: Manifest, now: Instant) -> (Digest, Vec<u32>) {
        let canvas = name(&manifest);
        let manifest = Arc::new(manifest);
        let size = 16 * manifest.tiles().len();
        let mut inner = self.inner();
        inner.canvases.put(canvas, manifest.clone(), size, now, |_| false);
        let missing = inner.missing(&manifest, now);
        self.count(&inner);
        (canvas, missing)
    }

    /// The canvas of this digest, if it is known; that counts as use.
    pub fn canvas(&self, canvas: &Digest, now: Instant) -> Option<Arc<Manifest>> {
        self.inner().canvases.take_up(canvas, now).cloned()
    }

    /// Which tiles of a canvas are missing, as indices into the manifest; the others count as used.
    pub fn missing(&self, manifest: &Manifest, now: Instant) -> Vec<u32> {
        self.inner().missing(manifest, now)
    }

    /// From now on tiles of this canvas stay, also those that are still to come.
    pub fn pin(self: &Arc<Self>, manifest: Arc<Manifest>) -> Pin {
        let mut inner = self.inner();
        for tile in manifest.tiles() {
            *inner.pins.entry(*tile).or_default() += 1;
        }
        Pin { tiles: self.clone(), manifest }
    }

    /// Drops what nobody used for the time to live.
    pub fn expire(&self, now: Instant) {
        let mut inner = self.inner();
        let Inner { tiles, canvases, pins } = &mut *inner;
        tiles.expire(now, |digest| pins.contains_key(digest));
        canvases.expire(now, |_| false);
        self.count(&inner);
    }

    /// The canvas as RGBA rows, or nothing if a tile is missing; made of another canvas's rows, if there are some: what
    /// is alike need not be decoded again. Decodes, so call it off the async threads.
    pub fn pixels(
        &self,
        manifest: &Manifest,
        other: Option<(&Manifest, Vec<u8>)>,
        now: Instant,
    ) -> Option<Vec<u8>> {
        let size = |manifest: &Manifest| (manifest.width(), manifest.height());
        let (before, mut pixels) = match other.filter(|(other, _)| size(other) == size(manifest)) {
            Some((other, pixels)) => (other.tiles(), pixels),
            None => (&[][..], vec![0; manifest.tiles().len() * TILE_BYTES]),
        };
        let coded: Vec<(usize, Bytes)> = {
            let mut inner = self.inner();
            let coded =
                |(index, tile): (usize, &Digest)| Some((index, inner.tiles.take_up(tile, now)?.clone()));
            (0..).zip(manifest.tiles()).map(coded).collect::<Option<_>>()?
        };
        let differs = |index: usize| before.get(index) != manifest.tiles().get(index);
        for (index, coded) in coded.into_iter().filter(|(index, _)| differs(*index)) {
            lay(manifest, index, &coded, &mut pixels)?;
        }
        Some(pixels)
    }

    fn count(&self, inner: &Inner) {
        self.stats.tiles_known.set(inner.tiles.len());
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn missing(&mut self, manifest: &Manifest, now: Instant) -> Vec<u32> {
        let Self { tiles, pins, .. } = self;
        tiles.expire(now, |digest| pins.contains_key(digest));
        let lacks = |(index, tile): (u32, &Digest)| tiles.take_up(tile, now).is_none().then_some(index);
        (0..).zip(manifest.tiles()).filter_map(lacks).collect()
    }
}

/// A canvas as RGBA rows from tiles that lie nowhere else, or nothing if one is missing or broken. Decodes.
pub fn put_together(manifest: &Manifest, tiles: TileBatch) -> Option<Vec<u8>> {
    let tiles: HashMap<_, _> = tiles.0.into_iter().collect();
    let mut pixels = vec![0; manifest.tiles().len() * TILE_BYTES];
    for (index, tile) in manifest.tiles().iter().enumerate() {
        lay(manifest, index, tiles.get(tile)?, &mut pixels)?;
    }
    Some(pixels)
}

/// Decodes a tile into its place in a canvas's rows, if it can be.
fn lay(manifest: &Manifest, index: usize, coded: &[u8], pixels: &mut [u8]) -> Option<()> {
    let tile = canvas::codec::decode(coded).ok()?;
    let columns = (manifest.width() / TILE) as usize;
    let row = (TILE * 4) as usize;
    let corner = (index / columns * TILE as usize * columns + index % columns) * row;
    for (y, line) in tile.chunks_exact(row).enumerate() {
        let at = corner + y * columns * row;
        pixels[at..at + row].copy_from_slice(line);
    }
    Some(())
}

impl Pin {
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// The canvas as RGBA rows, or nothing if a tile has not come yet.
    /// Made of another canvas's rows, if there are some: what is alike need not be decoded again.
    pub fn pixels(&self, other: Option<(&Manifest, Vec<u8>)>) -> Option<Vec<u8>> {
        self.tiles.pixels(&self.manifest, other, crate::clock::now())
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let mut inner = self.tiles.inner();
        for tile in self.manifest.tiles() {
            if let Some(pins) = inner.pins.get_mut(tile) {
                *pins -= 1;
                if *pins == 0 {
                    inner.pins.remove(tile);
                }
            }
        }
    }
}

fn verify(digest: Digest, coded: &[u8]) -> Result<(), Problem> {
    let pixels = canvas::codec::decode(coded).map_err(|error| Problem::invalid("tile", error))?;
    if canvas::digest(&pixels[..]) == digest.0 {
        return Ok(());
    }
    let message = format!("the tile's pixels do not have the digest {digest}; hash the decoded RGBA bytes");
    Err(Problem::new(Code::WrongHash, message))
}

/// What a canvas is called: the digest of its manifest.
fn name(manifest: &Manifest) -> Digest {
    Digest(canvas::digest(&manifest.canonical()))
}
