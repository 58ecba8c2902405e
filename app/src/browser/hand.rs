//! The hand on the canvas: what it does is shown at once, and told when a stroke is done.

use super::{runtime::Runtime, time::now};
use crate::studio::{Command, Event, Pointer, Studio, Sync};
use canvas::Rect;
use leptos::prelude::*;
use link::Time;

/// The least time between two tellings of a stroke that is not done yet, in milliseconds.
const ALONG_MS: Time = 80;

impl Runtime {
    pub(super) fn command(&self, command: Command) {
        let damage = self.easel.borrow_mut().run(command);
        self.show(damage);
        self.drawn();
    }

    /// A pointer touches the paper; whether it draws.
    pub(super) fn press(&self, id: i32, at: Pointer, eraser_end: bool) -> bool {
        let settings = self.studio.with_untracked(|studio| studio.ready.then(|| studio.settings.clone()));
        let damage =
            settings.and_then(|settings| self.easel.borrow_mut().press(id, at, &settings, eraser_end));
        damage.map(|damage| self.show(damage)).is_some()
    }

    pub(super) fn drag(&self, id: i32, along: &[Pointer]) {
        let damage = self.easel.borrow_mut().drag(id, along);
        if let Some(damage) = damage {
            self.show(damage);
            self.tell_along();
        }
    }

    pub(super) fn lift(&self, id: i32) {
        let damage = self.easel.borrow_mut().lift(id);
        if let Some(damage) = damage {
            self.show(damage);
            self.drawn();
        }
    }

    pub(super) fn lose(&self, id: i32) {
        let damage = self.easel.borrow_mut().lose(id);
        if let Some(damage) = damage {
            self.show(damage);
            // What was told of it along the way is not so any more.
            self.drawn();
        }
    }

    /// Lays a picture over the drawing.
    pub(super) fn place(&self, rgba: &[u8], width: u32, height: u32) {
        let damage = self.easel.borrow_mut().canvas_mut().place(rgba, width, height);
        self.show(damage);
        self.drawn();
    }

    fn show(&self, damage: Rect) {
        self.paper.paint(self.easel.borrow().canvas(), damage);
    }

    /// Tells of a stroke that is not done yet, now and then: the picture follows the pen, as fast as the
    /// way to the server is free.
    fn tell_along(&self) {
        if now() < self.told.get() + ALONG_MS {
            return;
        }
        let free = |studio: &Studio| studio.draws_along() && studio.sync() == Sync::Synced;
        if self.studio.with_untracked(free) {
            self.told.set(now());
            let mut easel = self.easel.borrow_mut();
            let mut tiles = easel.canvas_mut().take_changed_tiles();
            tiles.extend(easel.canvas().tiles_under_way());
            drop(easel);
            tiles.sort_unstable();
            tiles.dedup();
            self.tell(tiles);
        }
    }

    /// Tells the studio what changed on the canvas.
    fn drawn(&self) {
        let tiles = self.easel.borrow_mut().canvas_mut().take_changed_tiles();
        self.tell(tiles);
    }

    fn tell(&self, tiles: Vec<u32>) {
        let (can_undo, can_redo) =
            self.with_easel(|easel| (easel.canvas().can_undo(), easel.canvas().can_redo()));
        self.take(Event::Drawn { tiles, can_undo, can_redo });
    }
}
