//! The canvas and the hand on it: one pointer draws at a time.

use super::{
    Paper, Shape,
    held::{Hand, Held},
};
use canvas::{Canvas, Deed, Fidelity, Fill, Rect, Sample, UNDO_BYTES, digest};
use wire::Digest;

/// The first finger of a pinch gets so far, in pixels of usual paper, before the second one comes down.
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
    held: Option<Held>,
}

/// What was done, by the rectangle that changed; and in deeds, unless these do not tell all: never where the paper is
/// another.
#[derive(Debug, Default)]
pub struct Done {
    pub damage: Rect,
    pub deeds: Option<Vec<Deed>>,
    /// The colour that was taken, which is all that was done then.
    pub picked: Option<[u8; 3]>,
}

impl Default for Easel {
    fn default() -> Self {
        Self::with_paper(Paper::default())
    }
}

impl Easel {
    /// With blank paper.
    pub fn with_paper(paper: Paper) -> Self {
        let (width, height) = paper.size();
        Self::with(Canvas::new(width, height))
    }

    /// With this on it, in RGBA, and nothing to take back.
    pub fn with_pixels(paper: Paper, rgba: &[u8]) -> Self {
        let (width, height) = paper.size();
        Self::with(Canvas::of_pixels(width, height, rgba, UNDO_BYTES))
    }

    fn with(canvas: Canvas) -> Self {
        Self { canvas, held: None }
    }

    pub fn paper(&self) -> Paper {
        Paper::of(self.canvas.width(), self.canvas.height())
    }

    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    pub fn canvas_mut(&mut self) -> &mut Canvas {
        &mut self.canvas
    }

    /// Whether a pointer is on the paper.
    pub fn is_drawing(&self) -> bool {
        self.held.is_some()
    }

    /// The hand on the paper from which this pen takes over.
    pub fn displaced(&self, at: Pointer) -> Option<i32> {
        self.held.as_ref().filter(|held| at.pen && !held.is_pen).map(|held| held.id)
    }

    /// A pointer touches the paper. `None` if another one is there already, except that a pen takes over
    /// from the hand that came down before it.
    pub fn press(&mut self, id: i32, at: Pointer, hand: Hand) -> Option<Rect> {
        let taken_back = match &self.held {
            Some(_) if self.displaced(at).is_none() => return None,
            Some(_) => self.run(Command::Abort).damage,
            None => Rect::default(),
        };
        let sample = at.sample(&self.canvas);
        let hand = hand.on(self.paper());
        self.held = Some(Held {
            id,
            is_pen: at.pen,
            hand,
            samples: vec![sample],
            told: 0,
            line_from: None,
            stayed: false,
        });
        Some(match hand {
            Hand::Draws(brush) => taken_back.union(self.canvas.begin(brush, sample)),
            Hand::Fills(_) | Hand::Picks => taken_back,
        })
    }

    /// The pixel of the paper that is nearest.
    fn pixel(&self, at: Sample) -> (u32, u32) {
        let place = |along: f32, side: u32| (along.max(0.0) as u32).min(side - 1);
        (place(at.x, self.canvas.width()), place(at.y, self.canvas.height()))
    }

    /// The finger that draws, if one more that comes down makes it a pinch: its stroke has hardly begun.
    pub fn pinched(&self, at: Pointer) -> Option<i32> {
        let held = self.held.as_ref()?;
        (!held.is_pen && !at.pen && held.reach() <= PINCH * self.paper().scale()).then_some(held.id)
    }

    /// The pointer that draws moved along these places; `straight`: there is to be a line from where that began.
    pub fn drag(&mut self, id: i32, along: &[Pointer], straight: bool) -> Option<Rect> {
        let held = self.held.as_mut().filter(|held| held.id == id)?;
        if straight || held.stayed {
            held.lead(along.last()?.sample(&self.canvas));
            return Some(self.draw_again());
        }
        held.line_from = None;
        let known = held.samples.len();
        held.samples.extend(along.iter().map(|at| at.sample(&self.canvas)));
        Some(self.canvas.extend(&held.samples[known..]))
    }

    /// The pointer that draws stays where it is: what is nearly a line becomes one, whose end it leads from then on.
    pub fn straighten(&mut self) -> Option<Rect> {
        let paper = self.paper();
        let held = self.held.as_mut().filter(|held| !held.stayed && held.is_nearly_straight(paper))?;
        (held.line_from, held.stayed) = (Some(0), true);
        held.lead(held.last());
        Some(self.draw_again())
    }

    /// What is under the hand as the hand sees it.
    fn draw_again(&mut self) -> Rect {
        let taken_back = self.canvas.abort();
        match &self.held {
            Some(Held { hand: Hand::Draws(brush), samples, .. }) => {
                let begun = self.canvas.begin(*brush, samples[0]);
                taken_back.union(begun).union(self.canvas.extend(&samples[1..]))
            }
            _ => taken_back,
        }
    }

    /// The pointer that draws left the paper.
    pub fn lift(&mut self, id: i32) -> Option<Done> {
        self.holds(id).then(|| self.put_down())
    }

    /// What is under the hand is done, if anything is. A stroke stays as it can be told: simplified by less than the eye
    /// sees.
    fn put_down(&mut self) -> Done {
        let nothing = Done { deeds: Some(Vec::new()), ..Done::default() };
        let Some(held) = self.held.take() else { return nothing };
        let (x, y) = self.pixel(held.first());
        let deed = match held.hand {
            Hand::Draws(_) => held.mark().map(Deed::Mark),
            Hand::Fills(colour) => Some(Deed::Fill(Fill { x: x as u16, y: y as u16, colour })),
            Hand::Picks => return Done { picked: Some(self.canvas.colour(x, y)), ..nothing },
        };
        match deed {
            Some(deed) => self.carry_out(vec![deed]),
            None => Done { damage: self.canvas.end(), ..Done::default() },
        }
    }

    /// Lays a picture over the drawing, on this paper. What is under the hand is a step before it.
    pub fn place(&mut self, paper: Paper, rgba: &[u8], width: u32, height: u32, fidelity: Fidelity) -> Done {
        let before = self.put_down().damage;
        let damage = before.union(self.canvas.place_on(paper.size(), rgba, width, height, fidelity));
        Done { damage, ..Done::default() }
    }

    fn carry_out(&mut self, deeds: Vec<Deed>) -> Done {
        let damage = deeds.iter().fold(Rect::default(), |all, deed| all.union(self.canvas.carry_out(deed)));
        Done { damage, deeds: Some(deeds), ..Done::default() }
    }

    /// The stroke under way as it would be told now, if it is longer by so many knots than when it was told last, and the
    /// tiles that look different since this or [`Self::named_tiles`] was asked last. The paper stays as the hand sees it.
    pub fn under_way(&mut self, least: usize) -> Option<(Deed, Vec<(u32, Digest)>)> {
        let held = self.held.as_mut()?;
        let mark = held.mark()?;
        if mark.knots().len().saturating_sub(held.told) < least {
            return None;
        }
        held.told = mark.knots().len();
        let deed = Deed::UnderWay(mark);
        self.canvas.carry_out(&deed);
        let tiles = self.named_tiles();
        self.draw_again();
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
        self.holds(id).then(|| self.run(Command::Abort))
    }

    fn holds(&self, id: i32) -> bool {
        self.held.as_ref().is_some_and(|held| held.id == id)
    }

    /// Does it and says what changed. What is under the hand is a step before it.
    pub fn run(&mut self, command: Command) -> Done {
        let (paper, usual) = (self.paper(), Paper::usual(self.paper().shape()));
        let deed = match command {
            // Only what lay on it was worth the pixels.
            Command::Clear if paper != usual => {
                self.put_down();
                let (width, height) = usual.size();
                return Done { damage: self.canvas.renew(width, height), ..Done::default() };
            }
            Command::Undo => Deed::Undo,
            Command::Redo => Deed::Redo,
            Command::Clear => Deed::Clear,
            Command::Abort => {
                self.held = None;
                return self.carry_out(vec![Deed::Abort]);
            }
            Command::Cut(shape) => {
                self.put_down();
                let (width, height) = paper.cut_to(shape).size();
                return Done { damage: self.canvas.cut(width, height), ..Done::default() };
            }
        };
        let finished = self.put_down();
        let done = self.carry_out(vec![deed]);
        if self.paper() != paper {
            return Done { damage: done.damage, ..Done::default() };
        }
        let deeds = finished.deeds.zip(done.deeds).map(|(first, then)| [first, then].concat());
        Done { damage: finished.damage.union(done.damage), deeds, ..Done::default() }
    }
}
