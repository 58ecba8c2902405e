//! The canvas and the hand on it: one pointer draws at a time.

use super::Shape;
use canvas::{Brush, Canvas, Deed, Fidelity, Mark, Rect, Sample, UNDO_BYTES, digest};
use wire::Digest;

/// The first finger of a pinch gets so far, in pixels of the paper, before the second one comes down.
const PINCH: f32 = 16.0;

/// What can be done to the drawing as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Undo,
    Redo,
    Clear,
    /// Cut the paper to this shape.
    Cut(Shape),
    /// Take the stroke under way back.
    Abort,
}

/// Where a pointer is over the drawing, as the browser reports it.
#[derive(Debug, Clone, Copy)]
pub struct Pointer {
    /// From the drawing's left and top edge, in shares of its width and height.
    pub x: f32,
    pub y: f32,
    /// 0 to 1; nonsense unless `pen`.
    pub pressure: f32,
    pub pen: bool,
}

impl Pointer {
    fn sample(self, canvas: &Canvas) -> Sample {
        // Only a pen knows how hard it is pressed; some report 0 when they touch down.
        let pressure = if self.pen && self.pressure > 0.0 { self.pressure } else { 0.5 };
        Sample { x: self.x * canvas.width() as f32, y: self.y * canvas.height() as f32, pressure }
    }
}

/// The canvas that is drawn on.
pub struct Easel {
    canvas: Canvas,
    /// The pointer that draws, and whether it is a pen.
    drawing: Option<(i32, bool)>,
    /// The stroke under way, as the pointer reported it.
    brush: Option<Brush>,
    samples: Vec<Sample>,
}

/// What was done, by the rectangle that changed; and in deeds, unless these do not tell all.
#[derive(Debug, Default)]
pub struct Done {
    pub damage: Rect,
    pub deeds: Option<Vec<Deed>>,
}

impl Default for Easel {
    fn default() -> Self {
        Self::with_paper(Shape::default())
    }
}

impl Easel {
    /// With blank paper.
    pub fn with_paper(shape: Shape) -> Self {
        let (width, height) = shape.paper();
        Self::with(Canvas::new(width, height))
    }

    /// With this on it, in RGBA, and nothing to take back.
    pub fn with_pixels(shape: Shape, rgba: &[u8]) -> Self {
        let (width, height) = shape.paper();
        Self::with(Canvas::of_pixels(width, height, rgba, UNDO_BYTES))
    }

    fn with(canvas: Canvas) -> Self {
        Self { canvas, drawing: None, brush: None, samples: Vec::new() }
    }

    /// The shape of the paper.
    pub fn shape(&self) -> Shape {
        Shape::of(self.canvas.width(), self.canvas.height())
    }

    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    pub fn canvas_mut(&mut self) -> &mut Canvas {
        &mut self.canvas
    }

    /// Whether a pointer draws now.
    pub fn is_drawing(&self) -> bool {
        self.drawing.is_some()
    }

    /// A pointer touches the paper. `None` if another one draws already, except that a pen takes over
    /// from the hand that came down before it.
    pub fn press(&mut self, id: i32, at: Pointer, brush: Brush) -> Option<Rect> {
        let taken_back = match self.drawing {
            Some((_, pen)) if pen || !at.pen => return None,
            Some(_) => self.run(Command::Abort).damage,
            None => Rect::default(),
        };
        self.drawing = Some((id, at.pen));
        let sample = at.sample(&self.canvas);
        (self.brush, self.samples) = (Some(brush), vec![sample]);
        Some(taken_back.union(self.canvas.begin(brush, sample)))
    }

    /// What is seen at this place of the paper.
    pub fn colour_at(&self, at: Pointer) -> [u8; 3] {
        let Sample { x, y, .. } = at.sample(&self.canvas);
        let place = |along: f32, side: u32| (along.max(0.0) as usize).min(side as usize - 1);
        let pixel =
            place(y, self.canvas.height()) * self.canvas.width() as usize + place(x, self.canvas.width());
        let rgba = &self.canvas.pixels()[4 * pixel..];
        [rgba[0], rgba[1], rgba[2]]
    }

    /// The finger that draws, if one more that comes down makes it a pinch: its stroke has hardly begun.
    pub fn pinched(&self, at: Pointer) -> Option<i32> {
        let (id, is_pen) = self.drawing?;
        let first = self.samples.first()?;
        let far = |sample: &Sample| (sample.x - first.x).abs().max((sample.y - first.y).abs()) > PINCH;
        (!is_pen && !at.pen && !self.samples.iter().any(far)).then_some(id)
    }

    /// The pointer that draws moved along these places.
    pub fn drag(&mut self, id: i32, along: &[Pointer]) -> Option<Rect> {
        self.draws(id).then(|| {
            let known = self.samples.len();
            self.samples.extend(along.iter().map(|at| at.sample(&self.canvas)));
            self.canvas.extend(&self.samples[known..])
        })
    }

    /// The pointer that draws left the paper.
    pub fn lift(&mut self, id: i32) -> Option<Done> {
        self.draws(id).then(|| {
            self.drawing = None;
            self.finish()
        })
    }

    /// What is under the hand is done, if anything is.
    fn put_down(&mut self) -> Done {
        match self.drawing.take() {
            Some(_) => self.finish(),
            None => Done { deeds: Some(Vec::new()), ..Done::default() },
        }
    }

    /// The stroke under way is done. It stays as it can be told: simplified by less than the eye sees.
    fn finish(&mut self) -> Done {
        match self.mark() {
            Some(mark) => self.carry_out(vec![Deed::Mark(mark)]),
            None => Done { damage: self.canvas.end(), deeds: None },
        }
    }

    /// Lays a picture over the drawing, on paper of this shape. What is under the hand is a step before it.
    pub fn place(&mut self, shape: Shape, rgba: &[u8], width: u32, height: u32, fidelity: Fidelity) -> Done {
        let before = self.put_down().damage;
        let damage = before.union(self.canvas.place_on(shape.paper(), rgba, width, height, fidelity));
        Done { damage, deeds: None }
    }

    /// The stroke under way, if it is one that can be told.
    fn mark(&self) -> Option<Mark> {
        self.brush.and_then(|brush| Mark::of(brush, &self.samples))
    }

    fn carry_out(&mut self, deeds: Vec<Deed>) -> Done {
        let damage = deeds.iter().fold(Rect::default(), |all, deed| all.union(self.canvas.carry_out(deed)));
        Done { damage, deeds: Some(deeds) }
    }

    /// The stroke under way as it would be told now, and the tiles that look different since this or
    /// [`Self::named_tiles`] was asked last. The paper stays as the hand sees it.
    pub fn under_way(&mut self) -> Option<(Deed, Vec<(u32, Digest)>)> {
        let (brush, deed) = (self.brush?, Deed::UnderWay(self.mark()?));
        self.canvas.carry_out(&deed);
        let tiles = self.named_tiles();
        self.canvas.abort();
        self.canvas.begin(brush, *self.samples.first()?);
        self.canvas.extend(&self.samples[1..]);
        Some((deed, tiles))
    }

    /// The tiles that look different since this was asked last, and their names.
    pub fn named_tiles(&mut self) -> Vec<(u32, Digest)> {
        let tiles = self.canvas.tiles_that_differ();
        let name = |index| (index, Digest(digest(&self.canvas.tile(index))));
        tiles.into_iter().map(name).collect()
    }

    /// The pointer that draws was taken away by the system: its stroke is taken back.
    pub fn lose(&mut self, id: i32) -> Option<Done> {
        self.draws(id).then(|| self.run(Command::Abort))
    }

    fn draws(&self, id: i32) -> bool {
        self.drawing.is_some_and(|(drawing, _)| drawing == id)
    }

    /// Does it and says what changed. What is under the hand is a step before it.
    pub fn run(&mut self, command: Command) -> Done {
        let deed = match command {
            Command::Undo => Deed::Undo,
            Command::Redo => Deed::Redo,
            Command::Clear => Deed::Clear,
            Command::Abort => {
                self.drawing = None;
                return self.carry_out(vec![Deed::Abort]);
            }
            Command::Cut(shape) => {
                self.put_down();
                let (width, height) = shape.paper();
                return Done { damage: self.canvas.cut(width, height), deeds: None };
            }
        };
        let finished = self.put_down();
        let done = self.carry_out(vec![deed]);
        let deeds = finished.deeds.zip(done.deeds).map(|(first, then)| [first, then].concat());
        Done { damage: finished.damage.union(done.damage), deeds }
    }
}
