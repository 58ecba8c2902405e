//! The canvas and the hand on it: one pointer draws at a time.

use super::{SIDE, Settings, Tool};
use canvas::{Brush, Canvas, Rect, Sample};

/// What can be done to the drawing as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    Undo,
    Redo,
    Clear,
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
    fn sample(self) -> Sample {
        let side = SIDE as f32;
        // Only a pen knows how hard it is pressed; some report 0 when they touch down.
        let pressure = if self.pen && self.pressure > 0.0 { self.pressure } else { 0.5 };
        Sample { x: self.x * side, y: self.y * side, pressure }
    }
}

/// The canvas that is drawn on.
pub struct Easel {
    canvas: Canvas,
    /// The pointer that draws, and whether it is a pen.
    drawing: Option<(i32, bool)>,
}

impl Default for Easel {
    fn default() -> Self {
        Self { canvas: Canvas::new(SIDE, SIDE), drawing: None }
    }
}

impl Easel {
    pub fn canvas(&self) -> &Canvas {
        &self.canvas
    }

    pub fn canvas_mut(&mut self) -> &mut Canvas {
        &mut self.canvas
    }

    /// A pointer touches the paper. `None` if another one draws already, except that a pen takes over
    /// from the hand that came down before it.
    pub fn press(&mut self, id: i32, at: Pointer, settings: &Settings, eraser_end: bool) -> Option<Rect> {
        let taken_back = match self.drawing {
            Some((_, pen)) if pen || !at.pen => return None,
            Some(_) => self.run(Command::Abort),
            None => Rect::default(),
        };
        self.drawing = Some((id, at.pen));
        let eraser = eraser_end || settings.tool == Tool::Eraser;
        let size = if eraser { settings.eraser_size } else { settings.brush_size };
        let begun = self.canvas.begin(Brush { size, colour: settings.colour, eraser }, at.sample());
        Some(taken_back.union(begun))
    }

    /// The pointer that draws moved along these places.
    pub fn drag(&mut self, id: i32, along: &[Pointer]) -> Option<Rect> {
        self.draws(id).then(|| {
            let samples: Vec<Sample> = along.iter().map(|at| at.sample()).collect();
            self.canvas.extend(&samples)
        })
    }

    /// The pointer that draws left the paper.
    pub fn lift(&mut self, id: i32) -> Option<Rect> {
        self.draws(id).then(|| {
            self.drawing = None;
            self.canvas.end()
        })
    }

    /// The pointer that draws was taken away by the system: its stroke is taken back.
    pub fn lose(&mut self, id: i32) -> Option<Rect> {
        self.draws(id).then(|| self.run(Command::Abort))
    }

    fn draws(&self, id: i32) -> bool {
        self.drawing.is_some_and(|(drawing, _)| drawing == id)
    }

    /// Does it and says what changed.
    pub fn run(&mut self, command: Command) -> Rect {
        self.drawing = None;
        match command {
            Command::Undo => self.canvas.undo().unwrap_or_default(),
            Command::Redo => self.canvas.redo().unwrap_or_default(),
            Command::Clear => self.canvas.clear(),
            Command::Abort => self.canvas.abort(),
        }
    }
}
