//! The drawing on its way to the server, stroke by stroke: the server draws them again.

use super::{Effect, Studio};
use canvas::{Deed, stream::Writer};
use link::{LinkState, Time, client};
use wire::{ClientMessage, Digest};

/// What was told since the canvas was said that it begins with.
#[derive(Debug, Default)]
pub(super) struct Told {
    writer: Writer,
    /// Steps that the server can take back, and those of them that it can do again.
    undo: usize,
    redo: usize,
}

impl Told {
    /// Steps to take back and to do again after these deeds; none if the server does not know one of them.
    fn after(&self, deeds: &[Deed]) -> Option<(usize, usize)> {
        let step = |(undo, redo): (usize, usize), deed: &Deed| match deed {
            Deed::Mark(_) | Deed::Clear => Some((undo + 1, 0)),
            Deed::Undo => Some((undo.checked_sub(1)?, redo + 1)),
            Deed::Redo => Some((undo + 1, redo.checked_sub(1)?)),
            Deed::UnderWay(_) | Deed::Abort => Some((undo, redo)),
        };
        deeds.iter().try_fold((self.undo, self.redo), step)
    }
}

impl Studio {
    /// Whether these deeds can be told as they are. If not, the tiles that they changed are sent.
    pub fn can_tell(&self, deeds: &[Deed]) -> bool {
        let arrived = self.progress.is_synced() && self.sheet.current().is_some();
        let known = self.told.as_ref().is_some_and(|told| told.after(deeds).is_some());
        !deeds.is_empty() && arrived && known && self.link == LinkState::Socket
    }

    /// Tells deeds that can be told; `tiles` are all that look different since.
    pub(super) fn tell_deeds(
        &mut self,
        deeds: &[Deed],
        tiles: Vec<(u32, Digest)>,
        now: Time,
        out: &mut Vec<Effect>,
    ) {
        if tiles.is_empty() {
            return;
        }
        self.live.changed = true;
        self.sheet.set(tiles.iter().copied());
        let (Some(told), Some(manifest)) = (&mut self.told, self.sheet.say()) else { return };
        (told.undo, told.redo) = told.after(deeds).unwrap_or_default();
        let deeds_told = told.writer.write(deeds).into();
        self.sheet.tell(now);
        self.tell(client::Event::Strokes { deeds: deeds_told, manifest }, now, out);
        // What is under way is kept when it is done.
        if !matches!(deeds.last(), Some(Deed::UnderWay(_))) {
            out.push(Effect::KeepRaw(tiles));
        }
        self.send_due(now, out);
        self.follow(now, out);
    }

    /// Whether strokes led the server to a canvas that this page has not drawn.
    pub(super) fn is_elsewhere(&self, canvas: Digest) -> bool {
        self.told.is_some() && !self.sheet.has_said(canvas)
    }

    /// The server lost track of the strokes: the canvas itself, and what was asked of it.
    pub(super) fn astray(&mut self, now: Time, out: &mut Vec<Effect>) {
        self.told = None;
        self.say_canvas(now, out);
        if let (Some(request), None, Some(canvas)) = (self.job.request, self.job.id, self.job.canvas)
            && self.job.phase.is_active()
        {
            let spec = self.job.spec.clone();
            self.say(ClientMessage::Generate { request, canvas, spec }, now, out);
        }
        self.follow_again(now, out);
    }
}
