//! Pixels of a sheet onto the screen.

use super::dom::{put_pixels, resize};
use crate::studio::ink_of;
use canvas::{Canvas, Rect};
use std::cell::RefCell;
use web_sys::CanvasRenderingContext2d;

/// A sheet as it is seen on the page: the drawing, or the marks over it.
pub struct View {
    context: CanvasRenderingContext2d,
    /// Only its ink is seen.
    clear: bool,
    rows: RefCell<Vec<u8>>,
}

impl View {
    pub fn new(context: CanvasRenderingContext2d) -> Self {
        Self { context, clear: false, rows: RefCell::default() }
    }

    /// One through which one sees what is below.
    pub fn clear(context: CanvasRenderingContext2d) -> Self {
        Self { clear: true, ..Self::new(context) }
    }

    /// Shows what changed.
    pub fn paint(&self, canvas: &Canvas, damage: Rect) {
        if damage.is_empty() {
            return;
        }
        let damage =
            if self.fits(canvas) { damage } else { Rect::new(0, 0, canvas.width(), canvas.height()) };
        let mut rows = self.rows.borrow_mut();
        let rect = canvas.copy_rect(damage, &mut rows);
        if self.clear {
            *rows = ink_of(&rows);
        }
        put_pixels(&self.context, &rows, rect.width, (rect.x, rect.y));
    }

    /// Whether the sheet had the size of the canvas, which it has now.
    fn fits(&self, canvas: &Canvas) -> bool {
        self.context.canvas().is_none_or(|sheet| !resize(&sheet, canvas.width(), canvas.height()))
    }

    /// Shows all of it.
    pub fn paint_all(&self, canvas: &Canvas) {
        self.paint(canvas, Rect::new(0, 0, canvas.width(), canvas.height()));
    }
}
