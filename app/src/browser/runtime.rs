//! The page at work: events go to the studio, one after the other, and its effects are done.

use super::{
    dom::{by_id, context, document, window},
    dropper, early, files, http,
    mask::Masking,
    page,
    paint::View,
    picture::Painter,
    pointer,
    socket::Socket,
    store::{self, Drawer},
    strip,
    time::{Alarm, now},
    worker::Coder,
    zoom,
};
use crate::studio::{Easel, Effect, Event, Paper, Studio, Zoom, who_left};
use bytes::Bytes;
use leptos::prelude::*;
use link::{Time, client, upload};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};
use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlCanvasElement;
use wire::{PersonToken, ViewerId};

thread_local! {
    static RUNTIME: RefCell<Option<Rc<Runtime>>> = const { RefCell::new(None) };
}

/// Everything that the browser holds for the studio.
pub struct Runtime {
    pub(super) studio: RwSignal<Studio>,
    queue: RefCell<VecDeque<Event>>,
    busy: Cell<bool>,
    pub(super) easel: RefCell<Easel>,
    pub(super) masking: Masking,
    pub(super) view: View,
    painter: Rc<Painter>,
    coder: Rc<Coder>,
    drawer: Rc<Drawer>,
    pub(super) left: store::Left,
    socket: RefCell<Option<Socket>>,
    http: http::Http,
    /// When a stroke that is not done yet was last told.
    pub(super) told_along: Cell<Time>,
    pub(super) still_alarm: Alarm,
    link_alarm: Alarm,
    upload_alarm: Alarm,
    meter_alarm: Alarm,
    rest_alarm: Alarm,
    removal_alarm: Alarm,
    silence_alarm: Alarm,
}

/// Brings the page to life, once its elements are there.
pub fn start(studio: RwSignal<Studio>) {
    let unsettled = store::unsettled();
    let left = unsettled.as_deref().and_then(who_left);
    let (person, viewer) = (store::person(), left.unwrap_or_else(|| ViewerId(random())));
    let runtime = Rc::new(Runtime {
        studio,
        queue: RefCell::default(),
        busy: Cell::new(false),
        easel: RefCell::default(),
        masking: Masking::new(),
        view: View::new(context(&by_id::<HtmlCanvasElement>("drawing"))),
        painter: Painter::new(),
        coder: Coder::new(),
        drawer: Rc::new(Drawer::new(viewer)),
        left: store::Left::default(),
        socket: RefCell::default(),
        http: http::Http::new(person, viewer),
        told_along: Cell::new(0),
        still_alarm: Alarm::new(|| {
            if let Some(runtime) = here() {
                runtime.straighten();
            }
        }),
        link_alarm: Alarm::new(|| send(Event::Link(client::Event::Timer))),
        upload_alarm: Alarm::new(|| send(Event::Upload(upload::Event::Timer))),
        meter_alarm: Alarm::new(|| send(Event::MeterDue)),
        rest_alarm: Alarm::new(|| send(Event::Rested)),
        removal_alarm: Alarm::new(|| send(Event::RemovalDue)),
        silence_alarm: Alarm::new(|| send(Event::SilenceDue)),
    });
    RUNTIME.set(Some(runtime.clone()));
    // Before the person can choose anything, which would be remembered in its place.
    if let Some(settings) = store::settings() {
        runtime.take(Event::Remembered(settings));
    }
    pointer::attach(&runtime);
    zoom::attach();
    files::attach();
    page::attach();
    strip::attach();
    dropper::attach();
    spawn_local(async move {
        let kept = runtime.drawer.restore().await;
        runtime.wake(person, viewer, kept);
        if let Some(unsettled) = unsettled {
            // Not before: a page that goes at once leaves it to the next.
            store::take_unsettled();
            runtime.take(Event::Unsettled(unsettled));
        }
    });
}

/// Tells the studio that something happened.
pub fn send(event: Event) {
    if let Some(runtime) = here() {
        runtime.take(event);
    }
}

pub(super) fn here() -> Option<Rc<Runtime>> {
    RUNTIME.with_borrow(Clone::clone)
}

/// Random bytes from the system.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}

pub fn chance() -> u64 {
    u64::from_le_bytes(random())
}

impl Runtime {
    fn wake(&self, person: PersonToken, viewer: ViewerId, kept: Option<store::Kept>) {
        let (paper, kept) = match kept {
            Some(kept) => (kept.paper, kept.tiles),
            None => {
                let shape = self.studio.with_untracked(|studio| studio.settings.shape);
                (Paper::usual(shape), Vec::new())
            }
        };
        let tiles: Vec<_> = kept.iter().map(|tile| (tile.index, tile.digest)).collect();
        let mut easel = self.easel.borrow_mut();
        if easel.paper() != paper {
            *easel = Easel::with_paper(paper);
            self.masking.lay(paper.shape());
        }
        for tile in &kept {
            easel.canvas_mut().set_tile(tile.index, &tile.pixels);
        }
        // Every tile counts as changed at first; those that were kept have their digests.
        let mut rest = easel.canvas_mut().take_changed_tiles();
        rest.retain(|index| tiles.iter().all(|(kept, _)| kept != index));
        self.view.paint_all(easel.canvas());
        drop(easel);
        self.take(Event::Start {
            person,
            viewer,
            chance: chance(),
            visible: !document().hidden(),
            online: window().navigator().on_line(),
        });
        self.take(Event::Restored { paper, tiles, rest });
        early::catch_up(self);
        if let Some(body) = document().body() {
            let _ = body.set_attribute("data-ready", "");
        }
    }

    pub(super) fn take(&self, event: Event) {
        self.queue.borrow_mut().push_back(event);
        if self.busy.replace(true) {
            return;
        }
        loop {
            let next = self.queue.borrow_mut().pop_front();
            let Some(event) = next else { break };
            let effects = self.studio.try_update(|studio| studio.update(event, now()));
            for effect in effects.into_iter().flatten() {
                self.carry_out(effect);
            }
        }
        self.busy.set(false);
        page::keep_focus();
    }

    fn carry_out(&self, effect: Effect) {
        match effect {
            Effect::OpenSocket => {
                // The old one first: nothing of it may be heard once the next one is open.
                self.socket.take();
                self.socket.replace(Socket::open());
            }
            Effect::CloseSocket => drop(self.socket.take()),
            Effect::SendText(text) => {
                if let Some(socket) = &*self.socket.borrow() {
                    socket.send(&text);
                }
            }
            Effect::SendBytes(bytes) => {
                if let Some(socket) = &*self.socket.borrow() {
                    socket.send_bytes(&bytes);
                }
            }
            Effect::Poll(seen) => self.http.poll(seen),
            Effect::Post(said) => self.http.say(&said),
            Effect::AskOlder { until_ms } => self.http.older(until_ms),
            Effect::PostTiles { batch, tiles } => self.http.tiles(batch, &tiles),
            Effect::LinkTimer(at) => self.link_alarm.set(at),
            Effect::UploadTimer(at) => self.upload_alarm.set(at),
            Effect::MeterTimer(at) => self.meter_alarm.set(at),
            Effect::RestTimer(at) => self.rest_alarm.set(at),
            Effect::RemovalTimer(at) => self.removal_alarm.set(at),
            Effect::SilenceTimer(at) => self.silence_alarm.set(at),
            Effect::Code(tiles) => self.with_easel(|easel| self.coder.code(easel, tiles, false)),
            Effect::Hold(tiles) => self.with_easel(|easel| self.coder.code(easel, tiles, true)),
            Effect::Keep(tiles) => self.drawer.keep(self.paper(), tiles),
            Effect::KeepRaw(tiles) => {
                let raw = |index| {
                    Bytes::from(self.with_easel(|easel| canvas::codec::raw(&easel.canvas().tile(index))))
                };
                let tiles = tiles.into_iter().map(|(index, digest)| (index, digest, raw(index)));
                self.drawer.keep(self.paper(), tiles.collect());
            }
            Effect::Remember(text) => store::remember(&text),
            Effect::Theme(theme) => page::set_theme(theme.name()),
            Effect::Canvas(command) => self.command(command),
            Effect::Mask(mask) => self.set_mask(mask.as_ref()),
            Effect::Lay(laid) => files::lay(laid),
            Effect::Underdraw => self.with_easel(|easel| self.painter.underdraw(easel.canvas())),
            Effect::FetchSketch(canvas) => self.painter.fetch_sketch(canvas),
            Effect::Blank { pictures, width, height } => self.painter.blank(pictures, (width, height)),
            Effect::Paint(latents, map) => self.painter.preview(latents, map),
            Effect::Picture(frame) => self.painter.picture(frame),
            Effect::AskAhead { job, pictures } => self.painter.ask_ahead(job, pictures),
            Effect::ShowAhead(picture) => self.painter.show_ahead(picture),
            Effect::Hang(digests) => self.painter.hang(digests),
            Effect::HangAgain(digests) => self.painter.hang_again(digests),
            Effect::Glimpse => self.painter.glimpse(),
            Effect::Reveal => self.painter.reveal(),
            Effect::RevealNewest => strip::reveal_newest(),
            Effect::KeepUnsettled(text) => self.left.keep(text),
            Effect::RevealLooked => strip::reveal_looked(),
        }
    }

    pub(super) fn coder(&self) -> &Rc<Coder> {
        &self.coder
    }

    pub(super) fn painter(&self) -> &Rc<Painter> {
        &self.painter
    }

    /// What is drawn on.
    pub(super) fn paper(&self) -> Paper {
        self.with_easel(Easel::paper)
    }

    pub(super) fn zoom(&self) -> Zoom {
        self.studio.with_untracked(|studio| studio.zoom)
    }

    /// Whether there is nothing on the paper yet, not even what was kept.
    pub(super) fn is_blank(&self) -> bool {
        let ready = self.studio.with_untracked(|studio| studio.ready);
        ready && self.with_easel(|easel| easel.canvas().pixels().iter().all(|value| *value == 255))
    }

    pub(super) fn with_easel<T>(&self, look: impl FnOnce(&Easel) -> T) -> T {
        look(&self.easel.borrow())
    }
}
