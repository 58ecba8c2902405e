//! The messages: what a client says, and the facts that the server tells.

use crate::{Digest, JobId, Manifest, PersonToken, Problem, Spec, ViewerId};
use serde::{Deserialize, Serialize};

/// What a page said and had no answer to, as the next one reads it that says it again.
#[derive(Debug, Clone, PartialEq)]
pub enum Unsettled {
    Generate { request: u32, spec: Spec },
    Cancel { job: JobId },
    Remove { picture: Digest },
}

/// What a viewer says, as one JSON text each.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientMessage {
    /// Always first on a connection.
    Hello(Hello),
    /// What this viewer wants to see from now on; may change while a job runs.
    Attention(Attention),
    /// A canvas that a `generate` may name. The server answers `canvas` with what it lacks.
    Canvas { manifest: Manifest },
    /// Make pictures of a canvas. Admitted at once, also when tiles are still under way: the
    /// job starts when the last one lands. `request` is the viewer's own number, echoed.
    Generate { request: u32, canvas: Digest, spec: Spec },
    /// Show what this canvas would become, in a few quick steps. Replaces what this viewer asked so
    /// before. The answer is a JPEG frame that bears the viewer's id as its job; nothing is kept.
    Live { canvas: Digest, spec: Spec },
    /// A `generate` of this may follow: what it needs of the drawing and the words may be made ahead, if there is
    /// nothing better to do. Replaces what anybody said so before, and has no answer. Without a canvas it is the one
    /// that this viewer's strokes led to.
    Prepare {
        #[serde(skip_serializing_if = "Option::is_none")]
        canvas: Option<Digest>,
        spec: Spec,
    },
    /// Stop a job at the end of the step that runs.
    Cancel { job: JobId },
    /// Take a finished picture of this person away for good, its file too.
    Remove { picture: Digest },
    /// Follow somebody's job; its address is all one needs.
    Watch { job: JobId },
    /// All frames up to `sequence` have been drawn or dropped by this viewer.
    Ack { sequence: u64 },
    /// How long is the way, and what is the time? Answered by `pong`, with `sent` as it was given.
    Ping { sent: u64 },
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hello {
    /// [`crate::PROTOCOL`].
    pub protocol: u8,
    pub person: PersonToken,
    pub viewer: ViewerId,
    /// The stream that this viewer counts facts by, as its last fresh `welcome` named it; 0 for none.
    pub stream: u32,
    /// Number of the last fact of that stream that it has seen; 0 for none.
    pub last: u64,
    pub attention: Attention,
}

/// What a viewer wants to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Attention {
    /// Whether its page is on a screen.
    pub visible: bool,
    /// Whether it wants previews also while it is not.
    pub background: bool,
    /// A preview every so many steps; 0 for none.
    pub every: u16,
    pub format: PreviewFormat,
}

impl Attention {
    /// Whether pictures are of use to this viewer now.
    pub fn is_looking(&self) -> bool {
        self.visible || self.background
    }

    /// Whether this viewer is to be shown previews of jobs now.
    pub fn wants_previews(&self) -> bool {
        self.is_looking() && self.every > 0
    }

    /// Whether it wants the preview after `step` of `total`. Steps count from 1. The last step
    /// is no preview: the finished picture follows it.
    pub fn wants_step(&self, step: u16, total: u16) -> bool {
        self.wants_previews() && step < total && step.is_multiple_of(self.every)
    }
}

impl Default for Attention {
    fn default() -> Self {
        Self { visible: true, background: false, every: 1, format: PreviewFormat::Latent }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewFormat {
    Latent,
    Jpeg,
}

/// A fact with its number in this viewer's stream. Numbers start at 1 after a fresh `welcome` and
/// have no gaps; `welcome` and `alive` stand outside the stream, with number 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Numbered {
    pub n: u64,
    pub fact: Fact,
}

/// What the server says, as one JSON text each: `{"n": 7, "fact": {"type": ...}}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Fact {
    /// The answer to `hello`. If `fresh`, what this viewer has seen cannot be continued: forget
    /// all facts, and take the state from `snapshot`. Otherwise what was missed follows.
    ///
    /// Numbers mean something within their `stream` only: no two streams of one viewer have the same.
    Welcome {
        stream: u32,
        fresh: bool,
        snapshot: Option<Snapshot>,
    },
    /// The server knows this canvas, except for these tiles (indices into the manifest).
    /// Empty: it has all of it.
    Canvas {
        canvas: Digest,
        missing: Vec<u32>,
    },
    /// The strokes of this viewer could not be followed, did not lead to a canvas that it named since, or the canvas that it
    /// said was let go of to make room. Its
    /// strokes, `generate` and `live` are passed over until it says `canvas`.
    Astray,
    /// A job was admitted. `request` is set for the viewer that asked.
    Accepted {
        job: Job,
        request: Option<u32>,
    },
    /// Where the job stands: `ahead` others come before it; `tiles` of its canvas are missing.
    Waiting {
        job: JobId,
        ahead: u32,
        tiles: u32,
    },
    /// The job has its turn, and its model is read first: so many of so many bytes.
    Loading {
        job: JobId,
        read: u64,
        bytes: u64,
    },
    Started {
        job: JobId,
        preview: LatentPreview,
    },
    /// A step of the job is done. `step_ms` is the time the last one took.
    Step {
        job: JobId,
        step: u16,
        total: u16,
        step_ms: f32,
    },
    Finished {
        job: JobId,
        pictures: Vec<Picture>,
        took_ms: f32,
    },
    Cancelled {
        job: JobId,
        step: u16,
    },
    Failed {
        job: JobId,
        problem: Problem,
    },
    /// This person has no such picture any more, on whichever page it was removed.
    Removed {
        picture: Digest,
    },
    /// Nothing else was said for [`crate::limits::ALIVE_EVERY_MS`]. Outside the numbering (n = 0):
    /// a page cannot see pings, and needs this to tell a quiet link from a dead one.
    Alive,
    /// The answer to `ping`, at once and outside the numbering (n = 0), for whoever wonders how well the link does.
    Pong {
        sent: u64,
        /// The server's clock, in microseconds since 1970, UTC.
        clock_us: u64,
        /// Frames of this viewer that gave way to newer ones before they were sent.
        conflated: u64,
        /// Previews that this server made, JPEGs that it encoded and latents that it decoded for them, for everybody
        /// since it started.
        made: u64,
        encoded: u64,
        #[serde(default)]
        decoded: u64,
    },
    /// Other models than before are there beside the studio's own, or other things that may be added to one.
    Models {
        models: Vec<ModelInfo>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        families: Vec<Family>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        unusable: Vec<String>,
    },
    /// Something this viewer said was refused; nothing changed.
    Refused {
        request: Option<u32>,
        problem: Problem,
    },
}

/// Everything that a page needs to stand where it stood.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Snapshot {
    /// The studio's own.
    pub model: ModelInfo,
    /// Others that a job may name. They are loaded when one does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<ModelInfo>,
    /// What may be added to models; each says by its number of which family it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub families: Vec<Family>,
    /// What else lies in the models folder and cannot be used, in a sentence each that says why and what to do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unusable: Vec<String>,
    /// This person's jobs, newest first: all that wait or run, and the last finished ones.
    pub jobs: Vec<JobView>,
    /// Seconds that the server keeps an unused tile.
    pub tile_ttl_s: u64,
}

/// What a model is good for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelInfo {
    /// What a spec calls it; empty for the studio's own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub id: String,
    pub name: String,
    /// Settings to begin with.
    pub defaults: Spec,
    /// Whether the sketch guides every step (8 input channels) or only gives the start.
    pub sketch_conditioned: bool,
    /// Where it runs: "CPU, 2 threads" or "CUDA".
    pub device: String,
    /// Manners of painting that it knows by name: a prompt may end with one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub styles: Vec<String>,
    /// Whether it can draw along, and how fast.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<LiveInfo>,
    /// Place of its family in the snapshot's list.
    #[serde(skip_serializing_if = "is_first")]
    pub family: u16,
}

fn is_first(family: &u16) -> bool {
    *family == 0
}

/// What there is for models of one family, by the names that a spec and its prompt call it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Family {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// A prompt adds one by `<lora:name:1>`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loras: Vec<String>,
}

/// What `live` pictures cost on this server, measured when it started.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LiveInfo {
    /// Steps of one picture.
    pub steps: u16,
    /// Milliseconds that one picture of the model's own size takes.
    pub picture_ms: f32,
}

/// An admitted job.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Job {
    pub id: JobId,
    pub canvas: Digest,
    pub spec: Spec,
    /// Milliseconds since 1970, UTC.
    pub created_ms: u64,
}

/// A job and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobView {
    pub job: Job,
    pub state: JobState,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum JobState {
    Waiting { ahead: u32, tiles: u32 },
    Loading { read: u64, bytes: u64 },
    Running { step: u16, total: u16, step_ms: f32, preview: LatentPreview },
    Finished { pictures: Vec<Picture>, took_ms: f32 },
    Cancelled { step: u16 },
    Failed { problem: Problem },
}

impl JobState {
    /// Whether nothing more happens to the job.
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::Finished { .. } | Self::Cancelled { .. } | Self::Failed { .. })
    }
}

/// How latents become colour. For the u8 values `z` of one position,
/// `rgb[c] = offset[c] + sum over k of matrix[c][k] * z[k]`, each 0 to 255 after clamping.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LatentPreview {
    /// Size in latent positions.
    pub width: u16,
    pub height: u16,
    /// Three rows, one entry a channel.
    pub matrix: [Vec<f32>; 3],
    pub offset: [f32; 3],
}

/// A finished picture, at `pictures/{digest}.png` below the studio's address, until it is removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Picture {
    pub digest: Digest,
    pub width: u32,
    pub height: u32,
    pub seed: crate::Seed,
}

impl Fact {
    /// The fact as JSON, to be numbered for each viewer by [`numbered_text`].
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("facts have string keys only")
    }
}

/// `{"n":..,"fact":..}` around a fact that was serialised once for all viewers.
pub fn numbered_text(n: u64, fact: &str) -> String {
    format!("{{\"n\":{n},\"fact\":{fact}}}")
}

/// [`Fact::Alive`] as it travels.
pub const ALIVE: &str = r#"{"n":0,"fact":{"type":"alive"}}"#;

/// The body of `POST api/say`, for a viewer that polls: what it would have sent on a socket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Said {
    pub viewer: ViewerId,
    pub messages: Vec<ClientMessage>,
}

/// The answer to `GET api/older?until=MS`: finished jobs of this person that were asked for until then, newest first,
/// [`crate::limits::SNAPSHOT_JOBS`] at most.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Older {
    pub jobs: Vec<JobView>,
    /// Until when to ask next; not set where there are no others. A job may be told of twice.
    pub until: Option<u64>,
}

/// The answer to a tile upload.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TilesAnswer {
    pub stored: u32,
    /// Digests that were refused, each with its reason.
    pub refused: Vec<(Digest, Problem)>,
}
