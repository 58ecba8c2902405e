//! The drawing as one thing: strokes, edits, undo, and which tiles changed since last asked.

use crate::{
    Brush, Deed, Fidelity, Fill, Mark, Rect, Sample, TILE, Tile,
    fill::Area,
    history::{History, Step, UNDO_BYTES},
    place,
    stroke::Stroke,
    surface::Surface,
};

/// Longest side of a canvas in pixels.
pub const SIDE_MAX: u32 = 2048;

/// A drawing on opaque white paper.
#[derive(Debug)]
pub struct Canvas {
    surface: Surface,
    history: History,
    stroke: Option<Stroke>,
    /// For each tile, whether it changed since last asked.
    changed: Vec<bool>,
}

impl Canvas {
    /// Blank paper. Sides are rounded up to whole tiles, at least one and at most [`SIDE_MAX`]
    /// pixels. Every tile counts as changed once, so that all get their digests the same way.
    pub fn new(width: u32, height: u32) -> Self {
        Self::with_undo_bytes(width, height, UNDO_BYTES)
    }

    /// The same with at most `limit` bytes of undo and redo.
    pub fn with_undo_bytes(width: u32, height: u32, limit: usize) -> Self {
        let surface = Surface::paper(whole(width), whole(height));
        let changed = vec![true; surface.tiles() as usize];
        Self { surface, history: History::new(limit), stroke: None, changed }
    }

    /// A drawing that exists already, as RGBA rows, with at most `limit` bytes of undo. No tile counts as
    /// changed. What is missing of `rgba` is blank paper.
    pub fn of_pixels(width: u32, height: u32, rgba: &[u8], limit: usize) -> Self {
        let mut canvas = Self::with_undo_bytes(width, height, limit);
        canvas.surface.fill(rgba);
        canvas.changed.fill(false);
        canvas
    }

    pub fn width(&self) -> u32 {
        self.surface.bounds().width
    }

    pub fn height(&self) -> u32 {
        self.surface.bounds().height
    }

    /// Starts a stroke with a dot; one that was under way ends first. Returns what changed.
    pub fn begin(&mut self, brush: Brush, first: Sample) -> Rect {
        let ended = self.end();
        let stroke = self.stroke.insert(Stroke::new(brush));
        ended.union(stroke.extend(&[first], &mut self.surface))
    }

    /// Draws on to `samples`; returns what changed. Samples that are no numbers are passed over.
    pub fn extend(&mut self, samples: &[Sample]) -> Rect {
        match &mut self.stroke {
            Some(stroke) => stroke.extend(samples, &mut self.surface),
            None => Rect::EMPTY,
        }
    }

    /// Ends the stroke, which becomes one undo step; returns what changed since the last call.
    pub fn end(&mut self) -> Rect {
        let Some(stroke) = self.stroke.take() else { return Rect::EMPTY };
        let (damage, before) = stroke.finish(&mut self.surface);
        self.commit(before);
        damage
    }

    /// Does what was done elsewhere, with the same result if all before it was done here too. Returns what
    /// changed.
    pub fn carry_out(&mut self, deed: &Deed) -> Rect {
        let taken_back = self.abort();
        let changed = match deed {
            Deed::Mark(mark) => self.trace(mark).union(self.end()),
            Deed::UnderWay(mark) => self.trace(mark),
            Deed::Fill(fill) => self.fill(*fill),
            Deed::Undo => self.undo().unwrap_or_default(),
            Deed::Redo => self.redo().unwrap_or_default(),
            Deed::Clear => self.clear(),
            Deed::Abort => Rect::EMPTY,
        };
        taken_back.union(changed)
    }

    /// Whether there is a step for a deed that takes one back or does it again; the stroke under way is none.
    pub fn has_step_for(&self, deed: &Deed) -> bool {
        match deed {
            Deed::Undo => self.history.can_undo(),
            Deed::Redo => self.history.can_redo(),
            _ => true,
        }
    }

    /// Draws a stroke that is still under way then.
    fn trace(&mut self, mark: &Mark) -> Rect {
        self.stroke.insert(Stroke::new(mark.brush())).trace(mark.knots(), &mut self.surface)
    }

    /// Takes the stroke that is under way back, as if it had not begun.
    pub fn abort(&mut self) -> Rect {
        let Some(stroke) = self.stroke.take() else { return Rect::EMPTY };
        // They may have been shown to somebody as they were meanwhile.
        self.note(stroke.tiles());
        stroke.abort(&mut self.surface)
    }

    pub fn can_undo(&self) -> bool {
        self.stroke.is_some() || self.history.can_undo()
    }

    pub fn can_redo(&self) -> bool {
        self.history.can_redo()
    }

    /// Takes the last step back; a stroke under way ends first and is that step. Returns what
    /// changed, or nothing if there is no step.
    pub fn undo(&mut self) -> Option<Rect> {
        let ended = self.end();
        let (damage, tiles) = self.history.undo(&mut self.surface)?;
        self.note(tiles);
        Some(ended.union(damage))
    }

    pub fn redo(&mut self) -> Option<Rect> {
        let ended = self.end();
        let (damage, tiles) = self.history.redo(&mut self.surface)?;
        self.note(tiles);
        Some(ended.union(damage))
    }

    /// Bytes that undo and redo hold.
    pub fn undo_bytes(&self) -> usize {
        self.history.bytes()
    }

    /// Blank paper again, as one undo step.
    pub fn clear(&mut self) -> Rect {
        self.edit(self.surface.bounds(), |surface| *surface = blank(surface))
    }

    /// Blank paper of another size, as one undo step. Sides are rounded as in [`Canvas::new`].
    pub fn renew(&mut self, width: u32, height: u32) -> Rect {
        self.end();
        self.turn_to(Surface::paper(whole(width), whole(height)), false);
        self.surface.bounds()
    }

    /// Gives the area around a place another colour, as one undo step.
    fn fill(&mut self, fill: Fill) -> Rect {
        let area = Area::around(fill, &self.surface);
        self.edit(area.bounds, |surface| area.paint(fill.colour, surface))
    }

    /// What is seen at a place, which is on the paper.
    ///
    /// # Panics
    /// If it is not.
    pub fn colour(&self, x: u32, y: u32) -> [u8; 3] {
        self.surface.colour(x, y)
    }

    /// Cuts the paper to another size, as one undo step: the drawing stays in the middle, what no longer fits is
    /// cut off, and what is added is blank. Sides are rounded as in [`Canvas::new`]. Of several cuts in a row only the last
    /// counts, and cuts what the first one found.
    pub fn cut(&mut self, width: u32, height: u32) -> Rect {
        self.end();
        if self.history.ends_in_a_cut() {
            self.undo();
        }
        let (width, height) = (whole(width), whole(height));
        if (width, height) != (self.width(), self.height()) {
            self.turn_to(self.surface.cut(width, height), true);
        }
        self.surface.bounds()
    }

    /// Goes on with paper of another size, as one undo step.
    fn turn_to(&mut self, paper: Surface, is_cut: bool) {
        let paper = std::mem::replace(&mut self.surface, paper);
        self.history.push(Step::Paper { paper, is_cut });
        self.note(0..self.surface.tiles());
    }

    /// Lays a picture over the drawing, as large as fits and centred, as one undo step. `rgba`
    /// is `width` x `height` pixels; nothing changes if its length says otherwise.
    pub fn place(&mut self, rgba: &[u8], width: u32, height: u32, fidelity: Fidelity) -> Rect {
        self.place_on((self.width(), self.height()), rgba, width, height, fidelity)
    }

    /// The same on paper of this size; both are one undo step. If it has nearly the shape of what there is, the drawing fills it
    /// as before, else it is cut as [`Canvas::cut`] does.
    pub fn place_on(
        &mut self,
        paper: (u32, u32),
        rgba: &[u8],
        width: u32,
        height: u32,
        fidelity: Fidelity,
    ) -> Rect {
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 || !rgba.len().is_multiple_of(4) || rgba.len() as u64 / 4 != pixels {
            return Rect::EMPTY;
        }
        let paper = Rect::new(0, 0, whole(paper.0), whole(paper.1));
        let area = place::fitted(width, height, paper);
        let lay = |surface: &mut Surface| {
            place::place(rgba, width, height, area, surface);
            // What shows through a picture is not its own.
            if fidelity == Fidelity::Near && rgba.chunks_exact(4).all(|pixel| pixel[3] == 255) {
                place::coarsen(area, surface);
            }
        };
        if paper == self.surface.bounds() {
            return self.edit(area, lay);
        }
        self.end();
        let mut other = match is_alike(paper, self.surface.bounds()) {
            true => self.scaled(paper),
            false => self.surface.cut(paper.width, paper.height),
        };
        lay(&mut other);
        self.turn_to(other, false);
        paper
    }

    /// The drawing on finer or coarser paper.
    fn scaled(&self, paper: Rect) -> Surface {
        let mut scaled = Surface::paper(paper.width, paper.height);
        place::resample(self.surface.pixels(), self.width(), self.height(), paper, &mut scaled);
        scaled
    }

    /// All pixels, RGBA, row by row.
    pub fn pixels(&self) -> &[u8] {
        self.surface.pixels()
    }

    /// Replaces `out` with the pixels of `rect`, which is cut to the canvas; returns the cut.
    pub fn copy_rect(&self, rect: Rect, out: &mut Vec<u8>) -> Rect {
        let rect = rect.intersection(self.surface.bounds());
        out.clear();
        for y in rect.y..rect.bottom() {
            out.extend_from_slice(self.surface.row(rect.x, y, rect.width));
        }
        rect
    }

    /// Number of tiles; they are counted row by row from the top left.
    pub fn tiles(&self) -> u32 {
        self.surface.tiles()
    }

    /// Tiles that finished steps have changed since the last call, in order. A tile that was
    /// changed and changed back is among them; its digest is what it was.
    pub fn take_changed_tiles(&mut self) -> Vec<u32> {
        let changed = self.changed.iter_mut().map(std::mem::take);
        (0..).zip(changed).filter_map(|(index, changed)| changed.then_some(index)).collect()
    }

    /// Tiles that the stroke under way has touched so far, in order.
    pub fn tiles_under_way(&self) -> Vec<u32> {
        self.stroke.iter().flat_map(Stroke::tiles).collect()
    }

    /// Tiles that may look different from when this was last asked: those that finished steps have changed,
    /// and those that the stroke under way touches.
    pub fn tiles_that_differ(&mut self) -> Vec<u32> {
        self.note(self.tiles_under_way());
        self.take_changed_tiles()
    }

    /// # Panics
    /// If `index` is not below [`Canvas::tiles`].
    pub fn tile(&self, index: u32) -> Tile {
        assert!(index < self.tiles(), "tile {index} of a canvas of {}", self.tiles());
        *self.surface.tile(index)
    }

    /// Puts stored pixels back. Undo and redo are forgotten: they belong to another drawing.
    ///
    /// # Panics
    /// If `index` is not below [`Canvas::tiles`].
    pub fn set_tile(&mut self, index: u32, tile: &Tile) {
        assert!(index < self.tiles(), "tile {index} of a canvas of {}", self.tiles());
        self.abort();
        self.history.forget();
        self.surface.put_tile(index, tile);
        self.note([index]);
    }

    /// These tiles changed; all of them, if the paper has another size now.
    fn note(&mut self, tiles: impl IntoIterator<Item = u32>) {
        self.changed.resize(self.surface.tiles() as usize, true);
        tiles.into_iter().for_each(|index| self.changed[index as usize] = true);
    }

    /// Does `work` on the pixels of `area` as one undo step.
    fn edit(&mut self, area: Rect, work: impl FnOnce(&mut Surface)) -> Rect {
        let ended = self.end();
        let columns = self.surface.columns();
        let indices = area.tiles().map(|(column, row)| row * columns + column);
        let before = indices.map(|index| (index, self.surface.tile(index))).collect();
        work(&mut self.surface);
        self.commit(before);
        ended.union(area)
    }

    /// Notes a finished step by its tiles from before; those that came out the same are left out.
    fn commit(&mut self, mut before: Vec<(u32, Box<Tile>)>) {
        before.retain(|(index, tile)| !self.surface.tile_is(*index, tile));
        if !before.is_empty() {
            self.note(before.iter().map(|(index, _)| *index));
            let stored = before.into_iter().map(|(index, tile)| (index, tile.into()));
            self.history.push(Step::Tiles(stored.collect()));
        }
    }
}

/// Whether these differ in shape by less than a tenth.
fn is_alike(one: Rect, other: Rect) -> bool {
    let across = [(one.width, other.height), (other.width, one.height)];
    let [one, other] = across.map(|(width, height)| u64::from(width) * u64::from(height));
    10 * one.abs_diff(other) < one.max(other)
}

/// A side in whole tiles.
fn whole(side: u32) -> u32 {
    side.clamp(1, SIDE_MAX).next_multiple_of(TILE)
}

fn blank(surface: &Surface) -> Surface {
    let bounds = surface.bounds();
    Surface::paper(bounds.width, bounds.height)
}
