//! Drawing along: while it is on, a quick picture follows every change.

use super::{Effect, Phase, Shown, Studio};
use link::{LinkState, Time, client};
use wire::{ClientMessage, Frame, JobId, Spec};

/// A machine that takes longer for a quick picture draws along only if the person wants it, in
/// milliseconds: what is later than that does not feel like following.
pub const LIVE_WITHIN_MS: f32 = 250.0;

/// What drawing along remembers.
#[derive(Debug, Default)]
pub(super) struct Live {
    /// Under which its frames come: the viewer's own id.
    pub name: Option<JobId>,
    /// Something that the picture depends on was changed since the last one was asked for.
    pub changed: bool,
    /// One was asked for since the last real picture was.
    pub asked: bool,
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
        self.settings.live.unwrap_or(live.picture_ms <= LIVE_WITHIN_MS)
    }

    /// What a quick picture depends on, beside the drawing.
    pub(super) fn live_spec(&self) -> Spec {
        let steps = self.model.as_ref().and_then(|model| model.live).map_or(1, |live| live.steps);
        Spec { steps, guidance: 1.0, ..self.settings.spec(self.model.as_ref()) }
    }

    /// The person changed something that the picture depends on.
    pub(super) fn changed(&mut self, now: Time, out: &mut Vec<Effect>) {
        self.live.changed = true;
        self.follow(now, out);
    }

    /// Asks for the quick picture that is due, unless a real one is under way or nobody would see it.
    pub(super) fn follow(&mut self, now: Time, out: &mut Vec<Effect>) {
        let connected = matches!(self.link, LinkState::Socket | LinkState::Polling);
        let seen = self.visible || self.settings.background;
        let free = !self.job.phase.is_active() && self.due.is_none();
        if !(self.live.changed && self.ready && connected && seen && free && self.draws_along()) {
            return;
        }
        let Some(canvas) = self.sheet.current().map(|named| named.digest) else {
            return;
        };
        self.live.changed = false;
        if self.sheet.is_blank() {
            return;
        }
        self.looking_at = None;
        let spec = self.live_spec();
        (self.live.asked, self.live.spec) = (true, spec.clone());
        self.say(ClientMessage::Live { canvas, spec }, now, out);
    }

    /// Whether this frame is a quick picture.
    pub(super) fn is_live(&self, frame: &Frame) -> bool {
        self.live.name == Some(frame.header.job)
    }

    /// A quick picture came. It stays until the next one.
    pub(super) fn live_frame(&mut self, frame: Frame, now: Time, out: &mut Vec<Effect>) {
        let wanted = self.live.asked && self.draws_along() && !self.job.phase.is_active();
        if !wanted || self.looking_at.is_some() {
            return self.tell(client::Event::Drawn { sequence: frame.header.sequence }, now, out);
        }
        if self.job.phase != Phase::Live {
            let id = self.live.name;
            self.job = Shown { id, phase: Phase::Live, ..Shown::default() };
            (self.hung, self.refused) = (None, None);
        }
        self.job.spec = self.live.spec.clone();
        self.underdraw(out);
        out.push(Effect::Picture(frame));
    }

    /// Keeps the sketch below a quick picture, if it is to be seen at all.
    pub(super) fn underdraw(&mut self, out: &mut Vec<Effect>) {
        let canvas = self.sheet.current().map(|named| named.digest);
        if self.job.phase == Phase::Live && canvas.is_some() && self.settings.show_through > 0.0 {
            (self.job.canvas, self.underdrawing) = (canvas, canvas);
            out.push(Effect::Underdraw);
        }
    }
}
