//! The picture as it forms: each preview fades into the next, in the screen's own time.

use super::{
    dom::{
        by_id, context, document, less_motion, load_image, loose_canvas, put_pixels, resize, reveal, window,
    },
    runtime::send,
    stage::{Stage, draw},
    time::{Alarm, now},
};
use crate::studio::{Event, Laid, latent_to_rgba, thumb};
use canvas::Canvas;
use link::{Latents, Time};
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};
use wasm_bindgen::{JsCast, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, HtmlCanvasElement, HtmlImageElement, ImageBitmap};
use wire::{Digest, Frame, JobId, LatentPreview, limits::PICTURES_MAX};

/// What fades in, of which the stage holds the pixels.
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
/// What comes sooner needs no small one before it, in milliseconds.
const GLIMPSE_MS: Time = 80;

pub struct Painter {
    stage: Stage,
    /// A preview in its own few pixels.
    small: HtmlCanvasElement,
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
    /// The images that are loaded for it.
    loading: RefCell<Vec<HtmlImageElement>>,
    /// Those of the pictures that were asked for ahead which came.
    ahead: RefCell<Rc<RefCell<Vec<(u16, HtmlImageElement)>>>>,
    /// The canvas whose sketch is being fetched.
    sketching: Cell<Option<Digest>>,
    asked: Cell<bool>,
    /// When the last preview was begun.
    begun: Cell<Time>,
    late: Alarm,
    glimpse: Alarm,
    tick: Closure<dyn FnMut()>,
}

impl Painter {
    pub fn new() -> Rc<Self> {
        let painter = Rc::new_cyclic(|weak: &Weak<Self>| Self {
            stage: Stage::new(),
            small: loose_canvas(1, 1),
            waiting: RefCell::default(),
            source: RefCell::default(),
            frames_left: Cell::new(0),
            decoded: Default::default(),
            given_up: Cell::new(0),
            fetching: RefCell::default(),
            loading: RefCell::default(),
            ahead: RefCell::default(),
            sketching: Cell::default(),
            asked: Cell::new(false),
            begun: Cell::new(0),
            late: Alarm::new(on(weak, |painter| {
                if !painter.waiting.borrow().is_empty() {
                    painter.step();
                }
            })),
            glimpse: Alarm::new(on(weak, Painter::show_small)),
            tick: Closure::new(on(weak, |painter| {
                painter.asked.set(false);
                painter.step();
            })),
        });
        // The first use of a canvas is slow; better now than when the first preview comes.
        let _ = painter.enlarge(&[0; 4], (1, 1), 0);
        painter.stage.show(1.0);
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
                        painter.stage.share(1, (bitmap.width(), bitmap.height()));
                    }
                    let [left, top, width, height] = painter.stage.place(header.picture);
                    let _ = painter
                        .stage
                        .next()
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

    /// Fetches the pictures of a job as they are made, and keeps them until they are there in full.
    pub fn ask_ahead(self: &Rc<Self>, job: JobId, pictures: u16) {
        let came: Rc<RefCell<Vec<(u16, HtmlImageElement)>>> = Rc::default();
        self.ahead.replace(came.clone());
        for picture in 0..pictures {
            let came = came.clone();
            load_image(&format!("jobs/{job}/{picture}.jpg"), move |image| {
                if let Some(image) = image {
                    came.borrow_mut().push((picture, image));
                    send(Event::Herald { job, picture });
                }
            });
        }
    }

    /// Shows one of them.
    pub fn show_ahead(&self, picture: u16) {
        let ahead = self.ahead.borrow().clone();
        let ahead = ahead.borrow();
        let Some((_, image)) = ahead.iter().find(|(other, _)| *other == picture) else { return };
        self.give_up();
        drop_previews(self.waiting.take());
        self.put(picture, image);
        self.source.replace(Some(Source::Previews));
        self.frames_left.set(FADE_FRAMES);
        self.go_on();
    }

    /// Fetches finished pictures and fades them in together.
    pub fn hang(self: &Rc<Self>, digests: Vec<Digest>) {
        if **self.fetching.borrow() == *digests {
            return;
        }
        let digests: Rc<[Digest]> = digests.into();
        self.fetching.replace(digests.clone());
        self.loading.take();
        let arrived = Rc::new(RefCell::new(vec![None; digests.len()]));
        for (n, digest) in digests.iter().copied().enumerate() {
            let (painter, arrived, digests) = (self.clone(), arrived.clone(), digests.clone());
            let loading = load_image(&Laid::Picture(digest).address(), move |image| {
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
            self.loading.borrow_mut().extend(loading);
        }
    }

    /// The same, on new connections: on those of before nothing may ever come.
    pub fn hang_again(self: &Rc<Self>, digests: Vec<Digest>) {
        self.fetching.take();
        for image in self.loading.take() {
            image.set_src("");
        }
        self.hang(digests);
    }

    /// Until what is being fetched has come, unless that is soon, shows it as small as the strip has it.
    pub fn glimpse(&self) {
        self.glimpse.set(now() + GLIMPSE_MS);
    }

    fn show_small(&self) {
        let fetching = self.fetching.borrow().clone();
        let small: Option<Vec<HtmlImageElement>> = fetching.iter().copied().map(in_the_strip).collect();
        if let Some(small) = small.filter(|small| !small.is_empty()) {
            self.lay(&small, Source::Previews);
        }
    }

    fn arrived(&self, images: &[HtmlImageElement], digests: Vec<Digest>) {
        self.fetching.take();
        self.loading.take();
        self.lay(images, Source::Finals(digests));
    }

    /// Lets pictures of the same size fade in together.
    fn lay(&self, images: &[HtmlImageElement], source: Source) {
        self.give_up();
        self.step();
        let size = images.first().map_or((1, 1), |image| (image.natural_width(), image.natural_height()));
        self.stage.share(images.len() as u16, size);
        for (n, image) in (0..).zip(images) {
            self.put(n, image);
        }
        self.source.replace(Some(source));
        self.frames_left.set(FADE_FRAMES);
        self.go_on();
    }

    /// Puts picture `n` into what fades in.
    fn put(&self, n: u16, image: &HtmlImageElement) {
        let [left, top, width, height] = self.stage.place(n);
        let next = self.stage.next();
        let _ = next.draw_image_with_html_image_element_and_dw_and_dh(image, left, top, width, height);
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
        self.stage.clear(of, size);
    }

    /// Keeps this drawing as the sketch that shows through.
    pub fn underdraw(&self, drawing: &Canvas) {
        self.sketching.take();
        self.stage.underdraw(drawing.pixels(), (drawing.width(), drawing.height()));
    }

    /// Fetches the drawing that this canvas was, to be that sketch, and no other.
    pub fn fetch_sketch(self: &Rc<Self>, canvas: Option<Digest>) {
        self.sketching.set(canvas);
        let (Some(canvas), painter) = (canvas, self.clone()) else { return };
        load_image(&Laid::Drawing(canvas).address(), move |image| {
            if painter.sketching.get() != Some(canvas) {
                return;
            }
            painter.sketching.take();
            match image.and_then(|image| pixels_of(&image)) {
                Some((rgba, size)) => {
                    painter.stage.underdraw(&rgba, size);
                    send(Event::SketchCame(canvas));
                }
                None => send(Event::SketchLost(canvas)),
            }
        });
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
                    self.frames_left.set(if hurried && self.stage.pictures() == 1 { 1 } else { FADE_FRAMES });
                    send(Event::Painted(header));
                }
                None => send(Event::Dropped { sequence: header.sequence }),
            }
        }
    }

    /// Draws a few pixels as large as the picture.
    fn enlarge(&self, rgba: &[u8], (width, height): (u32, u32), picture: u16) -> Option<()> {
        resize(&self.small, width, height);
        put_pixels(&context(&self.small), rgba, width, (0, 0))?;
        draw(&self.stage.next(), &self.small, self.stage.place(picture));
        Some(())
    }

    fn draw(&self) {
        let left = self.frames_left.get() - 1;
        self.frames_left.set(left);
        let source = self.source.borrow();
        if source.is_some() {
            self.stage.show(if left == 0 { 1.0 } else { FADE_SHARE });
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

/// A coded picture, decoded by the browser beside this thread.
async fn decoded(coded: &[u8]) -> Option<ImageBitmap> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(coded));
    let blob = Blob::new_with_u8_array_sequence(&parts).ok()?;
    let promise = window().create_image_bitmap_with_blob(&blob).ok()?;
    JsFuture::from(promise).await.ok()?.dyn_into().ok()
}

/// What the strip shows of a picture, if that has come.
fn in_the_strip(picture: Digest) -> Option<HtmlImageElement> {
    let image = document().query_selector(&format!("#kept [src='{}']", thumb(picture))).ok()??;
    image.dyn_into().ok().filter(|image: &HtmlImageElement| image.complete() && image.natural_width() > 0)
}

/// RGBA rows of a picture, and its size.
fn pixels_of(image: &HtmlImageElement) -> Option<(Vec<u8>, (u32, u32))> {
    let (width, height) = (image.natural_width(), image.natural_height());
    let canvas = context(&loose_canvas(width, height));
    canvas.draw_image_with_html_image_element(image, 0.0, 0.0).ok()?;
    let data = canvas.get_image_data(0.0, 0.0, width.into(), height.into()).ok()?;
    Some((data.data().0, (width, height)))
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
