//! What is to be seen now.

use super::Studio;
use wire::Digest;

impl Studio {
    /// The finished picture that the page is to show now.
    pub fn wanted(&self) -> Option<Digest> {
        self.looking_at.or_else(|| self.job.picture().map(|picture| picture.digest))
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
