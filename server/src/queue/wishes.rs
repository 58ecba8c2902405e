//! Live pictures that viewers wait for: the newest wish of each, served in turn. A pure policy.

use std::collections::VecDeque;
use wire::{Code, Problem, ViewerId};

/// Viewers whose wishes are kept at once; each holds a canvas.
const WISHES_MAX: usize = 64;

/// At most one wish a viewer, in the order in which they first came.
#[derive(Debug)]
pub struct Wishes<W>(VecDeque<(ViewerId, W)>);

impl<W> Default for Wishes<W> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<W> Wishes<W> {
    /// Takes the place of the viewer's wish before, or the last one.
    ///
    /// # Errors
    /// If too many viewers wait.
    pub fn put(&mut self, viewer: ViewerId, wish: W) -> Result<(), Problem> {
        if let Some((_, place)) = self.0.iter_mut().find(|(theirs, _)| *theirs == viewer) {
            *place = wish;
            return Ok(());
        }
        if self.0.len() >= WISHES_MAX {
            let message =
                format!("{WISHES_MAX} people draw along already, the most at once; press Generate instead");
            return Err(Problem::new(Code::Busy, message));
        }
        self.0.push_back((viewer, wish));
        Ok(())
    }

    /// Takes its place again, before the others; if the viewer has no newer wish.
    pub fn put_back(&mut self, viewer: ViewerId, wish: W) {
        if self.count(|theirs, _| theirs == viewer) == 0 {
            self.0.push_front((viewer, wish));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many wishes are such.
    pub fn count(&self, such: impl Fn(ViewerId, &W) -> bool) -> usize {
        self.0.iter().filter(|(viewer, wish)| such(*viewer, wish)).count()
    }

    /// Takes the first wish that can be fulfilled now.
    pub fn next(&mut self, can: impl Fn(ViewerId, &W) -> bool) -> Option<(ViewerId, W)> {
        let at = self.0.iter().position(|(viewer, wish)| can(*viewer, wish))?;
        self.0.remove(at)
    }

    /// Forgets the wish of a viewer.
    pub fn forget(&mut self, viewer: ViewerId) {
        self.0.retain(|(theirs, _)| *theirs != viewer);
    }

    /// Forgets the wishes that are not worth keeping.
    pub fn retain(&mut self, keep: impl Fn(ViewerId, &W) -> bool) {
        self.0.retain(|(viewer, wish)| keep(*viewer, wish));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: ViewerId = ViewerId([1; 8]);
    const BEN: ViewerId = ViewerId([2; 8]);

    #[test]
    fn a_newer_wish_takes_the_place_of_the_one_before() {
        let mut wishes = Wishes::default();
        for (viewer, wish) in [(ANNA, 1), (BEN, 2), (ANNA, 3)] {
            wishes.put(viewer, wish).expect("there is room");
        }
        assert_eq!(wishes.next(|_, _| true), Some((ANNA, 3)));
        wishes.put(ANNA, 4).expect("there is room");
        assert_eq!(wishes.next(|_, _| true), Some((BEN, 2)), "people take turns");
        assert_eq!(wishes.next(|_, _| true), Some((ANNA, 4)));
        assert_eq!(wishes.next(|_, _| true), None);
    }

    #[test]
    fn one_that_cannot_be_fulfilled_holds_nobody_up() {
        let mut wishes = Wishes::default();
        wishes.put(ANNA, 1).expect("there is room");
        wishes.put(BEN, 2).expect("there is room");
        assert_eq!(wishes.next(|viewer, _| viewer == BEN), Some((BEN, 2)));
        assert_eq!(wishes.next(|viewer, _| viewer == BEN), None);
        wishes.put(BEN, 3).expect("there is room");
        wishes.forget(BEN);
        wishes.retain(|_, wish| *wish != 1);
        assert_eq!(wishes.next(|_, _| true), None);
    }

    #[test]
    fn what_was_taken_comes_first_again_unless_there_is_newer() {
        let mut wishes = Wishes::default();
        wishes.put(BEN, 2).expect("there is room");
        wishes.put_back(ANNA, 1);
        wishes.put_back(BEN, 9);
        assert_eq!(wishes.next(|_, _| true), Some((ANNA, 1)));
        assert_eq!(wishes.next(|_, _| true), Some((BEN, 2)));
    }

    #[test]
    fn too_many_are_refused_in_words() {
        let mut wishes = Wishes::default();
        for n in 0..WISHES_MAX {
            wishes.put(ViewerId([n as u8; 8]), n).expect("there is room");
        }
        let refused = wishes.put(ViewerId([255; 8]), 0).expect_err("it is full");
        assert!(refused.message.starts_with("64 people"), "{refused}");
        wishes.put(ViewerId([0; 8]), 1).expect("a newer wish needs no room");
    }
}
