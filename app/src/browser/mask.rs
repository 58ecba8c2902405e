//! The sheet over the drawing on which one marks what is to be painted anew.

use super::{
    dom::{by_id, context},
    paint::View,
    runtime::Runtime,
};
use crate::studio::{Command, Easel, Event, Hand, Paper, Pointer, Shape, cut_mask, mask_of, sheet_of};
use canvas::{Fidelity, Rect};
use std::cell::RefCell;
use web_sys::HtmlCanvasElement;
use wire::Mask;

pub struct Masking {
    easel: RefCell<Easel>,
    /// The last cut, which the next one takes back if nothing was marked since.
    cut: RefCell<Option<Cut>>,
    view: View,
}

struct Cut {
    before: Shape,
    mask: Option<Mask>,
    became: Option<Mask>,
}

impl Masking {
    pub fn new() -> Self {
        Self {
            easel: RefCell::default(),
            cut: RefCell::default(),
            view: View::clear(context(&by_id::<HtmlCanvasElement>("mask"))),
        }
    }

    /// Lays blank paper of this shape.
    pub fn lay(&self, shape: Shape) {
        self.easel.replace(Easel::with_paper(Paper::usual(shape)));
    }

    /// Whether the pointer draws here.
    pub fn press(&self, id: i32, at: Pointer, hand: Hand) -> bool {
        let damage = self.easel.borrow_mut().press(id, at, hand);
        damage.map(|damage| self.show(damage)).is_some()
    }

    /// As [`Easel::pinched`].
    pub fn pinched(&self, at: Pointer) -> Option<i32> {
        self.easel.borrow().pinched(at)
    }

    /// Whether it was the pointer that draws here.
    pub fn drag(&self, id: i32, along: &[Pointer], straight: bool) -> bool {
        let damage = self.easel.borrow_mut().drag(id, along, straight);
        damage.map(|damage| self.show(damage)).is_some()
    }

    /// As [`Easel::straighten`], and whether something is.
    pub fn straighten(&self) -> bool {
        let damage = self.easel.borrow_mut().straighten();
        damage.map(|damage| self.show(damage)).is_some()
    }

    pub fn is_drawing(&self) -> bool {
        self.easel.borrow().is_drawing()
    }

    fn show(&self, damage: Rect) {
        self.view.paint(self.easel.borrow().canvas(), damage);
    }

    fn marked(&self) -> Event {
        let easel = self.easel.borrow();
        let canvas = easel.canvas();
        Event::Masked { mask: mask_of(canvas), can_undo: canvas.can_undo(), can_redo: canvas.can_redo() }
    }
}

impl Runtime {
    /// Whether it was the pointer that marks.
    pub(super) fn lift_mark(&self, id: i32) -> bool {
        let done = self.masking.easel.borrow_mut().lift(id);
        done.map(|done| self.masked(done.damage)).is_some()
    }

    /// The same for one that was taken away.
    pub(super) fn lose_mark(&self, id: i32) -> bool {
        let done = self.masking.easel.borrow_mut().lose(id);
        done.map(|done| self.masked(done.damage)).is_some()
    }

    pub(super) fn command_mask(&self, command: Command) {
        let done = self.masking.easel.borrow_mut().run(command);
        self.masked(done.damage);
    }

    /// Marks this and nothing else, as one step that can be undone; on other paper than before without one.
    pub(super) fn set_mask(&self, mask: Option<&Mask>) {
        let paper = Paper::usual(self.paper().shape());
        let (width, height) = paper.size();
        let sheet = sheet_of(mask, width, height);
        let mut easel = self.masking.easel.borrow_mut();
        if easel.paper() == paper {
            easel.place(paper, &sheet, width, height, Fidelity::Exact);
        } else {
            *easel = Easel::with_pixels(paper, &sheet);
        }
        drop(easel);
        self.masked(Rect::new(0, 0, width, height));
    }

    /// Cuts the sheet to the shape of the drawing; marks keep their place on it. Of several cuts in a row only the last counts.
    pub(super) fn cut_mask(&self) {
        let (shape, easel) = (self.paper().shape(), self.masking.easel.borrow());
        let before = easel.paper().shape();
        if before == shape {
            return;
        }
        let mask = mask_of(easel.canvas());
        drop(easel);
        let is_as_cut = |cut: &Cut| cut.became == mask;
        let from = self.masking.cut.take().filter(is_as_cut).map(|cut| (cut.before, cut.mask));
        let (before, mask) = from.unwrap_or((before, mask));
        let became = if before == shape { mask.clone() } else { cut_mask(mask.as_ref(), before, shape) };
        self.set_mask(became.as_ref());
        self.masking.cut.replace(Some(Cut { before, mask, became }));
    }

    fn masked(&self, damage: Rect) {
        self.masking.show(damage);
        self.take(self.masking.marked());
    }
}
