//! Drawing along: while it is on, a quick picture follows every change.

use super::{Effect, Looked, Phase, Preview, Run, Studio};
use link::{Time, client};
use wire::{ClientMessage, Frame, JobId, LiveInfo, Spec};

/// A machine that takes longer for a quick picture draws along only if the person wants it, in
/// milliseconds: what is later than that does not feel like following.
const LIVE_WITHIN_MS: f32 = 250.0;

/// Whether pages follow the drawing on such a server by themselves.
pub fn follows(live: LiveInfo) -> bool {
    live.picture_ms <= LIVE_WITHIN_MS
}

/// What drawing along remembers.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// Under which its frames come: the viewer's own id.
    pub name: Option<JobId>,
    /// Something that the picture depends on was changed since the last one was asked for.
    pub changed: bool,
    /// One was asked for since the last real picture was.
    pub asked: bool,
    /// The last one that was asked for has not come.
    pub awaited: bool,
    /// The kept picture that was looked at when it was asked for, which it may replace.
    looked_at: Option<Looked>,
    /// What the last one was asked for with.
    spec: Spec,
}

impl Studio {
    /// Whether this server can draw along at all.
    pub fn can_draw_along(&self) -> bool {
        self.model.as_ref().is_some_and(|model| model.live.is_some())
    }

    /// Whether the picture follows the drawing: as the person chose, else if the machine is fast enough.
    pub fn draws_along(&self) -> bool {
        let Some(live) = self.model.as_ref().and_then(|model| model.live) else {
            return false;
        };
        self.settings.live.unwrap_or(follows(live))
    }

    /// What a quick picture depends on, beside the drawing.
    pub(super) fn live_spec(&self) -> Spec {
        let steps = self.model.as_ref().and_then(|model| model.live).map_or(1, |live| live.steps);
        let asked = self.settings.spec(self.model.as_ref());
        let own = self.model.as_ref().map(|model| &model.defaults);
        // Quick pictures are not much larger than the model's own.
        let (width, height) = match own.filter(|own| asked.is_much_larger(own)) {
            Some(own) => self.settings.shape.picture(own.width.min(own.height)),
            None => (asked.width, asked.height),
        };
        let Spec { prompt, strength, seed, mask, blur, .. } = asked;
        // Nothing else counts in few steps, so that nothing else makes another picture.
        Spec { prompt, steps, guidance: 1.0, strength, seed, width, height, mask, blur, ..Spec::default() }
    }

    /// Whether there is a quick picture that could be kept: without drawing along it has to be of what is there yet.
    pub fn can_keep(&self) -> bool {
        let is_of_this = || {
            self.live_spec() == self.live.spec
                && self.job.canvas.is_some_and(|canvas| self.is_on_paper(canvas))
        };
        self.shows_live() && !self.is_busy() && (self.draws_along() || is_of_this())
    }

    /// The person changed something that the picture depends on.
    pub(super) fn changed(&mut self, now: Time, out: &mut Vec<Effect>) {
        self.live.changed = true;
        self.follow(now, out);
    }

    /// Asks again for one that did not come, now that something has changed which may have lost it.
    pub(super) fn follow_again(&mut self, now: Time, out: &mut Vec<Effect>) {
        self.live.changed |= self.live.awaited && self.live.asked;
        self.follow(now, out);
    }

    /// Asks for the quick picture that is due, unless a real one is under way or nobody would see it.
    pub(super) fn follow(&mut self, now: Time, out: &mut Vec<Effect>) {
        let seen = self.visible || self.settings.background;
        let free = !self.is_busy();
        if !(self.live.changed && self.ready && self.is_connected() && seen && free && self.draws_along()) {
            return;
        }
        let Some(canvas) = self.sheet.current().map(|named| named.digest) else {
            return;
        };
        self.live.changed = false;
        if self.sheet.is_blank() {
            if self.shows_live() {
                self.job = Run::default();
                out.push(Effect::blank(&self.live_spec()));
            }
            return;
        }
        let spec = self.live_spec();
        self.live.spec = spec.clone();
        (self.live.asked, self.live.awaited, self.live.looked_at) = (true, true, self.looking_at);
        self.say(ClientMessage::Live { canvas, spec }, now, out);
    }

    /// A picture came: a preview of a job, or a quick one, which stays until the next one.
    pub(super) fn picture(&mut self, frame: Frame, now: Time, out: &mut Vec<Effect>) {
        if self.live.name != Some(frame.header.job) {
            return self.preview(Preview::Picture(frame), now, out);
        }
        self.live.awaited = false;
        let seen = self.looking_at.is_none() || self.looking_at == self.live.looked_at;
        if !(self.live.asked && seen && self.draws_along() && !self.is_busy()) {
            return self.tell(client::Event::Drawn { sequence: frame.header.sequence }, now, out);
        }
        if self.job.phase != Phase::Live {
            let id = self.live.name;
            self.job = Run { id, phase: Phase::Live, ..Run::default() };
        }
        (self.hung, self.refused, self.looking_at) = (Vec::new(), None, None);
        // Another may have been asked for since.
        let (width, height) = (frame.header.width.into(), frame.header.height.into());
        self.job.spec = Spec { width, height, ..self.live.spec.clone() };
        // At least nearly of the drawing as it is now.
        self.job.canvas = self.sheet.current().map(|named| named.digest).or(self.job.canvas);
        self.job.newest = vec![Preview::Picture(frame.clone())];
        out.push(Effect::Picture(frame));
    }
}
