//! What is to be seen now.

use super::{Place, Studio};
use wire::Digest;

impl Studio {
    /// The finished pictures that the page is to show now.
    pub fn hanging(&self) -> Vec<Digest> {
        match self.looking_at {
            Some(digest) => vec![digest],
            None => self.job.pictures().iter().map(|picture| picture.digest).collect(),
        }
    }

    /// The finished picture that the page is to show now, if it is one.
    pub fn wanted(&self) -> Option<Digest> {
        match self.hanging()[..] {
            [one] => Some(one),
            _ => None,
        }
    }

    /// What the frame can be pressed for, and where: each of several pictures to look at it alone, and that one to come back
    /// to all.
    pub fn doors(&self) -> Vec<(Place, Option<Digest>)> {
        let pictures = self.job.pictures();
        let of = pictures.len() as u16;
        let is_own = |digest| pictures.iter().any(|picture| picture.digest == digest);
        match self.looking_at {
            _ if of < 2 => Vec::new(),
            Some(digest) if is_own(digest) => vec![(Place::of(0, 1), None)],
            Some(_) => Vec::new(),
            None => (0..).zip(pictures).map(|(n, one)| (Place::of(n, of), Some(one.digest))).collect(),
        }
    }

    /// Whether the sketch that was kept is the one behind the picture that is shown.
    pub fn has_sketch(&self) -> bool {
        let kept = self.looking_at.and_then(|digest| self.kept.find(digest));
        let canvas = kept.map_or(self.job.canvas, |kept| Some(kept.job.canvas));
        self.underdrawing.is_some() && self.underdrawing == canvas
    }

    /// How strongly the sketch is seen: as the person wants it, and at first, while the picture
    /// forms over it, strong enough to see one come out of the other.
    pub fn sketch_opacity(&self) -> f32 {
        if !self.has_sketch() {
            return 0.0;
        }
        let wanted = self.settings.show_through;
        if self.looking_at.is_some() || !self.job.phase.is_active() {
            return wanted;
        }
        let (step, total) = (self.job.painted_step, self.job.spec.steps.max(1));
        wanted.max(0.5 * (1.0 - f32::from(step) / f32::from(total)))
    }

    /// Whether a picture is under way that this page may stop; not only the one that is shown.
    pub fn can_cancel(&self) -> bool {
        self.looking_at.is_none() && (self.job.phase.is_active() || !self.underway.is_empty())
    }

    /// Whether there is a step to take back, and one to do again, of what is in hand: drawing or marking.
    pub fn steps(&self) -> (bool, bool) {
        if self.settings.masking { self.mask_steps } else { (self.can_undo, self.can_redo) }
    }

    /// Whether there is nothing to clear of what is in hand.
    pub fn is_clear(&self) -> bool {
        if self.settings.masking { self.settings.mask.is_none() } else { self.is_blank() }
    }

    /// Whether nothing is drawn.
    pub fn is_blank(&self) -> bool {
        self.sheet.is_blank()
    }
}
