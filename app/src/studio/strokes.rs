//! The drawing on its way to the server, stroke by stroke: the server draws them again.

use super::{Effect, Studio};
use canvas::{Deed, stream::Writer};
use link::{LinkState, Time, client};
use wire::{Digest, limits::STROKES_MAX};

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
            Deed::Mark(_) | Deed::Fill(_) | Deed::Clear => Some((undo + 1, 0)),
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
        let name = |studio: &Self| studio.sheet.current().map(|named| named.digest);
        let before = name(self);
        self.sheet.set(tiles.iter().copied());
        // A finger that became one of two left nothing.
        self.live.changed |= name(self) != before;
        let needed = self.canvases_in_need();
        let (Some(told), Some(manifest)) = (&mut self.told, self.sheet.say(&needed)) else { return };
        (told.undo, told.redo) = told.after(deeds).unwrap_or_default();
        let written = told.writer.write(deeds);
        if written.len() > STROKES_MAX {
            self.say_canvas(now, out);
        } else {
            self.sheet.tell(now);
            self.meter.saved(tiles.len());
            self.tell(client::Event::Strokes { deeds: written.into(), manifest }, now, out);
        }
        self.send_due(now, out);
        self.follow(now, out);
        // What is under way is kept when it is done.
        if !self.under_way {
            out.push(Effect::KeepRaw(tiles));
        }
    }

    /// Whether strokes led the server to a canvas that this page has not drawn.
    pub(super) fn is_elsewhere(&self, canvas: Digest) -> bool {
        self.told.is_some() && !self.sheet.has_said(canvas)
    }

    /// The server lost track of the strokes: the canvas itself, and what was asked of it, of the drawing as it
    /// is now.
    pub(super) fn astray(&mut self, now: Time, out: &mut Vec<Effect>) {
        self.told = None;
        self.sheet.forget();
        for run in self.runs_mut().filter(|run| run.is_unanswered()) {
            run.canvas = None;
        }
        if self.has_due() {
            // Says the canvas too, as soon as it has a name.
            self.send_due(now, out);
        } else {
            self.say_canvas(now, out);
        }
        self.follow_again(now, out);
    }
}
