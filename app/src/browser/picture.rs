//! The picture as it forms: each preview fades into the next, in the screen's own time.

use super::{
    dom::{
        by_id, context, document, image_data, less_motion, load_image, loose_canvas, resize, reveal, smooth,
        window,
    },
    runtime::send,
    time::{Alarm, now},
};
use crate::studio::{Event, Place, ink_of, latent_to_rgba};
use canvas::Canvas;
use link::{Latents, Time};
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, HtmlImageElement, ImageBitmap};
use wire::{Digest, Frame, LatentPreview, limits::PICTURES_MAX};

/// What fades in, of which [`Painter::large`] holds the pixels.
enum Source {
    Previews,
    Finals(Vec<Digest>),
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
const PAPER: &str = "#d9d2c4";
/// Side of the frame in its own pixels: enough for small pictures that are shown large, and for all pixels of large ones, unless
/// there are more than screens show.
const SIDE_MIN: u32 = 512;
const SIDE_MAX: u32 = 1024;

pub struct Painter {
    picture: CanvasRenderingContext2d,
    sketch: CanvasRenderingContext2d,
    /// How many pictures share the frame, and the width and height of each.
    of: Cell<u16>,
    size: Cell<(u32, u32)>,
    /// A preview in its own few pixels, and all that is to be seen at its own size: made large once, so that
    /// each frame of the fade only copies.
    small: HtmlCanvasElement,
    large: HtmlCanvasElement,
    /// The sketch that shows through, as large as its paper.
    ink: HtmlCanvasElement,
    /// The newest preview of each picture that is not yet on the screen.
    waiting: RefCell<Vec<(Latents, LatentPreview)>>,
    source: RefCell<Option<Source>>,
    frames_left: Cell<u8>,
    /// When the newest of each whole picture that was shown was made, in microseconds of the server's clock, and how
    /// often all that are being decoded were given up.
    decoded: [Cell<u64>; PICTURES_MAX as usize],
    given_up: Cell<u32>,
    /// The finished pictures that are being fetched; which fetch it is, is told by the pointer.
    fetching: RefCell<Rc<[Digest]>>,
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
            of: Cell::new(1),
            size: Cell::new((1, 1)),
            small: loose_canvas(1, 1),
            large: loose_canvas(1, 1),
            ink: loose_canvas(1, 1),
            waiting: RefCell::default(),
            source: RefCell::default(),
            frames_left: Cell::new(0),
            decoded: Default::default(),
            given_up: Cell::new(0),
            fetching: RefCell::default(),
            asked: Cell::new(false),
            begun: Cell::new(0),
            late: Alarm::new(on(weak, |painter| {
                if !painter.waiting.borrow().is_empty() {
                    painter.step();
                }
            })),
            tick: Closure::new(on(weak, |painter| {
                painter.asked.set(false);
                painter.step();
            })),
        });
        painter.resize(SIDE_MIN);
        if let Some(sketch) = painter.sketch.canvas() {
            resize(&sketch, SIDE_MIN, SIDE_MIN);
        }
        smooth(&painter.sketch);
        // The first use of a canvas is slow; better now than when the first preview comes.
        let _ = painter.enlarge(&[0; 4], (1, 1), 0);
        let _ = painter.picture.draw_image_with_html_canvas_element(&painter.large, 0.0, 0.0);
        painter
    }

    /// Begins to show a preview: at once, or if another was begun just now, in the next animation
    /// frame, in place of one that still waits.
    pub fn preview(&self, latents: Latents, map: LatentPreview) {
        self.fetching.take();
        self.give_up();
        let picture = latents.header.picture;
        let (before, mut waiting): (Vec<_>, Vec<_>) =
            self.waiting.take().into_iter().partition(|(other, _)| other.header.picture == picture);
        let is_first = before.is_empty() && waiting.is_empty();
        waiting.push((latents, map));
        self.waiting.replace(waiting);
        if now() >= self.begun.get() + PACE_MS {
            self.step();
        } else if is_first {
            self.late.set(now() + LATE_MS);
        }
        drop_previews(before);
        self.go_on();
    }

    /// Shows a frame that is a whole picture, unless a newer one is decoded first.
    pub fn picture(self: &Rc<Self>, frame: Frame) {
        self.fetching.take();
        let header = frame.header;
        let given_up = self.given_up.get();
        let painter = self.clone();
        spawn_local(async move {
            let bitmap = decoded(frame.payload()).await;
            let decoded = &painter.decoded[usize::from(header.picture.min(PICTURES_MAX - 1))];
            let wanted = painter.given_up.get() == given_up && decoded.get() < header.made_us;
            match bitmap.filter(|_| wanted) {
                Some(bitmap) => {
                    decoded.set(header.made_us);
                    // No step is left of a quick picture, which is always alone.
                    if header.step == header.total {
                        painter.share(1, (bitmap.width(), bitmap.height()));
                    }
                    let [left, top, width, height] = painter.place(header.picture);
                    let _ = context(&painter.large)
                        .draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, left, top, width, height);
                    bitmap.close();
                    painter.source.replace(Some(Source::Previews));
                    painter.frames_left.set(LIVE_FADE_FRAMES);
                    painter.step();
                    send(Event::Painted(header));
                }
                None => send(Event::Dropped { sequence: header.sequence }),
            }
        });
    }

    /// Fetches finished pictures and fades them in together.
    pub fn hang(self: &Rc<Self>, digests: Vec<Digest>) {
        if **self.fetching.borrow() == *digests {
            return;
        }
        let digests: Rc<[Digest]> = digests.into();
        self.fetching.replace(digests.clone());
        let arrived = Rc::new(RefCell::new(vec![None; digests.len()]));
        for (n, digest) in digests.iter().copied().enumerate() {
            let (painter, arrived, digests) = (self.clone(), arrived.clone(), digests.clone());
            load_image(&format!("pictures/{digest}.png"), move |image| {
                if !Rc::ptr_eq(&painter.fetching.borrow(), &digests) {
                    return;
                }
                let Some(image) = image else {
                    painter.fetching.take();
                    return send(Event::Lost(digest));
                };
                arrived.borrow_mut()[n] = Some(image);
                let all: Option<Vec<HtmlImageElement>> = arrived.borrow().iter().cloned().collect();
                if let Some(images) = all {
                    painter.arrived(&images, digests.to_vec());
                }
            });
        }
    }

    fn arrived(&self, images: &[HtmlImageElement], digests: Vec<Digest>) {
        self.fetching.take();
        self.give_up();
        self.step();
        let size = images.first().map_or((1, 1), |image| (image.natural_width(), image.natural_height()));
        self.share(images.len() as u16, size);
        let large = context(&self.large);
        for (n, image) in (0..).zip(images) {
            let [left, top, width, height] = self.place(n);
            let _ = large.draw_image_with_html_image_element_and_dw_and_dh(image, left, top, width, height);
        }
        self.source.replace(Some(Source::Finals(digests)));
        self.frames_left.set(FADE_FRAMES);
        self.go_on();
    }

    /// So many pictures of this size share the frame from now on.
    fn share(&self, of: u16, size: (u32, u32)) {
        let ((width, height), before) = (size, self.size.get());
        if self.of.get() != of || width * before.1 != height * before.0 {
            return self.clear(of, size);
        }
        self.size.set(size);
        let side = self.side();
        if side == self.large.width() {
            return;
        }
        // What is seen stays, for what comes to fade into it.
        let (seen, whole) = (loose_canvas(side, side), [0.0, 0.0, side.into(), side.into()]);
        if let Some(picture) = self.picture.canvas() {
            draw(&context(&seen), &picture, whole);
        }
        self.resize(side);
        draw(&self.picture, &seen, whole);
    }

    /// Room for so many pictures, and nothing in it but the sketch.
    fn clear(&self, of: u16, size: (u32, u32)) {
        self.of.set(of);
        self.size.set(size);
        let side = self.side();
        self.resize(side);
        // What does not fill the frame forms on paper of its own, on which the sketch can be seen by night, too.
        let fills = of == 1 && size.0 == size.1;
        for layer in [&self.picture, &context(&self.large)] {
            layer.clear_rect(0.0, 0.0, side.into(), side.into());
            // A fade may have been in the middle.
            layer.set_global_alpha(1.0);
            layer.set_fill_style_str(PAPER);
            for picture in (0..of).filter(|_| !fills) {
                let [left, top, width, height] = self.place(picture);
                layer.fill_rect(left, top, width, height);
            }
        }
        self.draw_sketch();
    }

    /// Side of the frame that the pictures want.
    fn side(&self) -> u32 {
        let (width, height) = self.size.get();
        let across = if self.of.get() > 1 { 2 } else { 1 };
        (across * width.max(height)).clamp(SIDE_MIN, SIDE_MAX)
    }

    /// Gives the frame this side; if it had another, it is clear.
    fn resize(&self, side: u32) {
        for canvas in self.picture.canvas().iter().chain([&self.large]) {
            if resize(canvas, side, side) {
                smooth(&context(canvas));
            }
        }
    }

    /// Left, top, width and height of a picture in the frame's pixels.
    fn place(&self, picture: u16) -> [f64; 4] {
        let Place { left, top, width, height } = Place::of(picture, self.of.get(), self.size.get());
        [left, top, width, height].map(|share| share * f64::from(self.large.width()))
    }

    /// Pictures that are being decoded are not wanted any more.
    fn give_up(&self) {
        self.given_up.set(self.given_up.get() + 1);
        self.decoded.iter().for_each(|decoded| decoded.set(0));
    }

    /// An empty frame for so many pictures of this size.
    pub fn blank(&self, of: u16, size: (u32, u32)) {
        self.fetching.take();
        self.give_up();
        drop_previews(self.waiting.take());
        self.source.take();
        self.frames_left.set(0);
        self.clear(of, size);
    }

    /// Keeps this drawing as the sketch that shows through.
    pub fn underdraw(&self, drawing: &Canvas) {
        let (width, height) = (drawing.width(), drawing.height());
        if let Some(image) = image_data(&ink_of(drawing.pixels()), width, height) {
            resize(&self.ink, width, height);
            let _ = context(&self.ink).put_image_data(&image, 0.0, 0.0);
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

    /// Turns the waiting previews into what fades in, and says that they are seen.
    fn take_waiting(&self) {
        let waiting = self.waiting.take();
        if waiting.is_empty() {
            return;
        }
        let begun = now();
        let hurried = begun < self.begun.replace(begun) + UNHURRIED_MS;
        for (latents, map) in waiting {
            let header = latents.header;
            let size = (header.width.into(), header.height.into());
            let rgba = latent_to_rgba(&latents, &map);
            match rgba.and_then(|rgba| self.enlarge(&rgba, size, header.picture)) {
                Some(()) => {
                    self.source.replace(Some(Source::Previews));
                    self.frames_left.set(if hurried && self.of.get() == 1 { 1 } else { FADE_FRAMES });
                    send(Event::Painted(header));
                }
                None => send(Event::Dropped { sequence: header.sequence }),
            }
        }
    }

    /// Draws a few pixels as large as the picture.
    fn enlarge(&self, rgba: &[u8], (width, height): (u32, u32), picture: u16) -> Option<()> {
        let image = image_data(rgba, width, height)?;
        resize(&self.small, width, height);
        context(&self.small).put_image_data(&image, 0.0, 0.0).ok()?;
        draw(&context(&self.large), &self.small, self.place(picture));
        Some(())
    }

    fn draw(&self) {
        let left = self.frames_left.get() - 1;
        self.frames_left.set(left);
        self.picture.set_global_alpha(if left == 0 { 1.0 } else { FADE_SHARE });
        let source = self.source.borrow();
        if source.is_some() {
            let _ = self.picture.draw_image_with_html_canvas_element(&self.large, 0.0, 0.0);
        }
        let hung = match source.as_ref() {
            Some(Source::Finals(digests)) if left == 0 => Some(digests.clone()),
            _ => None,
        };
        drop(source);
        if let Some(digests) = hung {
            send(Event::Hung(digests));
        }
    }
}

/// Draws one canvas onto another, there and as large as this says.
fn draw(onto: &CanvasRenderingContext2d, canvas: &HtmlCanvasElement, [left, top, width, height]: [f64; 4]) {
    let _ = onto.draw_image_with_html_canvas_element_and_dw_and_dh(canvas, left, top, width, height);
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

/// Previews that nobody saw still have to be acknowledged.
fn drop_previews(dropped: Vec<(Latents, LatentPreview)>) {
    for (latents, _) in dropped {
        send(Event::Dropped { sequence: latents.header.sequence });
    }
}
