//! Compressing and hashing tiles beside the page, in a worker that runs this same module.

use super::{
    dom::{document, listen},
    runtime::{here, send},
};
use crate::studio::{self, Easel, Event, Paper};
use js_sys::{Array, Uint8Array};
use link::upload;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{MessageEvent, Url, Worker, WorkerOptions, WorkerType};
use wire::TileBatch;

/// The worker's entry: whole tiles in, a [`TileBatch`] as it travels out.
#[wasm_bindgen]
pub fn code_tiles(pixels: &[u8]) -> Vec<u8> {
    studio::code_tiles(pixels).into()
}

/// Where tiles are coded: in the worker, or here if there can be none.
pub struct Coder {
    worker: RefCell<Option<Worker>>,
    /// What the worker was given, in order; it answers in order.
    given: RefCell<VecDeque<Work>>,
    /// Whether the worker failed; from then on the page codes by itself.
    alone: Cell<bool>,
}

struct Work {
    paper: Paper,
    tiles: Vec<u32>,
    /// Whether they are to be held only.
    held: bool,
}

impl Coder {
    pub fn new() -> Rc<Self> {
        let worker = hire();
        let alone = Cell::new(worker.is_none());
        let given = RefCell::default();
        Rc::new(Self { worker: RefCell::new(worker), given, alone })
    }

    /// Codes these tiles of the drawing; they come back as [`Event::Coded`], or, if they are to be held only, as
    /// [`upload::Event::Held`].
    pub fn code(&self, easel: &Easel, mut tiles: Vec<u32>, held: bool) {
        let (canvas, paper) = (easel.canvas(), easel.paper());
        // The paper may have been cut since.
        tiles.retain(|index| *index < canvas.tiles());
        let mut pixels = Vec::with_capacity(tiles.len() * canvas::TILE_BYTES);
        for index in &tiles {
            pixels.extend_from_slice(&canvas.tile(*index));
        }
        let work = Work { paper, tiles, held };
        let worker = self.worker.borrow();
        let Some(worker) = worker.as_ref().filter(|_| !self.alone.get()) else {
            return done(work, studio::code_tiles(&pixels));
        };
        let pixels = Uint8Array::from(&pixels[..]);
        let buffer = Array::of1(&pixels.buffer());
        if worker.post_message_with_transfer(&pixels, &buffer).is_ok() {
            self.given.borrow_mut().push_back(work);
        }
    }

    fn answered(&self, answer: &JsValue) {
        let Some(answer) = answer.dyn_ref::<Uint8Array>() else {
            return self.fail();
        };
        let given = self.given.borrow_mut().pop_front();
        if let Some(work) = given {
            done(work, answer.to_vec().into());
        }
    }

    /// The worker cannot work: what it was given is coded here, and all that follows.
    fn fail(&self) {
        self.alone.set(true);
        let given: Vec<_> = self.given.borrow_mut().drain(..).collect();
        if let Some(runtime) = here() {
            for Work { tiles, held, .. } in given {
                runtime.with_easel(|easel| self.code(easel, tiles, held));
            }
        }
    }
}

fn done(Work { paper, tiles, held }: Work, batch: bytes::Bytes) {
    let batch = TileBatch::parse(batch).map(|batch| batch.0).unwrap_or_default();
    if held {
        return send(Event::Upload(upload::Event::Held(batch)));
    }
    let tiles = tiles.into_iter().zip(batch).map(|(index, (digest, coded))| (index, digest, coded));
    send(Event::Coded { paper, tiles: tiles.collect() });
}

/// Starts the worker and hands it the module that this page runs, so that it is not compiled twice.
fn hire() -> Option<Worker> {
    let base = document().base_uri().ok().flatten()?;
    let script = document().document_element()?.get_attribute("data-js")?;
    let script = Url::new_with_base(&script, &base).ok()?.href();
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options("worker.js", &options).ok()?;
    listen(&worker, "message", |event: MessageEvent| with_coder(|coder| coder.answered(&event.data())));
    listen(&worker, "error", |_: web_sys::Event| with_coder(Coder::fail));
    worker.post_message(&Array::of2(&script.into(), &wasm_bindgen::module())).ok()?;
    Some(worker)
}

fn with_coder(act: impl FnOnce(&Coder)) {
    if let Some(runtime) = here() {
        act(runtime.coder());
    }
}
