//! What is to be seen now.

use super::{Kept, Looked, Phase, Place, Studio};
use wire::Digest;

impl Studio {
    /// The finished pictures that the page is to show now.
    pub fn hanging(&self) -> Vec<Digest> {
        match self.looking_at {
            Some(Looked::One(digest)) => vec![digest],
            Some(Looked::All(job)) => self.kept.of(job),
            None => self.job.pictures().iter().map(|picture| picture.digest).collect(),
        }
    }

    /// The kept picture that is looked at, or the first of several.
    pub(super) fn looked_at(&self) -> Option<&Kept> {
        self.looking_at.and_then(|_| self.kept.find(*self.hanging().first()?))
    }

    /// Whether a stroke may be under way, or a mark, which nobody tells of.
    pub(super) fn is_in_hand(&self) -> bool {
        self.under_way || self.settings.masking
    }

    /// From what is looked at one step back: to all that were made with it, or to the current job.
    pub(super) fn way_back(&self) -> Option<Looked> {
        let Some(Looked::One(digest)) = self.looking_at else { return None };
        let job = self.kept.find(digest)?.job.id;
        let is_current = !self.job.pictures().is_empty() && self.job.id == Some(job);
        (!is_current && self.kept.of(job).len() > 1).then_some(Looked::All(job))
    }

    /// Whether there is more to be seen where that leads than an empty frame.
    pub(super) fn can_go_back(&self) -> bool {
        self.looking_at.is_some()
            && (self.way_back().is_some() || self.job.phase != Phase::Idle || !self.line.is_empty())
    }

    /// The finished picture that the page is to show now, if it is one.
    pub fn wanted(&self) -> Option<Digest> {
        match self.hanging()[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    /// Width and height of the picture that is shown, or is about to be; several lie in a square.
    pub fn size(&self) -> (u32, u32) {
        let hanging = self.hanging();
        let kept = hanging.first().and_then(|digest| self.kept.find(*digest));
        match kept {
            _ if hanging.len() > 1 || (hanging.is_empty() && self.job.spec.pictures > 1) => (1, 1),
            Some(Kept { picture, .. }) => (picture.width, picture.height),
            None if self.job.phase == Phase::Idle => self.settings.shape.paper(),
            None => (self.job.spec.width, self.job.spec.height),
        }
    }

    /// What picture `n` of several that were made together can be pressed for, and where: to look at it alone, and then to come
    /// back to all.
    pub fn door(&self, n: u16) -> Option<(Place, Option<Looked>)> {
        let hanging = self.hanging();
        let place = |n, of, digest| {
            let size =
                self.kept.find(digest).map_or((1, 1), |kept| (kept.picture.width, kept.picture.height));
            Place::of(n, of, size)
        };
        if let Some(digest) = hanging.get(usize::from(n)).filter(|_| hanging.len() > 1) {
            return Some((place(n, hanging.len() as u16, *digest), Some(Looked::One(*digest))));
        }
        let Some(Looked::One(digest)) = self.looking_at else { return None };
        let together = self.kept.of(self.kept.find(digest)?.job.id);
        let is_it = together.len() > 1 && together.get(usize::from(n)) == Some(&digest);
        is_it.then(|| (place(0, 1, digest), self.way_back()))
    }

    /// Whether a quick picture is what is to be seen.
    pub(super) fn shows_live(&self) -> bool {
        self.job.phase == Phase::Live && self.looking_at.is_none()
    }

    /// Whether what is to be seen is a quick picture, be it one of this drawing that this page kept just now.
    pub(super) fn shows_quick(&self) -> bool {
        let is_kept = self.job.spec.quick && self.job.request.is_some() && !self.job.pictures().is_empty();
        let is_here =
            self.looking_at.is_none() && self.job.canvas.is_some_and(|canvas| self.is_on_paper(canvas));
        self.shows_live() || (is_kept && is_here)
    }

    /// Whether what is in the frame is under way, and may be stopped.
    pub fn can_cancel(&self) -> bool {
        self.looking_at.is_none() && self.job.phase.is_active()
    }

    /// Whether there is nothing to be seen in the frame: nothing was asked for, or it came to nothing.
    pub fn is_empty(&self) -> bool {
        let is_bare =
            self.job.phase.came_to_nothing() && self.job.newest.is_empty() && self.job.after_live.is_none();
        self.looking_at.is_none() && (self.job.phase == Phase::Idle || is_bare)
    }

    /// Whether there is a step to take back, and one to do again, of what is in hand: drawing or marking.
    pub fn steps(&self) -> (bool, bool) {
        match self.settings.masking {
            true => self.mask_steps,
            false => (self.can_undo || self.can_mark_again(), self.can_redo),
        }
    }

    /// Whether the last step was that marks were taken away; while one marks, the sheet of marks knows its own.
    pub(super) fn can_mark_again(&self) -> bool {
        self.unmasked.is_some() && !self.settings.masking
    }

    /// Whether there is nothing to clear of what is in hand.
    pub fn is_clear(&self) -> bool {
        if self.settings.masking { self.settings.mask.is_none() } else { self.is_blank() }
    }

    /// Whether several pictures were made together last.
    pub fn is_several(&self) -> bool {
        self.job.pictures().len() > 1
    }

    /// Whether nothing is drawn.
    pub fn is_blank(&self) -> bool {
        self.sheet.is_blank()
    }
}
