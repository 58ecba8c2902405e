//! The studio as a page drives it, on a time of its own. One file a promise.

mod ahead;
mod decoding;
mod drawing;
mod easel;
mod heralds;
mod jobs;
mod keys;
mod line;
mod live;
mod mask;
mod meter;
mod models;
mod news;
mod older;
mod previews;
mod removal;
mod settings;
mod shape;
mod sketch;
mod strokes;
mod unsettled;
mod variations;
mod words;
mod zoom;

use super::{Effect, Event, Paper, Shape, Studio, code_tiles};
use link::{Time, client};
use wire::{
    ClientMessage, Digest, Fact, Family, Frame, FrameFormat, FrameHeader, Job, JobId, JobState, JobView,
    LatentPreview, LiveInfo, ModelInfo, PersonToken, Picture, Seed, Snapshot, Spec, TileBatch, ViewerId,
};

/// A page with a socket, and a memory of what it said and did.
struct Page {
    studio: Studio,
    now: Time,
    facts: u64,
    said: Vec<ClientMessage>,
    done: Vec<Effect>,
    /// How fast the server draws along.
    live_ms: Option<f32>,
    /// Models that it has beside its own.
    others: Vec<ModelInfo>,
    families: Vec<Family>,
}

impl Page {
    /// An open page that has just been restored with a blank drawing, before any welcome.
    fn asleep() -> Self {
        let mut page = Self {
            studio: Studio::default(),
            now: 1,
            facts: 0,
            said: Vec::new(),
            done: Vec::new(),
            live_ms: None,
            others: Vec::new(),
            families: Vec::new(),
        };
        page.happen(Event::Start {
            person: PersonToken([1; 16]),
            viewer: ViewerId([2; 8]),
            chance: 7,
            visible: true,
            online: true,
        });
        page.happen(Event::Restored {
            paper: Paper::usual(Shape::Square),
            tiles: Vec::new(),
            rest: (0..64).collect(),
        });
        page
    }

    /// The same, coded, connected and welcomed.
    fn open() -> Self {
        let mut page = Self::asleep();
        page.code(255);
        page.welcome(Vec::new());
        page
    }

    fn happen(&mut self, event: Event) {
        self.now += 1;
        for effect in self.studio.update(event, self.now) {
            if let Effect::SendText(text) = &effect {
                self.said.push(ClientMessage::parse(text).expect("the page speaks the protocol"));
            }
            self.done.push(effect);
        }
    }

    fn welcome(&mut self, jobs: Vec<JobView>) {
        self.happen(Event::Link(client::Event::SocketOpened));
        let defaults = Spec { steps: 12, strength: 0.8, ..Spec::default() };
        let model = ModelInfo {
            id: String::new(),
            name: "small".into(),
            defaults,
            sketch_conditioned: true,
            device: "CPU, 2 threads".into(),
            styles: vec!["ink".into(), "pastel".into()],
            live: self.live_ms.map(|picture_ms| LiveInfo { steps: 4, picture_ms }),
            family: 0,
        };
        let snapshot = Some(Snapshot {
            model,
            models: self.others.clone(),
            families: self.families.clone(),
            unusable: Vec::new(),
            jobs,
            tile_ttl_s: 300,
        });
        self.hear(0, &Fact::Welcome { stream: 1, fresh: true, snapshot });
    }

    fn hear(&mut self, n: u64, fact: &Fact) {
        let text = wire::numbered_text(n, &fact.to_text());
        self.happen(Event::Link(client::Event::SocketText(text)));
    }

    fn fact(&mut self, fact: &Fact) {
        self.facts += 1;
        self.hear(self.facts, fact);
    }

    /// Does the work that was given to the coder, on tiles of one grey.
    fn code(&mut self, grey: u8) {
        let given: Vec<Vec<u32>> = self.take(|effect| match effect {
            Effect::Code(tiles) => Some(tiles.clone()),
            _ => None,
        });
        for tiles in given {
            let coded = code_tiles(&vec![grey; tiles.len() * canvas::TILE_BYTES]);
            let batch = TileBatch::parse(coded).unwrap().0;
            let tiles = tiles.into_iter().zip(batch).map(|(index, (digest, coded))| (index, digest, coded));
            self.happen(Event::Coded { paper: self.studio.sheet.paper(), tiles: tiles.collect() });
        }
    }

    /// Draws on these tiles until they are of one grey.
    fn draw(&mut self, tiles: &[u32], grey: u8) {
        self.happen(drawn(Shape::Square, tiles.to_vec(), false));
        self.code(grey);
    }

    /// Everything done so far of one kind, each only once.
    fn take<T>(&mut self, kind: impl Fn(&Effect) -> Option<T>) -> Vec<T> {
        let taken = self.done.iter().filter_map(&kind).collect();
        self.done.retain(|effect| kind(effect).is_none());
        taken
    }

    /// The canvases that were named in messages, in order.
    fn canvases(&self) -> Vec<Digest> {
        let named = self.said.iter().filter_map(|message| match message {
            ClientMessage::Canvas { manifest } => Some(Digest(canvas::digest(&manifest.canonical()))),
            _ => None,
        });
        named.collect()
    }

    /// What was asked for: the canvas and the settings.
    fn asked(&self) -> Vec<(u32, Digest, Spec)> {
        let asked = self.said.iter().filter_map(|message| match message {
            ClientMessage::Generate { request, canvas, spec } => Some((*request, *canvas, spec.clone())),
            _ => None,
        });
        asked.collect()
    }

    /// Asks for a picture; the server admits it as `job`.
    fn generate(&mut self, job: u8) {
        self.happen(Event::Generate { chance: 99 });
        self.admit(job);
    }

    /// The server admits as `job` what was asked for last.
    fn admit(&mut self, job: u8) {
        let (request, canvas, spec) = self.asked().pop().expect("the request went out");
        let job = Job { id: JobId([job; 8]), canvas, spec, created_ms: 0 };
        self.fact(&Fact::Accepted { job, request: Some(request) });
    }

    fn start(&mut self, job: u8) {
        self.fact(&Fact::Started { job: JobId([job; 8]), preview: grey_map() });
    }

    fn finish(&mut self, job: u8) {
        let pictures = vec![picture(job)];
        self.fact(&Fact::Finished { job: JobId([job; 8]), pictures, took_ms: 900.0 });
    }

    /// Welcomed afresh by a server that knows what this page shows.
    fn welcome_again(&mut self) {
        let shown = &self.studio.job;
        let job = Job {
            id: shown.id.expect("it was admitted"),
            canvas: Digest([0; 16]),
            spec: shown.spec.clone(),
            created_ms: 0,
        };
        let state = JobState::Finished { pictures: shown.pictures().to_vec(), took_ms: 900.0 };
        self.welcome(vec![JobView { job, state }]);
    }

    fn preview(&mut self, job: u8, step: u16, sequence: u64) {
        let bytes = frame(job, step, sequence).bytes().clone();
        self.happen(Event::Link(client::Event::SocketFrame(bytes)));
    }
}

/// These tiles changed, of paper of this shape.
fn drawn(shape: Shape, tiles: Vec<u32>, under_way: bool) -> Event {
    Event::Drawn { paper: Paper::usual(shape), tiles, under_way, can_undo: true, can_redo: false }
}

/// The picture that `job` ends with.
fn picture(job: u8) -> Picture {
    Picture { digest: Digest([job; 16]), width: 256, height: 256, seed: Seed(1) }
}

/// One channel of latents that is the brightness.
fn grey_map() -> LatentPreview {
    let row = || vec![1.0];
    LatentPreview { width: 2, height: 2, matrix: [row(), row(), row()], offset: [0.0; 3] }
}

fn frame(job: u8, step: u16, sequence: u64) -> Frame {
    let header = FrameHeader {
        format: FrameFormat::Latent,
        channels: 1,
        picture: 0,
        step,
        total: 12,
        width: 2,
        height: 2,
        base: 0,
        sequence,
        job: JobId([job; 8]),
        made_us: 0,
    };
    Frame::new(header, &wire::latents::encode(&[0, 64, 128, 255], None, 2, 2, wire::latents::FINE)).unwrap()
}
