//! The pentimento: the sketch that shows through the picture that was made from it. It is the drawing as it is now, or as the
//! server keeps it.

use super::{Effect, Laid, Studio};
use wire::Digest;

/// The sketch by the canvas that it is of.
#[derive(Debug, Default)]
pub(super) struct Sketch {
    /// It lies over the picture.
    here: Option<Digest>,
    /// It is being fetched.
    asked: Option<Digest>,
    /// The server does not have it.
    lost: Option<Digest>,
}

impl Studio {
    /// The canvas of what is to be seen now.
    fn canvas_seen(&self) -> Option<Digest> {
        self.looked_at().map_or(self.job.canvas, |kept| Some(kept.job.canvas))
    }

    /// Whether the sketch that lies over the picture is that of the picture.
    pub fn has_sketch(&self) -> bool {
        self.sketch.here.is_some() && self.sketch.here == self.canvas_seen()
    }

    /// Whether there is a sketch that could be seen through the picture.
    pub fn can_show_through(&self) -> bool {
        !self.is_empty() && self.canvas_seen().is_some_and(|canvas| self.sketch.lost != Some(canvas))
    }

    /// How strongly the sketch is seen: as the person wants it, and at first, while the picture
    /// forms over it, strong enough to see one come out of the other.
    pub fn sketch_opacity(&self) -> f32 {
        if !self.has_sketch() || self.is_empty() {
            return 0.0;
        }
        let wanted = self.settings.show_through;
        if !self.sketch_forms() {
            return wanted;
        }
        let (step, total) = (self.job.painted_step, self.job.spec.steps.max(1));
        wanted.max(0.5 * (1.0 - f32::from(step) / f32::from(total)))
    }

    /// Whether a picture is to be seen coming out of it.
    fn sketch_forms(&self) -> bool {
        self.looking_at.is_none() && self.job.phase.is_active() && !self.job.spec.quick
    }

    /// Lays the sketch of what is to be seen over it, if it is to be seen at all.
    pub(super) fn underdraw(&mut self, out: &mut Vec<Effect>) {
        if self.settings.show_through == 0.0 && !self.sketch_forms() {
            return;
        }
        let Some(canvas) = self.canvas_seen() else { return };
        if [self.sketch.here, self.sketch.asked, self.sketch.lost].contains(&Some(canvas)) {
            return;
        }
        if self.sheet.current().is_some_and(|named| named.digest == canvas) {
            (self.sketch.here, self.sketch.asked) = (Some(canvas), None);
            out.push(Effect::Underdraw);
        } else {
            self.sketch.asked = Some(canvas);
            out.push(Effect::FetchSketch(canvas));
        }
    }

    /// It was fetched, and lies over the picture.
    pub(super) fn sketch_came(&mut self, canvas: Digest) {
        if self.sketch.asked == Some(canvas) {
            self.sketch.here = self.sketch.asked.take();
        }
    }

    pub(super) fn sketch_is_lost(&mut self, canvas: Digest) {
        if self.sketch.asked == Some(canvas) {
            self.sketch.lost = self.sketch.asked.take();
        }
    }

    /// What could not be fetched is worth another try.
    pub(super) fn look_for_sketch_again(&mut self) {
        self.sketch.lost = None;
    }

    /// The drawing that the picture on show was made from, unless it is the one on the paper.
    fn earlier_drawing(&self) -> Option<Effect> {
        let kept = self.kept.find(self.wanted()?)?;
        let canvas = kept.job.canvas;
        let is_there = self.sheet.current().is_some_and(|named| named.digest == canvas);
        (!is_there && self.sketch.lost != Some(canvas))
            .then(|| Effect::Lay(Laid::Drawing(canvas), kept.shape()))
    }

    pub fn can_draw_again(&self) -> bool {
        self.ready && self.earlier_drawing().is_some()
    }

    /// Puts that drawing onto the paper again.
    pub(super) fn draw_again(&self, out: &mut Vec<Effect>) {
        out.extend(self.earlier_drawing().filter(|_| self.ready));
    }
}
