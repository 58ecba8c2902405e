//! The hand on the canvas: what it does is shown at once, and told when a stroke is done, of a long one now and then before.

use super::{runtime::Runtime, time::now};
use crate::studio::{Command, Done, Event, Hand, Laid, Paper, Pointer, Sync};
use canvas::{Deed, Fidelity, Rect, stream::WORTH_TELLING};
use leptos::prelude::*;
use link::Time;
use wire::Digest;

/// The least time between two tellings of a stroke that is not done yet, in milliseconds: while the picture follows it,
/// and otherwise.
const ALONG_MS: Time = 80;
const ALONE_MS: Time = 500;

impl Runtime {
    /// Whether a pointer is on the paper.
    pub(super) fn is_in_hand(&self) -> bool {
        self.easel.borrow().is_drawing() || self.masking.is_drawing()
    }

    pub(super) fn command(&self, command: Command) {
        // A stroke under way is what is meant.
        let marks = match (self.easel.borrow().is_drawing(), self.masking.is_drawing()) {
            _ if matches!(command, Command::Cut(_)) => false,
            (true, false) => false,
            (false, true) => true,
            _ => self.studio.with_untracked(|studio| studio.settings.masking),
        };
        if marks {
            return self.command_mask(command);
        }
        let done = self.easel.borrow_mut().run(command);
        self.done(done);
    }

    /// A pointer touches the paper, with its end that erases, or to take a colour; whether it does something there.
    pub(super) fn press(&self, id: i32, at: Pointer, eraser_end: bool, picks: bool) -> bool {
        let (ready, marks, hand) = self.studio.with_untracked(|studio| {
            (studio.ready, studio.settings.masking, studio.settings.hand(eraser_end))
        });
        if !ready {
            return false;
        }
        let hand = if picks { Hand::Picks } else { hand };
        if marks && hand != Hand::Picks {
            return self.masking.press(id, at, hand);
        }
        let displaced = self.easel.borrow().displaced(at);
        if let Some(hand) = displaced {
            self.lose(hand);
        }
        let damage = self.easel.borrow_mut().press(id, at, hand);
        // The first telling may be at once, if a picture follows.
        self.told_along.set(self.told_along.get().max(now().saturating_sub(ALONG_MS)));
        damage.map(|damage| self.show(damage)).is_some()
    }

    /// The finger that draws, if one that comes down here makes it a pinch.
    pub(super) fn pinched(&self, at: Pointer) -> Option<i32> {
        self.easel.borrow().pinched(at).or_else(|| self.masking.pinched(at))
    }

    /// Whether it is the pointer that does something.
    pub(super) fn drag(&self, id: i32, along: &[Pointer], straight: bool) -> bool {
        if self.masking.drag(id, along, straight) {
            return true;
        }
        let damage = self.easel.borrow_mut().drag(id, along, straight);
        self.drawn(damage);
        damage.is_some()
    }

    /// The hand has not moved for a while.
    pub(super) fn straighten(&self) {
        if self.masking.straighten() {
            return;
        }
        let damage = self.easel.borrow_mut().straighten();
        self.drawn(damage);
    }

    /// Shows what changed under the hand, and tells of it.
    fn drawn(&self, damage: Option<Rect>) {
        if let Some(damage) = damage.filter(|damage| !damage.is_empty()) {
            self.show(damage);
            self.tell_along();
        }
    }

    pub(super) fn lift(&self, id: i32) {
        if self.lift_mark(id) {
            return;
        }
        let done = self.easel.borrow_mut().lift(id);
        if let Some(done) = done {
            self.done(done);
        }
    }

    pub(super) fn lose(&self, id: i32) {
        if self.lose_mark(id) {
            return;
        }
        let done = self.easel.borrow_mut().lose(id);
        if let Some(done) = done {
            // What was told of it along the way is not so any more.
            self.done(done);
        }
    }

    /// Paper for a photograph of this size, and how much of its middle is laid there. What is blank follows its shape, and is
    /// filled.
    pub(super) fn paper_for(&self, size: (u32, u32)) -> (Paper, (u32, u32)) {
        let known = (!self.is_blank()).then(|| self.paper());
        let side = self.studio.with_untracked(|studio| studio.spec().width.min(studio.spec().height));
        let paper = Paper::under(size, known, side);
        (paper, if known.is_none() { paper.filled_by(size) } else { size })
    }

    /// Lays a picture over the drawing, on this paper; one from the server, no photograph, stays what it was.
    pub(super) fn place(&self, paper: Paper, rgba: &[u8], width: u32, height: u32, laid: Option<Laid>) {
        let is_ours = laid.is_some();
        let photographs = || self.studio.with_untracked(|studio| studio.settings.photographs());
        let fidelity = if is_ours { Fidelity::Exact } else { photographs() };
        let done = self.easel.borrow_mut().place(paper, rgba, width, height, fidelity);
        if matches!(laid, Some(Laid::Drawing(_))) {
            self.take(Event::Fetched);
        }
        self.done(done);
        // Marks were made for what lay there before.
        if !is_ours && self.studio.with_untracked(|studio| studio.settings.mask.is_some()) {
            self.take(Event::Unmask);
        }
    }

    fn show(&self, damage: Rect) {
        self.view.paint(self.easel.borrow().canvas(), damage);
    }

    /// Tells of a stroke that is not done yet, now and then, as fast as the way to the server is free: the picture
    /// follows the pen, or little is left to tell when it is lifted.
    fn tell_along(&self) {
        let (follows, free) =
            self.studio.with_untracked(|studio| (studio.draws_along(), studio.sync() == Sync::Synced));
        let (wait, least) = if follows { (ALONG_MS, 0) } else { (ALONE_MS, WORTH_TELLING) };
        let begun = now();
        if !free || begun < self.told_along.get() + wait {
            return;
        }
        // Asked first: the tiles that it names are named once.
        let under_way =
            if self.can_tell(&[Deed::Abort]) { self.easel.borrow_mut().under_way(least) } else { None };
        match under_way {
            Some((deed, tiles)) => self.tell_deeds(vec![deed], tiles),
            None if !follows => {}
            None => {
                let tiles = self.easel.borrow_mut().canvas_mut().tiles_that_differ();
                self.tell_tiles(tiles, true);
            }
        }
        // A long stroke takes longer to tell; most of the time is the hand's.
        self.told_along.set(now() + 3 * (now() - begun));
    }

    /// Shows what was done, and tells the studio.
    fn done(&self, done: Done) {
        if let Some(colour) = done.picked {
            return self.take(Event::Colour(colour));
        }
        self.show(done.damage);
        match done.deeds {
            Some(deeds) if self.can_tell(&deeds) => {
                let tiles = self.easel.borrow_mut().named_tiles();
                self.tell_deeds(deeds, tiles);
            }
            _ => {
                let tiles = self.easel.borrow_mut().canvas_mut().take_changed_tiles();
                self.tell_tiles(tiles, false);
                self.cut_mask();
            }
        }
    }

    fn can_tell(&self, deeds: &[Deed]) -> bool {
        self.studio.with_untracked(|studio| studio.can_tell(deeds))
    }

    fn tell_deeds(&self, deeds: Vec<Deed>, tiles: Vec<(u32, Digest)>) {
        let (can_undo, can_redo) = self.steps();
        self.take(Event::Told { deeds, tiles, can_undo, can_redo });
    }

    fn tell_tiles(&self, tiles: Vec<u32>, under_way: bool) {
        let (can_undo, can_redo) = self.steps();
        self.take(Event::Drawn { paper: self.paper(), tiles, under_way, can_undo, can_redo });
    }

    /// Whether there is one to take back, and one to do again.
    fn steps(&self) -> (bool, bool) {
        self.with_easel(|easel| (easel.canvas().can_undo(), easel.canvas().can_redo()))
    }
}
