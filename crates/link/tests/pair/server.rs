//! A server of one job that never ends, made of viewers: enough to see what arrives of it.

use link::{Attached, Outgoing, Preview, Time, Viewer};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use wire::{
    Attention, ClientMessage, Digest, Fact, FrameFormat, FrameHeader, Hello, Job, JobId, JobState, JobView,
    LatentPreview, ModelInfo, PollAnswer, Seen, Snapshot, Spec, ViewerId, limits::FRAMES_IN_FLIGHT,
};

pub const TOTAL: u16 = 60_000;
pub const JOB: JobId = JobId(*b"endless!");

#[derive(Default)]
pub struct Server {
    viewers: HashMap<ViewerId, Viewer>,
    sockets: BTreeMap<u32, Option<ViewerId>>,
    /// Frames sent and not acknowledged on each socket, by sequence.
    unacknowledged: BTreeMap<u32, Vec<u64>>,
    /// Facts told so far: each step is one.
    pub step: u16,
    pub sequence: u64,
    pub frames_made: u64,
    pub newest_frame: Option<(u64, u16)>,
    pub frames_while_hidden: u64,
    /// What was made of each request; outlives a restart, as accepted jobs do.
    pub jobs: BTreeMap<(ViewerId, u32), u32>,
    pub canvases: Vec<u32>,
    /// Names of streams given so far; outlives a restart, as what is drawn at random does.
    streams: u32,
}

impl Server {
    pub fn restart(&mut self) {
        self.viewers.clear();
        self.sockets.clear();
        self.unacknowledged.clear();
        self.canvases.clear();
        self.sequence = 0;
        self.newest_frame = None;
    }

    pub fn forget_the_gone(&mut self, now: Time) {
        self.viewers.retain(|_, viewer| !viewer.is_expired(now));
    }

    pub fn open(&mut self, socket: u32) {
        self.sockets.insert(socket, None);
    }

    pub fn close(&mut self, socket: u32) {
        self.unacknowledged.remove(&socket);
        if let Some(Some(viewer)) = self.sockets.remove(&socket)
            && !self.sockets.values().any(|bound| *bound == Some(viewer))
            && let Some(viewer) = self.viewers.get_mut(&viewer)
        {
            viewer.detach();
        }
    }

    pub fn hear(&mut self, socket: u32, text: &str, now: Time) {
        let message = ClientMessage::parse(text).expect("clients speak the protocol");
        if let ClientMessage::Hello(hello) = &message {
            self.unbind(hello.viewer);
            self.sockets.insert(socket, Some(hello.viewer));
            self.unacknowledged.insert(socket, Vec::new());
        }
        if let ClientMessage::Ack { sequence } = &message
            && let Some(sent) = self.unacknowledged.get_mut(&socket)
        {
            sent.retain(|other| other > sequence);
        }
        let bound = self.sockets.get(&socket).copied().flatten();
        if let Some(viewer) = bound {
            self.take(viewer, message, now);
        }
    }

    /// Something is said outside a socket.
    pub fn hear_post(&mut self, viewer: ViewerId, message: ClientMessage, now: Time) {
        if let ClientMessage::Hello(hello) = &message {
            self.unbind(hello.viewer);
        } else if self.sockets.values().any(|bound| *bound == Some(viewer)) {
            // It is late: hello said all of it that still counts.
            return;
        }
        self.take(viewer, message, now);
    }

    /// A page has one connection: the one that said hello last.
    fn unbind(&mut self, viewer: ViewerId) {
        self.sockets.values_mut().filter(|bound| **bound == Some(viewer)).for_each(|bound| *bound = None);
    }

    fn take(&mut self, id: ViewerId, message: ClientMessage, now: Time) {
        if let ClientMessage::Hello(hello) = message {
            return self.hello(&hello, now);
        }
        let Some(viewer) = self.viewers.get_mut(&id) else { return };
        viewer.heard(now);
        match message {
            ClientMessage::Attention(attention) => viewer.set_attention(attention),
            ClientMessage::Ack { sequence } => drop(viewer.ack(sequence, now)),
            ClientMessage::Ping { sent } => {
                let pong = Fact::Pong { sent, clock_us: 0, conflated: 0, made: 0, encoded: 0, decoded: 0 };
                viewer.pong(pong.to_text().into());
            }
            ClientMessage::Canvas { manifest } => self.canvases.push(manifest.width()),
            ClientMessage::Generate { request, .. } => {
                assert!(!self.canvases.is_empty(), "a generate comes after its canvas");
                self.jobs.entry((id, request)).or_insert(1);
                let fact = Fact::Accepted { job: job(), request: Some(request) };
                viewer.fact(fact.to_text().into());
                // Facts of the job are counted by its steps; this one is counted too.
                self.step += 1;
            }
            _ => {}
        }
    }

    fn hello(&mut self, hello: &Hello, now: Time) {
        self.streams += 1;
        let viewer = self.viewers.entry(hello.viewer).or_default();
        viewer.heard(now);
        let fresh = viewer.attach(hello, self.streams) == Attached::Fresh;
        let stream = viewer.stream();
        let snapshot = fresh.then(|| snapshot(self.step));
        let welcome: Arc<str> = Fact::Welcome { stream, fresh, snapshot }.to_text().into();
        viewer.welcome(welcome);
        if let Some((sequence, step)) = self.newest_frame.filter(|_| fresh) {
            viewer.preview(frame(sequence, step), now);
        }
    }

    /// A step ends: a fact for everyone, and a preview if someone wants it.
    pub fn tick(&mut self, now: Time) {
        self.step += 1;
        let fact: Arc<str> =
            Fact::Step { job: JOB, step: self.step, total: TOTAL, step_ms: 40.0 }.to_text().into();
        let wanted = self.viewers.values().any(|viewer| viewer.wants_step(self.step, TOTAL));
        self.viewers.values_mut().for_each(|viewer| viewer.fact(fact.clone()));
        if wanted {
            self.sequence += 1;
            self.frames_made += 1;
            self.newest_frame = Some((self.sequence, self.step));
            let frame = frame(self.sequence, self.step);
            self.viewers.values_mut().for_each(|viewer| viewer.preview(frame.clone(), now));
        }
    }

    /// What each socket is to carry now.
    pub fn pump(&mut self, now: Time) -> Vec<(u32, Outgoing)> {
        let mut out = Vec::new();
        for (&socket, viewer) in &self.sockets {
            let Some(viewer) = viewer.and_then(|id| self.viewers.get_mut(&id)) else { continue };
            while let Some(outgoing) = viewer.next(now) {
                if let Outgoing::Frame(frame) = &outgoing {
                    let unacknowledged = self.unacknowledged.entry(socket).or_default();
                    unacknowledged.push(frame.header().sequence);
                    assert!(unacknowledged.len() <= FRAMES_IN_FLIGHT, "too many frames under way");
                    self.frames_while_hidden += u64::from(!viewer.attention().wants_previews());
                }
                out.push((socket, outgoing));
            }
        }
        out
    }

    pub fn alive(&self) -> impl Iterator<Item = u32> + '_ {
        self.sockets.iter().filter(|(_, viewer)| viewer.is_some()).map(|(&socket, _)| socket)
    }

    /// `None`: not known (404). `Some(None)`: nothing to say yet.
    pub fn poll(&mut self, id: ViewerId, seen: Seen, hold: bool, now: Time) -> Option<Option<PollAnswer>> {
        if self.sockets.values().any(|bound| *bound == Some(id)) {
            return None;
        }
        // One whose socket ended has to say hello, or it would count by a stream that it was not told of.
        let viewer = self.viewers.get_mut(&id).filter(|viewer| viewer.is_attached())?;
        viewer.heard(now);
        let answer = viewer.poll(seen, now)?.answer();
        Some((!(answer.is_empty() && hold)).then_some(answer))
    }

    pub fn attention(&self, id: ViewerId) -> Option<Attention> {
        self.viewers.get(&id).map(Viewer::attention)
    }
}

fn snapshot(step: u16) -> Snapshot {
    let preview = LatentPreview { width: 1, height: 1, matrix: [vec![], vec![], vec![]], offset: [0.0; 3] };
    let state = JobState::Running { step, total: TOTAL, step_ms: 40.0, preview };
    let model = ModelInfo {
        id: String::new(),
        name: "none".into(),
        defaults: Spec::default(),
        sketch_conditioned: true,
        device: "none".into(),
        styles: vec![],
        live: None,
        family: 0,
    };
    Snapshot {
        model,
        models: Vec::new(),
        families: Vec::new(),
        unusable: Vec::new(),
        jobs: vec![JobView { job: job(), state }],
        tile_ttl_s: 300,
    }
}

fn job() -> Job {
    Job { id: JOB, canvas: Digest([0; 16]), spec: Spec::default(), created_ms: 0 }
}

fn frame(sequence: u64, step: u16) -> Preview {
    let header = FrameHeader {
        format: FrameFormat::Latent,
        channels: 1,
        picture: 0,
        step,
        total: TOTAL,
        width: 8,
        height: 8,
        base: 0,
        sequence,
        job: JOB,
        made_us: 0,
    };
    Preview::latents(header, values(step)).expect("as many values as positions")
}

/// What is predicted after this step: something else each time, but not in all places.
pub fn values(step: u16) -> Vec<u8> {
    let noise = |step: u16, at: u16| (step.wrapping_add(at).wrapping_mul(40_503) >> 8) as u8;
    (0..64).map(|at| if at % 8 < 2 { noise(step, at) } else { noise(step / 64, at) }).collect()
}
