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
    /// The pointer that draws.
    drawing: Option<i32>,
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

    /// A pointer touches the paper. `None` if another one draws already.
    pub fn press(&mut self, id: i32, at: Pointer, settings: &Settings, eraser_end: bool) -> Option<Rect> {
        if self.drawing.is_some() {
            return None;
        }
        self.drawing = Some(id);
        let eraser = eraser_end || settings.tool == Tool::Eraser;
        let size = if eraser { settings.eraser_size } else { settings.brush_size };
        Some(self.canvas.begin(Brush { size, colour: settings.colour, eraser }, at.sample()))
    }

    /// The pointer that draws moved along these places.
    pub fn drag(&mut self, id: i32, along: &[Pointer]) -> Option<Rect> {
        (self.drawing == Some(id)).then(|| {
            let samples: Vec<Sample> = along.iter().map(|at| at.sample()).collect();
            self.canvas.extend(&samples)
        })
    }

    /// The pointer that draws left the paper.
    pub fn lift(&mut self, id: i32) -> Option<Rect> {
        (self.drawing == Some(id)).then(|| {
            self.drawing = None;
            self.canvas.end()
        })
    }

    /// The pointer that draws was taken away by the system: its stroke is taken back.
    pub fn lose(&mut self, id: i32) -> Option<Rect> {
        (self.drawing == Some(id)).then(|| self.run(Command::Abort))
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
