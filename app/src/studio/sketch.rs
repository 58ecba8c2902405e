//! The pentimento: the sketch that shows through the picture that was made from it. It is the drawing as it is now, or as the
//! server keeps it.

use super::{Effect, Laid, Phase, Studio};
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
        let there = |canvas| {
            let is_kept = !self.shows_live() && self.sketch.lost != Some(canvas);
            is_kept || self.sketch.here == Some(canvas) || self.is_on_paper(canvas)
        };
        !self.is_empty() && self.canvas_seen().is_some_and(there)
    }

    pub(super) fn is_on_paper(&self, canvas: Digest) -> bool {
        self.sheet.current().is_some_and(|named| named.digest == canvas)
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
        let is_here = self.sketch.here == Some(canvas);
        if is_here || self.is_on_paper(canvas) {
            // What is on its way would lie over it.
            out.extend(self.sketch.asked.take().map(|_| Effect::FetchSketch(None)));
            out.extend((!is_here).then_some(Effect::Underdraw));
            self.sketch.here = Some(canvas);
        } else if self.is_kept_there() && ![self.sketch.asked, self.sketch.lost].contains(&Some(canvas)) {
            self.sketch.asked = Some(canvas);
            out.push(Effect::FetchSketch(Some(canvas)));
        }
    }

    /// Whether the server may have the canvas of what is to be seen: not that of a quick picture, nor one that has not
    /// all come.
    fn is_kept_there(&self) -> bool {
        let is_early = matches!(self.job.phase, Phase::Live | Phase::Asked | Phase::Waiting { .. });
        self.ready && !(is_early && self.looking_at.is_none())
    }

    /// It was fetched, and lies over the picture.
    pub(super) fn sketch_came(&mut self, canvas: Digest) {
        if self.sketch.asked == Some(canvas) {
            self.sketch.here = self.sketch.asked.take();
        }
    }

    pub(super) fn sketch_is_lost(&mut self, canvas: Digest) {
        self.sketch.lost = Some(canvas);
        self.sketch.asked = self.sketch.asked.filter(|asked| *asked != canvas);
    }

    /// What could not be fetched is worth another try.
    pub(super) fn look_for_sketch_again(&mut self) {
        self.sketch.lost = None;
    }

    /// The canvas that the picture on show was made from, unless it is what is on the paper.
    fn earlier_canvas(&self) -> Option<Digest> {
        let canvas = self.kept.find(self.wanted()?)?.job.canvas;
        (self.ready && !self.is_on_paper(canvas) && self.sketch.lost != Some(canvas)).then_some(canvas)
    }

    pub fn can_draw_again(&self) -> bool {
        self.earlier_canvas().is_some()
    }

    /// Puts that drawing onto the paper again.
    pub(super) fn draw_again(&mut self, out: &mut Vec<Effect>) {
        if let Some(canvas) = self.earlier_canvas() {
            self.lay(Laid::Drawing(canvas), out);
        }
    }
}
