//! The square that pictures are seen on: where each lies, what is about to be seen, and the sketch over them.

use super::dom::{by_id, context, loose_canvas, put_pixels, resize, smooth};
use crate::studio::{Place, ink_of};
use std::cell::Cell;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

const PAPER: &str = "#d9d2c4";
/// Its side in pixels: enough for small pictures that are shown large, and for all pixels of large ones, unless
/// there are more than screens show.
const SIDE_MIN: u32 = 512;
const SIDE_MAX: u32 = 1024;

pub struct Stage {
    picture: CanvasRenderingContext2d,
    sketch: CanvasRenderingContext2d,
    /// How many pictures share it, and the width and height of each.
    of: Cell<u16>,
    size: Cell<(u32, u32)>,
    /// All that is to be seen, at its own size: made large once, so that each step of a fade only copies.
    large: HtmlCanvasElement,
    /// The sketch that shows through, as large as its paper.
    ink: HtmlCanvasElement,
}

impl Stage {
    pub fn new() -> Self {
        let stage = Self {
            picture: context(&by_id("picture")),
            sketch: context(&by_id("sketch")),
            of: Cell::new(1),
            size: Cell::new((1, 1)),
            large: loose_canvas(1, 1),
            ink: loose_canvas(1, 1),
        };
        stage.resize(SIDE_MIN);
        if let Some(sketch) = stage.sketch.canvas() {
            resize(&sketch, SIDE_MIN, SIDE_MIN);
        }
        smooth(&stage.sketch);
        stage
    }

    pub fn pictures(&self) -> u16 {
        self.of.get()
    }

    /// What is about to be seen, to draw on.
    pub fn next(&self) -> CanvasRenderingContext2d {
        context(&self.large)
    }

    /// Shows so much of what is about to be seen over what is seen, 0 to 1.
    pub fn show(&self, share: f64) {
        self.picture.set_global_alpha(share);
        // In the end nothing is left of what was seen, also where nothing lies over it.
        let way = if share < 1.0 { "source-over" } else { "copy" };
        let _ = self.picture.set_global_composite_operation(way);
        let _ = self.picture.draw_image_with_html_canvas_element(&self.large, 0.0, 0.0);
        let _ = self.picture.set_global_composite_operation("source-over");
    }

    /// So many pictures of this size share the stage from now on. What is seen stays, for what comes to fade into it.
    pub fn share(&self, of: u16, size: (u32, u32)) {
        let ((width, height), before) = (size, self.size.get());
        let is_laid = self.of.get() == of && width * before.1 == height * before.0;
        self.of.set(of);
        self.size.set(size);
        let side = self.side();
        if side != self.large.width() {
            let (seen, whole) = (loose_canvas(side, side), [0.0, 0.0, side.into(), side.into()]);
            if let Some(picture) = self.picture.canvas() {
                draw(&context(&seen), &picture, whole);
            }
            self.resize(side);
            draw(&self.picture, &seen, whole);
        }
        if !is_laid {
            self.lay(&self.next());
            self.draw_sketch();
        }
    }

    /// Room for so many pictures, and nothing in it but the sketch.
    pub fn clear(&self, of: u16, size: (u32, u32)) {
        self.of.set(of);
        self.size.set(size);
        let side = self.side();
        self.resize(side);
        self.lay(&self.picture);
        self.lay(&self.next());
        self.draw_sketch();
    }

    /// Lays paper for each picture there; what does not fill it forms on that, on which the sketch can be seen by night, too.
    fn lay(&self, layer: &CanvasRenderingContext2d) {
        let (of, size, side) = (self.of.get(), self.size.get(), self.side());
        let fills = of == 1 && size.0 == size.1;
        layer.clear_rect(0.0, 0.0, side.into(), side.into());
        // A fade may have been in the middle.
        layer.set_global_alpha(1.0);
        layer.set_fill_style_str(PAPER);
        for picture in (0..of).filter(|_| !fills) {
            let [left, top, width, height] = self.place(picture);
            layer.fill_rect(left, top, width, height);
        }
    }

    /// Side that the pictures want.
    fn side(&self) -> u32 {
        let (width, height) = self.size.get();
        let across = if self.of.get() > 1 { 2 } else { 1 };
        (across * width.max(height)).clamp(SIDE_MIN, SIDE_MAX)
    }

    /// Gives the stage this side; if it had another, it is clear.
    fn resize(&self, side: u32) {
        for canvas in self.picture.canvas().iter().chain([&self.large]) {
            if resize(canvas, side, side) {
                smooth(&context(canvas));
            }
        }
    }

    /// Left, top, width and height of a picture in the stage's pixels.
    pub fn place(&self, picture: u16) -> [f64; 4] {
        let Place { left, top, width, height } = Place::of(picture, self.of.get(), self.size.get());
        [left, top, width, height].map(|share| share * f64::from(self.large.width()))
    }

    /// Keeps this drawing, as RGBA rows, as the sketch that shows through.
    pub fn underdraw(&self, drawing: &[u8], (width, height): (u32, u32)) {
        resize(&self.ink, width, height);
        if put_pixels(&context(&self.ink), &ink_of(drawing), width, (0, 0)).is_some() {
            self.draw_sketch();
        }
    }

    /// Lays the sketch over each picture.
    fn draw_sketch(&self) {
        let side = f64::from(SIDE_MIN);
        self.sketch.clear_rect(0.0, 0.0, side, side);
        for picture in 0..self.of.get() {
            let place = self.place(picture).map(|along| along * side / f64::from(self.large.width()));
            draw(&self.sketch, &self.ink, place);
        }
    }
}

/// Draws one canvas onto another, there and as large as this says.
pub fn draw(
    onto: &CanvasRenderingContext2d,
    canvas: &HtmlCanvasElement,
    [left, top, width, height]: [f64; 4],
) {
    let _ = onto.draw_image_with_html_canvas_element_and_dw_and_dh(canvas, left, top, width, height);
}
