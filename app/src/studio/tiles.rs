//! The drawing on its way to the server.

use super::strokes::Told;
use super::{CODED_AT_ONCE, Effect, Paper, Run, Studio, Sync, Zoom};
use bytes::Bytes;
use link::{Progress, Time, client, upload};
use wire::{ClientMessage, Code, Digest, Manifest, Problem};

impl Studio {
    /// The drawing is back from the last visit. `rest` are the tiles that were not kept.
    pub(super) fn restored(
        &mut self,
        tiles: Vec<(u32, Digest)>,
        rest: &[u32],
        now: Time,
        out: &mut Vec<Effect>,
    ) {
        self.ready = true;
        self.sheet.set(tiles);
        self.code(rest, out);
        self.say_canvas(now, out);
    }

    /// This is the paper now, and the next picture has its shape.
    pub(super) fn paper_is(&mut self, paper: Paper, out: &mut Vec<Effect>) {
        self.sheet.change_paper(paper);
        let shape = paper.shape();
        if self.settings.shape != shape {
            // Other paper is for drawing: what is in hand then can take the cut back.
            (self.settings.shape, self.settings.masking) = (shape, false);
            self.zoom = Zoom::default();
            out.push(Effect::Remember(self.settings.to_text()));
        }
    }

    /// Has tiles compressed and hashed.
    pub(super) fn code(&mut self, tiles: &[u32], out: &mut Vec<Effect>) {
        out.extend(self.sheet.change(tiles).into_iter().map(Effect::Code));
    }

    pub(super) fn coded(
        &mut self,
        paper: Paper,
        tiles: Vec<(u32, Digest, Bytes)>,
        now: Time,
        out: &mut Vec<Effect>,
    ) {
        // Tiles of what the paper was before are nowhere on it.
        let tiles = if paper == self.sheet.paper() { tiles } else { Vec::new() };
        self.sheet.coded(tiles.iter().map(|(index, digest, _)| (*index, *digest)));
        if self.fetched {
            // Whatever it lacks nevertheless it asks for when it hears of the canvas.
            let here = tiles.iter().map(|(_, digest, _)| *digest).collect();
            self.upload(upload::Event::Here(here), now, out);
            self.fetched = self.sheet.is_coding();
        }
        let coded = tiles.iter().map(|(_, digest, bytes)| (*digest, bytes.clone())).collect();
        self.upload(upload::Event::Changed(coded), now, out);
        if self.has_due() {
            self.send_due(now, out);
        } else {
            self.say_canvas(now, out);
            self.follow(now, out);
        }
        out.push(Effect::Keep(tiles));
    }

    /// Tells the server which canvas a click would name.
    pub(super) fn say_canvas(&mut self, now: Time, out: &mut Vec<Effect>) {
        if let Some(manifest) = self.sheet.say(&self.canvases_in_need()) {
            // Of a photograph that was taken back again nothing more need go, unless a picture is made of it.
            if !self.is_busy() {
                self.upload(upload::Event::Wanted(manifest.tiles().to_vec()), now, out);
            }
            // Strokes from now on begin there, unless half of one is in it.
            self.told = (!self.under_way).then(Told::default);
            self.say(ClientMessage::Canvas { manifest }, now, out);
        }
    }

    /// Those that pictures are still to be made of.
    pub(super) fn canvases_in_need(&self) -> Vec<Digest> {
        self.runs().filter(|run| run.phase.is_active()).filter_map(|run| run.canvas).collect()
    }

    /// A picture of this drawing was asked for. Strokes that told of it may be lost, or the server have let go of what it drew
    /// along, and the hand be over it when it asks: what was never coded is, to be sent then.
    pub(super) fn hold(&mut self, manifest: &Manifest, out: &mut Vec<Effect>) {
        let mut lacking = manifest.tiles().to_vec();
        lacking.retain(|tile| !self.uploads.has(tile));
        lacking.sort_unstable();
        lacking.dedup();
        let places = self.sheet.places(&lacking);
        out.extend(places.chunks(CODED_AT_ONCE).map(|places| Effect::Hold(places.to_vec())));
    }

    /// The server lacks tiles of this canvas. Jobs that need one that is nowhere any more are given up.
    pub(super) fn lacks(&mut self, canvas: Digest, lacking: &[Digest], now: Time, out: &mut Vec<Effect>) {
        let is_here = |tile: &Digest| self.uploads.has(tile) || !self.sheet.places(&[*tile]).is_empty();
        if lacking.iter().all(is_here) {
            return;
        }
        let waits = |run: &&Run| run.canvas == Some(canvas) && run.phase.is_active();
        let lost: Vec<_> = self.runs().filter(waits).filter_map(|run| run.id).collect();
        for job in lost {
            self.say(ClientMessage::Cancel { job }, now, out);
            let message = "Part of the drawing did not reach the server, and was drawn over since. Press Generate for a \
                           picture of what is there now.";
            self.refused = Some(Problem::new(Code::NotFound, message));
        }
    }

    /// Gives the uploads an event and does what follows.
    pub(super) fn upload(&mut self, event: upload::Event, now: Time, out: &mut Vec<Effect>) {
        let arrived = matches!(event, upload::Event::Answered { .. });
        match &event {
            upload::Event::Answered { batch, .. } => self.sent_tiles += self.take_posted(*batch),
            upload::Event::Failed { batch } => {
                self.take_posted(*batch);
            }
            _ => {}
        }
        for effect in self.uploads.handle(event, now) {
            match effect {
                upload::Effect::Post { batch, tiles } => {
                    self.posted.push((batch, tiles.0.len() as u32));
                    self.meter.sent(tiles.0.iter().map(|(_, coded)| coded.len()).sum());
                    out.push(Effect::PostTiles { batch, tiles });
                }
                upload::Effect::Timer { at } => out.push(Effect::UploadTimer(at)),
                upload::Effect::Progress(progress) => self.progress = progress,
                upload::Effect::Recode(digests) => {
                    let places = self.sheet.places(&digests);
                    self.code(&places, out);
                }
            }
        }
        if arrived && !self.is_connected() {
            // What goes for tiles goes for all else.
            self.tell(client::Event::Online, now, out);
        }
        let Progress { queued, in_flight, failed, .. } = self.progress;
        if arrived && queued + in_flight + failed == 0 && !self.is_confirmed() {
            // The last answer about this drawing named tiles that have come since.
            self.say_canvas(now, out);
        }
    }

    /// Whether the server said that it has all of the drawing as it is now.
    fn is_confirmed(&self) -> bool {
        self.sheet.is_confirmed(0, u64::MAX)
    }

    /// Forgets a posted batch; returns how many tiles it had.
    fn take_posted(&mut self, batch: u32) -> u32 {
        let at = self.posted.iter().position(|(posted, _)| *posted == batch);
        at.map_or(0, |at| self.posted.swap_remove(at).1)
    }

    /// How far the drawing is on its way.
    pub fn sync(&self) -> Sync {
        let pieces = self.progress.queued + self.progress.in_flight + self.progress.failed;
        if self.progress.failed > 0 && self.progress.in_flight == 0 {
            Sync::Failed(pieces)
        } else if pieces == 0 && self.progress.refused > 0 {
            Sync::Refused(self.progress.refused)
        } else if pieces > 0 || self.sheet.is_coding() || !self.is_confirmed() {
            Sync::Sending(pieces)
        } else {
            Sync::Synced
        }
    }

    /// The same in words that hold while a stroke is told in parts: it is not done, so nothing of it is late.
    pub fn sync_told(&self) -> Sync {
        match self.sync() {
            Sync::Sending(_) if self.under_way => Sync::Synced,
            sync => sync,
        }
    }

    /// Share of the bytes under way that have arrived, 0 to 1, while there are any.
    pub fn sent_share(&self) -> Option<f32> {
        let progress = &self.progress;
        (progress.queued + progress.in_flight > 0 && progress.total_bytes > 0)
            .then(|| progress.sent_bytes as f32 / progress.total_bytes as f32)
    }
}
