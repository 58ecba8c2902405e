//! The client's model: what is so, and what follows from what happens.

use super::ahead::{Ahead, Seen};
use super::live::Live;
use super::meter::Meter;
use super::news::News;
use super::older::Older;
use super::removal::Removals;
use super::silence::Silence;
use super::sketch::Sketch;
use super::strokes::Told;
use super::{Command, Effect, Event, Gallery, Looked, Preview, Run, Settings, Sheet, Zoom};
use canvas::Deed;
use link::{Client, LinkState, Progress, Time, Uploads, client, upload};
use wire::{ClientMessage, Digest, Family, FrameHeader, Job, JobId, Mask, ModelInfo, Problem};

/// What the person is shown of the way of the drawing to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sync {
    Synced,
    /// So many pieces are not at the server yet.
    Sending(usize),
    /// Nor are these, and none is under way: they are tried again.
    Failed(usize),
    /// The server does not take so many pieces.
    Refused(usize),
}

impl Sync {
    /// As the page's `data-state` says it.
    pub fn name(self) -> &'static str {
        match self {
            Sync::Synced => "synced",
            Sync::Sending(_) => "sending",
            Sync::Failed(_) | Sync::Refused(_) => "failed",
        }
    }
}

/// Everything that the page shows, and the state machines that talk to the server.
pub struct Studio {
    /// The drawing is restored and may be drawn on.
    pub ready: bool,
    pub settings: Settings,
    /// What is seen of the paper.
    pub zoom: Zoom,
    /// What makes this page's pictures; known once the server said hello.
    pub model: Option<ModelInfo>,
    /// The studio's own, and what there is beside it.
    pub(super) own: Option<ModelInfo>,
    pub(super) others: Vec<ModelInfo>,
    /// The finished pictures that were to be seen when a picture was asked for.
    pub(super) seen_before: Option<Looked>,
    /// What there is to be added to models of each family.
    pub(super) families: Vec<Family>,
    /// Why other files of the models folder are not offered.
    pub unusable: Vec<String>,
    pub link: LinkState,
    /// What is in the frame: a job, or a quick picture.
    pub job: Run,
    /// Jobs of this person that have not ended, beside that one; those that came first first.
    pub(super) line: Vec<Run>,
    /// What is looked at in place of the job.
    pub looking_at: Option<Looked>,
    pub kept: Gallery,
    /// They lie all over the page, to find one among many.
    pub spread: bool,
    pub(super) older: Older,
    pub(super) news: News,
    /// Removed a moment ago: the server has them yet.
    pub(super) removals: Removals,
    pub(super) silence: Silence,
    /// The finished pictures that are on the screen.
    pub hung: Vec<Digest>,
    /// A finished picture that could not be fetched.
    pub(super) lost: Option<Digest>,
    pub(super) sketch: Sketch,
    /// What was refused last, until the next try.
    pub refused: Option<Problem>,
    /// Why the last import did not work, or what is about to be laid onto the paper.
    pub import_note: Option<String>,
    pub can_undo: bool,
    pub can_redo: bool,
    /// The same of what is marked.
    pub(super) mask_steps: (bool, bool),
    /// The marks that were taken away last, until something else is done: undo brings them back.
    pub(super) unmasked: Option<Mask>,
    /// Marks that went with the drawing when the sheet was cleared, and whether that step was told of, after which the next one is
    /// another.
    pub(super) cleared: Option<(Mask, bool)>,
    /// Tiles that arrived at the server since the page was opened.
    pub sent_tiles: u32,
    pub(super) progress: Progress,
    pub(super) sheet: Sheet,
    /// Strokes that the server follows; none while it does not.
    pub(super) told: Option<Told>,
    /// What was told last is a stroke that is not finished.
    pub(super) under_way: bool,
    /// What is being coded came from the server.
    pub(super) fetched: bool,
    pub(super) client: Option<Client>,
    pub(super) uploads: Uploads,
    /// Every job that the server told of, for what its pictures were made from.
    pub(super) jobs: Vec<Job>,
    pub(super) visible: bool,
    pub(super) tile_ttl_ms: u64,
    /// The number of the latest job.
    pub(super) requests: u32,
    /// When the last job was finished in the frame.
    pub(super) finished: Option<Time>,
    /// When another job came into the frame by itself.
    pub(super) turned: Option<Time>,
    /// Requests that were taken back before they were admitted.
    pub(super) taken_back: Vec<u32>,
    pub(super) live: Live,
    pub(super) ahead: Ahead,
    pub(super) meter: Meter,
    /// Posted batches and how many tiles each has.
    pub(super) posted: Vec<(u32, u32)>,
}

impl Default for Studio {
    fn default() -> Self {
        Self {
            ready: false,
            settings: Settings::default(),
            zoom: Zoom::default(),
            model: None,
            own: None,
            others: Vec::new(),
            seen_before: None,
            families: Vec::new(),
            unusable: Vec::new(),
            link: LinkState::Connecting,
            job: Run::default(),
            line: Vec::new(),
            looking_at: None,
            kept: Gallery::default(),
            spread: false,
            older: Older::default(),
            news: News::default(),
            removals: Removals::default(),
            silence: Silence::default(),
            hung: Vec::new(),
            lost: None,
            sketch: Sketch::default(),
            refused: None,
            import_note: None,
            can_undo: false,
            can_redo: false,
            mask_steps: (false, false),
            unmasked: None,
            cleared: None,
            sent_tiles: 0,
            progress: Progress::default(),
            sheet: Sheet::default(),
            told: None,
            under_way: false,
            fetched: false,
            client: None,
            uploads: Uploads::new(0),
            jobs: Vec::new(),
            visible: true,
            tile_ttl_ms: 0,
            requests: 0,
            turned: None,
            finished: None,
            taken_back: Vec::new(),
            live: Live::default(),
            ahead: Ahead::default(),
            meter: Meter::default(),
            posted: Vec::new(),
        }
    }
}

impl Studio {
    /// Takes what happened into account and says what to do. `now` never goes back.
    pub fn update(&mut self, event: Event, now: Time) -> Vec<Effect> {
        let mut out = Vec::new();
        let seen = Seen::of(&event);
        match event {
            Event::Remembered(text) => {
                self.settings = Settings::from_text(&text);
                out.push(Effect::Theme(self.settings.theme));
            }
            Event::Start { person, viewer, chance, visible, online } => {
                self.visible = visible;
                self.live.name = Some(JobId(viewer.0));
                let attention = self.settings.attention(visible);
                let transport = self.settings.transport;
                self.uploads = Uploads::new(chance);
                self.client = Some(Client::new(person, viewer, attention, transport, chance));
                self.tell(client::Event::Start, now, &mut out);
                if !online {
                    self.tell(client::Event::Offline, now, &mut out);
                }
            }
            Event::Restored { paper, tiles, rest } => {
                self.paper_is(paper, &mut out);
                self.restored(tiles, &rest, now, &mut out);
                out.extend(self.settings.mask.clone().map(|mask| Effect::Mask(Some(mask))));
            }
            Event::Fetched => self.fetched = true,
            Event::Unsettled(text) => self.settle(&text, now, &mut out),
            Event::Drawn { paper, tiles, under_way, can_undo, can_redo } => {
                self.paper_is(paper, &mut out);
                self.under_way = under_way;
                (self.can_undo, self.can_redo) = (can_undo, can_redo);
                self.import_note = None;
                self.live.changed |= !tiles.is_empty();
                if !tiles.is_empty() {
                    if !under_way {
                        self.drew();
                    }
                    // What the server drew along is not what is drawn on now.
                    self.told = None;
                }
                self.code(&tiles, &mut out);
            }
            Event::Told { deeds, tiles, can_undo, can_redo } => {
                self.under_way = matches!(deeds.last(), Some(Deed::UnderWay(_)));
                if self.under_way {
                    self.measure_way(now, &mut out);
                }
                (self.can_undo, self.can_redo) = (can_undo, can_redo);
                self.import_note = None;
                let is_step = |deed: &Deed| !matches!(deed, Deed::UnderWay(_) | Deed::Abort);
                if !tiles.is_empty() && deeds.iter().any(is_step) {
                    self.drew();
                }
                self.tell_deeds(&deeds, tiles, now, &mut out);
            }
            Event::Coded { paper, tiles } => self.coded(paper, tiles, now, &mut out),
            Event::Canvas(Command::Abort) if self.spread => self.spread = false,
            Event::Canvas(Command::Abort) if self.settings.picking => self.settings.picking = false,
            Event::Canvas(Command::Abort) if !self.is_in_hand() && self.is_measuring() => {
                self.open_meter(false, now, &mut out);
            }
            Event::Canvas(Command::Abort) if !self.is_in_hand() && self.can_go_back() => {
                self.look(self.way_back(), &mut out);
            }
            // Paper that is not there yet brings its shape with it.
            Event::Canvas(Command::Cut(_)) if !self.ready => {}
            Event::TakeBack if self.is_removal_last() => self.bring_back(&mut out),
            Event::TakeBack | Event::Canvas(Command::Undo) if self.can_mark_again() => {
                out.push(Effect::Mask(self.unmasked.take()));
            }
            Event::TakeBack => {
                self.mark_with_sheet(&mut out);
                // What is taken back is told of as a step, too.
                self.stepped_since_removal(-2);
                out.push(Effect::Canvas(Command::Undo));
            }
            Event::Canvas(command) => {
                // On a clean sheet nothing is marked.
                let is_mask =
                    command == Command::Clear && !self.settings.masking && self.settings.mask.is_some();
                if is_mask {
                    self.cleared =
                        self.settings.mask.clone().filter(|_| !self.is_blank()).map(|mask| (mask, false));
                    out.push(Effect::Mask(None));
                }
                if command == Command::Undo {
                    self.mark_with_sheet(&mut out);
                }
                out.push(Effect::Canvas(command));
            }
            Event::Zoom(zoom) => self.zoom = zoom,
            Event::ImportFailed(why) => self.import_note = Some(why),
            Event::Generate { chance } => self.generate(chance, now, &mut out),
            Event::Keep => self.keep(now, &mut out),
            Event::Cancel => self.cancel(now, &mut out),
            Event::Look(_) | Event::Watch(_) => {
                let was_spread = std::mem::take(&mut self.spread);
                match event {
                    Event::Watch(number) => self.watch(number, &mut out),
                    Event::Look(at) => self.look(at, &mut out),
                    _ => {}
                }
                out.extend(was_spread.then_some(Effect::RevealLooked));
            }
            Event::Restore => self.restore(&mut out),
            Event::Remove => self.remove(now, &mut out),
            Event::Cull => self.cull(now, &mut out),
            Event::RemovalDue => self.remove_for_good(now, &mut out),
            Event::SilenceDue => self.silence_due(now, &mut out),
            Event::BringBack => self.bring_back(&mut out),
            Event::TakeUp => self.take_up(&mut out),
            Event::DrawAgain => self.draw_again(&mut out),
            Event::SketchCame(canvas) => self.sketch_came(canvas),
            Event::SketchLost(canvas) => self.sketch_is_lost(canvas),
            Event::Spread(spread) => self.spread = spread,
            Event::AskOlder => self.ask_older(&mut out),
            Event::OlderCame { until_ms, older } => self.older_came(until_ms, older),
            Event::Painted(FrameHeader { job, step, sequence, made_us, .. }) => {
                self.meter.painted(made_us, now);
                if self.job.id == Some(job) {
                    self.job.painted_step = step.max(self.job.painted_step);
                    self.job.frames += 1;
                }
                self.tell(client::Event::Drawn { sequence }, now, &mut out);
            }
            Event::Herald { job, picture } => self.herald(job, picture, &mut out),
            Event::Dropped { sequence } => {
                self.meter.dropped();
                self.tell(client::Event::Drawn { sequence }, now, &mut out);
            }
            Event::Measure(open) => self.open_meter(open, now, &mut out),
            Event::MeterDue => self.measure(now, &mut out),
            Event::Rested => {}
            Event::Hung(digests) => {
                self.lost = self.lost.filter(|lost| !digests.contains(lost));
                self.hung = if digests == self.hanging() { digests } else { Vec::new() };
                self.saw_what_hangs();
            }
            Event::Lost(digest) => self.lost = Some(digest),
            Event::Link(event) => {
                self.meter.heard(&event);
                if event == client::Event::Online {
                    self.upload(upload::Event::Online, now, &mut out);
                }
                if event == client::Event::PageHide {
                    self.remove_for_good(now, &mut out);
                    out.push(Effect::KeepUnsettled(self.unsettled()));
                }
                self.tell(event, now, &mut out);
            }
            Event::Upload(event) => self.upload(event, now, &mut out),
            Event::Visible(visible) => {
                self.visible = visible;
                // A page that nobody sees may be ended without a word.
                out.push(Effect::KeepUnsettled(self.unsettled().filter(|_| !visible)));
                let event = if visible { client::Event::Visible } else { client::Event::Hidden };
                self.tell(event, now, &mut out);
                self.attend(now, &mut out);
                if visible {
                    self.news.ended = None;
                    self.saw_what_hangs();
                    self.measure(now, &mut out);
                    self.follow_again(now, &mut out);
                }
            }
            chosen => self.choose(chosen, now, &mut out),
        }
        self.underdraw(&mut out);
        self.look_ahead(seen, now, &mut out);
        out
    }

    /// Gives the connection an event and does what follows.
    pub(super) fn tell(&mut self, event: client::Event, now: Time, out: &mut Vec<Effect>) {
        let Some(client) = &mut self.client else {
            return;
        };
        for effect in client.handle(event, now) {
            self.meter.sent(carried(&effect));
            match effect {
                client::Effect::OpenSocket => out.push(Effect::OpenSocket),
                client::Effect::CloseSocket => out.push(Effect::CloseSocket),
                client::Effect::SendText(text) => out.push(Effect::SendText(text)),
                client::Effect::SendBytes(bytes) => out.push(Effect::SendBytes(bytes)),
                client::Effect::Poll(seen) => out.push(Effect::Poll(seen)),
                client::Effect::Post(said) => out.push(Effect::Post(said)),
                client::Effect::Timer { at } => out.push(Effect::LinkTimer(at)),
                client::Effect::Fact(fact) => self.fact(*fact, now, out),
                client::Effect::Latents(latents) => self.preview(Preview::Latents(latents), now, out),
                client::Effect::Picture(frame) => self.picture(frame, now, out),
                client::Effect::State(state) => {
                    let was_connected = self.is_connected();
                    self.link = state;
                    self.fetch_again(was_connected, out);
                    self.follow(now, out);
                }
            }
        }
    }

    /// Says a message, now or as soon as there is a connection.
    pub(super) fn say(&mut self, message: ClientMessage, now: Time, out: &mut Vec<Effect>) {
        self.tell(client::Event::Say(message), now, out);
    }

    /// Whether the server hears this page now.
    pub(super) fn is_connected(&self) -> bool {
        matches!(self.link, LinkState::Socket | LinkState::Polling)
    }

    /// Once the server is there again, a picture that has not come is worth another try.
    fn fetch_again(&mut self, was_connected: bool, out: &mut Vec<Effect>) {
        let hanging = self.hanging();
        let is_lost = self.lost.is_some_and(|lost| hanging.contains(&lost));
        let is_late = !was_connected && hanging != self.hung;
        if self.is_connected() && (is_lost || is_late) {
            out.push(Effect::HangAgain(hanging));
        }
    }
}

/// Bytes that the connection sends by doing this.
fn carried(effect: &client::Effect) -> usize {
    match effect {
        client::Effect::SendText(text) => text.len(),
        client::Effect::SendBytes(bytes) => bytes.len(),
        client::Effect::Post(said) => said.messages.iter().map(|message| message.to_text().len()).sum(),
        _ => 0,
    }
}
