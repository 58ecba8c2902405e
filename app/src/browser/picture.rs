//! The picture as it forms: each preview fades into the next, in the screen's own time.

use super::{
    dom::{
        by_id, context, document, image_data, less_motion, load_image, loose_canvas, reveal, smooth, window,
    },
    runtime::send,
    time::{Alarm, now},
};
use crate::studio::{Event, SIDE, ink_of, latent_to_rgba};
use link::{Latents, Time};
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlElement, HtmlImageElement, ImageBitmap,
};
use wire::{Digest, Frame, LatentPreview};

/// What fades in.
enum Source {
    /// What [`Painter::large`] holds.
    Preview,
    Final(HtmlImageElement, Digest),
}

/// Two previews within one frame of a usual screen would be one too many, in milliseconds.
const PACE_MS: Time = 16;
/// What waits does so at most this long, in milliseconds: a machine that computes pictures itself
/// has few animation frames to spare, and the server waits to hear that a preview was seen.
const LATE_MS: Time = 50;
/// Animation frames that a fade takes, and how much of the rest each one covers.
const FADE_FRAMES: u8 = 7;
/// Pictures that follow the pen have no time for more.
const LIVE_FADE_FRAMES: u8 = 3;
/// Previews that follow each other faster than a fade takes, in milliseconds, move enough by themselves:
/// fading would only show each of them late.
const UNHURRIED_MS: Time = 150;
const FADE_SHARE: f64 = 0.4;

pub struct Painter {
    picture: CanvasRenderingContext2d,
    sketch: CanvasRenderingContext2d,
    /// A preview in its own few pixels, and at the size of the picture: made large once, so that
    /// each frame of the fade only copies.
    small: HtmlCanvasElement,
    large: HtmlCanvasElement,
    /// The newest preview, not yet on the screen.
    waiting: RefCell<Option<(Latents, LatentPreview)>>,
    source: RefCell<Option<Source>>,
    frames_left: Cell<u8>,
    /// When the newest whole picture that was shown was made, in microseconds of the server's clock, and how often
    /// all that are being decoded were given up.
    decoded: Cell<u64>,
    given_up: Cell<u32>,
    /// The finished picture that is being fetched.
    fetching: Cell<Option<Digest>>,
    asked: Cell<bool>,
    /// When the last preview was begun.
    begun: Cell<Time>,
    late: Alarm,
    tick: Closure<dyn FnMut()>,
}

impl Painter {
    pub fn new() -> Rc<Self> {
        let painter = Rc::new_cyclic(|weak: &Weak<Self>| Self {
            picture: context(&by_id("picture")),
            sketch: context(&by_id("sketch")),
            small: loose_canvas(1, 1),
            large: loose_canvas(SIDE, SIDE),
            waiting: RefCell::default(),
            source: RefCell::default(),
            frames_left: Cell::new(0),
            decoded: Cell::new(0),
            given_up: Cell::new(0),
            fetching: Cell::new(None),
            asked: Cell::new(false),
            begun: Cell::new(0),
            late: Alarm::new(on(weak, |painter| {
                if painter.waiting.borrow().is_some() {
                    painter.step();
                }
            })),
            tick: Closure::new(on(weak, |painter| {
                painter.asked.set(false);
                painter.step();
            })),
        });
        smooth(&painter.picture);
        smooth(&context(&painter.large));
        // The first use of a canvas is slow; better now than when the first preview comes.
        let _ = painter.enlarge(&[0; 4], 1, 1);
        let _ = painter.picture.draw_image_with_html_canvas_element(&painter.large, 0.0, 0.0);
        painter
    }

    /// Begins to show a preview: at once, or if another was begun just now, in the next animation
    /// frame, in place of one that still waits.
    pub fn preview(&self, latents: Latents, map: LatentPreview) {
        self.fetching.set(None);
        self.give_up();
        let before = self.waiting.replace(Some((latents, map)));
        if now() >= self.begun.get() + PACE_MS {
            self.step();
        } else if before.is_none() {
            self.late.set(now() + LATE_MS);
        }
        drop_preview(before);
        self.go_on();
    }

    /// Shows a frame that is a whole picture, unless a newer one is decoded first.
    pub fn picture(self: &Rc<Self>, frame: Frame) {
        self.fetching.set(None);
        let header = frame.header;
        let given_up = self.given_up.get();
        let painter = self.clone();
        spawn_local(async move {
            let bitmap = decoded(frame.payload()).await;
            let wanted = painter.given_up.get() == given_up && painter.decoded.get() < header.made_us;
            match bitmap.filter(|_| wanted) {
                Some(bitmap) => {
                    painter.decoded.set(header.made_us);
                    let side = f64::from(SIDE);
                    let _ = context(&painter.large)
                        .draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, side, side);
                    bitmap.close();
                    painter.source.replace(Some(Source::Preview));
                    painter.frames_left.set(LIVE_FADE_FRAMES);
                    painter.step();
                    send(Event::Painted(header));
                }
                None => send(Event::Dropped { sequence: header.sequence }),
            }
        });
    }

    /// Fetches a finished picture and fades it in.
    pub fn hang(self: &Rc<Self>, digest: Digest) {
        if self.fetching.replace(Some(digest)) == Some(digest) {
            return;
        }
        let painter = self.clone();
        load_image(&format!("pictures/{digest}.png"), move |image| match image {
            Some(image) => painter.arrived(image, digest),
            None if painter.fetching.get() == Some(digest) => {
                painter.fetching.set(None);
                send(Event::Lost(digest));
            }
            None => {}
        });
    }

    fn arrived(&self, image: HtmlImageElement, digest: Digest) {
        if self.fetching.get() != Some(digest) {
            return;
        }
        self.fetching.set(None);
        self.give_up();
        self.step();
        self.source.replace(Some(Source::Final(image, digest)));
        self.frames_left.set(FADE_FRAMES);
        self.go_on();
    }

    /// Pictures that are being decoded are not wanted any more.
    fn give_up(&self) {
        self.given_up.set(self.given_up.get() + 1);
        self.decoded.set(0);
    }

    /// An empty frame.
    pub fn blank(&self) {
        self.fetching.set(None);
        self.give_up();
        drop_preview(self.waiting.take());
        self.source.take();
        self.frames_left.set(0);
        let side = f64::from(SIDE);
        self.picture.clear_rect(0.0, 0.0, side, side);
    }

    /// Keeps this drawing as the sketch that shows through.
    pub fn underdraw(&self, drawing: &[u8]) {
        if let Some(image) = image_data(&ink_of(drawing), SIDE, SIDE) {
            let _ = self.sketch.put_image_data(&image, 0.0, 0.0);
        }
    }

    /// Scrolls to the picture if it is not on the screen, as on a phone.
    pub fn reveal(&self) {
        reveal(&by_id("frame"));
    }

    /// Brings everything to its end at once: a hidden page has no animation frames.
    pub fn finish(&self) {
        self.take_waiting();
        if self.frames_left.get() > 0 {
            self.frames_left.set(1);
            self.draw();
        }
    }

    fn go_on(&self) {
        if document().hidden() {
            self.finish();
        } else if !self.asked.replace(true) {
            let _ = window().request_animation_frame(self.tick.as_ref().unchecked_ref());
        }
    }

    /// One frame of the fade, of what waits if something does.
    fn step(&self) {
        self.take_waiting();
        if self.frames_left.get() > 0 {
            if less_motion() {
                self.frames_left.set(1);
            }
            self.draw();
        }
        if self.frames_left.get() > 0 {
            self.go_on();
        }
    }

    /// Turns the waiting preview into what fades in, and says that it is seen.
    fn take_waiting(&self) {
        let Some((latents, map)) = self.waiting.take() else {
            return;
        };
        let header = latents.header;
        let (width, height) = (header.width.into(), header.height.into());
        match latent_to_rgba(&latents, &map).and_then(|rgba| self.enlarge(&rgba, width, height)) {
            Some(()) => {
                let begun = now();
                let hurried = begun < self.begun.replace(begun) + UNHURRIED_MS;
                self.source.replace(Some(Source::Preview));
                self.frames_left.set(if hurried { 1 } else { FADE_FRAMES });
                send(Event::Painted(header));
            }
            None => send(Event::Dropped { sequence: header.sequence }),
        }
    }

    /// Draws a few pixels as large as the picture.
    fn enlarge(&self, rgba: &[u8], width: u32, height: u32) -> Option<()> {
        let image = image_data(rgba, width, height)?;
        if (self.small.width(), self.small.height()) != (width, height) {
            self.small.set_width(width);
            self.small.set_height(height);
        }
        context(&self.small).put_image_data(&image, 0.0, 0.0).ok()?;
        let side = f64::from(SIDE);
        context(&self.large)
            .draw_image_with_html_canvas_element_and_dw_and_dh(&self.small, 0.0, 0.0, side, side)
            .ok()
    }

    fn draw(&self) {
        let left = self.frames_left.get() - 1;
        self.frames_left.set(left);
        let side = f64::from(SIDE);
        self.picture.set_global_alpha(if left == 0 { 1.0 } else { FADE_SHARE });
        let source = self.source.borrow();
        let _ = match source.as_ref() {
            Some(Source::Preview) => self.picture.draw_image_with_html_canvas_element(&self.large, 0.0, 0.0),
            Some(Source::Final(image, _)) => {
                self.picture.draw_image_with_html_image_element_and_dw_and_dh(image, 0.0, 0.0, side, side)
            }
            None => Ok(()),
        };
        let hung = match source.as_ref() {
            Some(Source::Final(_, digest)) if left == 0 => Some(*digest),
            _ => None,
        };
        drop(source);
        if let Some(digest) = hung {
            send(Event::Hung(digest));
        }
    }
}

/// A coded picture, decoded by the browser beside this thread.
async fn decoded(coded: &[u8]) -> Option<ImageBitmap> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(coded));
    let blob = Blob::new_with_u8_array_sequence(&parts).ok()?;
    let promise = window().create_image_bitmap_with_blob(&blob).ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// What to do with the painter when the browser calls, as long as there is one.
fn on(weak: &Weak<Painter>, act: impl Fn(&Painter) + 'static) -> impl FnMut() + 'static {
    let weak = weak.clone();
    move || {
        if let Some(painter) = weak.upgrade() {
            act(&painter);
        }
    }
}

/// A preview that nobody saw still has to be acknowledged.
fn drop_preview(dropped: Option<(Latents, LatentPreview)>) {
    if let Some((latents, _)) = dropped {
        send(Event::Dropped { sequence: latents.header.sequence });
    }
}
