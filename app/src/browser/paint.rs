//! Pixels of the drawing onto the screen.

use super::dom::image_data;
use canvas::{Canvas, Rect};
use std::cell::RefCell;
use web_sys::CanvasRenderingContext2d;

/// The drawing on the page.
pub struct Paper {
    context: CanvasRenderingContext2d,
    rows: RefCell<Vec<u8>>,
}

impl Paper {
    pub fn new(context: CanvasRenderingContext2d) -> Self {
        Self { context, rows: RefCell::default() }
    }

    /// Shows what changed.
    pub fn paint(&self, canvas: &Canvas, damage: Rect) {
        if damage.is_empty() {
            return;
        }
        let mut rows = self.rows.borrow_mut();
        let rect = canvas.copy_rect(damage, &mut rows);
        if let Some(image) = image_data(&rows, rect.width, rect.height) {
            let _ = self.context.put_image_data(&image, rect.x.into(), rect.y.into());
        }
    }

    /// Shows all of it.
    pub fn paint_all(&self, canvas: &Canvas) {
        self.paint(canvas, Rect::new(0, 0, canvas.width(), canvas.height()));
    }
}
