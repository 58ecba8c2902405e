//! The hand on the canvas: what it does is shown at once, and told when a stroke is done.

use super::{runtime::Runtime, time::now};
use crate::studio::{Command, Done, Event, Pointer, Studio, Sync};
use canvas::{Deed, Rect};
use leptos::prelude::*;
use link::Time;
use wire::Digest;

/// The least time between two tellings of a stroke that is not done yet, in milliseconds.
const ALONG_MS: Time = 80;

impl Runtime {
    pub(super) fn command(&self, command: Command) {
        let done = self.easel.borrow_mut().run(command);
        self.done(done);
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
        let done = self.easel.borrow_mut().lift(id);
        if let Some(done) = done {
            self.done(done);
        }
    }

    pub(super) fn lose(&self, id: i32) {
        let done = self.easel.borrow_mut().lose(id);
        if let Some(done) = done {
            // What was told of it along the way is not so any more.
            self.done(done);
        }
    }

    /// Lays a picture over the drawing.
    pub(super) fn place(&self, rgba: &[u8], width: u32, height: u32) {
        let damage = self.easel.borrow_mut().canvas_mut().place(rgba, width, height);
        self.done(Done { damage, deeds: None });
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
        if !self.studio.with_untracked(free) {
            return;
        }
        self.told.set(now());
        let under_way = self.easel.borrow_mut().under_way();
        match under_way {
            Some((deed, tiles)) if self.can_tell(std::slice::from_ref(&deed)) => {
                self.tell(Some((vec![deed], tiles)), Vec::new());
            }
            _ => {
                let tiles = self.easel.borrow_mut().canvas_mut().tiles_that_differ();
                self.tell(None, tiles);
            }
        }
    }

    /// Shows what was done, and tells the studio.
    fn done(&self, done: Done) {
        self.show(done.damage);
        match done.deeds {
            Some(deeds) if self.can_tell(&deeds) => {
                let tiles = self.easel.borrow_mut().named_tiles();
                self.tell(Some((deeds, tiles)), Vec::new());
            }
            _ => {
                let tiles = self.easel.borrow_mut().canvas_mut().take_changed_tiles();
                self.tell(None, tiles);
            }
        }
    }

    fn can_tell(&self, deeds: &[Deed]) -> bool {
        self.studio.with_untracked(|studio| studio.can_tell(deeds))
    }

    /// Tells the studio by deeds, or else which tiles changed.
    fn tell(&self, told: Option<(Vec<Deed>, Vec<(u32, Digest)>)>, tiles: Vec<u32>) {
        let (can_undo, can_redo) =
            self.with_easel(|easel| (easel.canvas().can_undo(), easel.canvas().can_redo()));
        self.take(match told {
            Some((deeds, tiles)) => Event::Told { deeds, tiles, can_undo, can_redo },
            None => Event::Drawn { tiles, can_undo, can_redo },
        });
    }
}
