//! What may happen to the studio, and what it wants done.

use super::{Command, Looked, Paper, Theme, Tool, Zoom};
use bytes::Bytes;
use canvas::Deed;
use link::{Latents, Time, Transport, client, upload};
use wire::{
    Digest, Frame, FrameHeader, JobId, LatentPreview, Mask, Older, PersonToken, Said, Scheduler, Seen,
    Sigmas, Spec, TileBatch, ViewerId,
};

/// Something happened: the person did it, the network brought it, or the browser finished it.
#[derive(Debug, Clone)]
pub enum Event {
    /// The settings of the last visit, before anything is chosen.
    Remembered(String),
    /// A drawing that the server has was laid onto the paper. What changed with it is told next.
    Fetched,
    /// What the page before this one left unsettled, as [`Effect::KeepUnsettled`] had it; after the drawing is back.
    Unsettled(String),
    /// The page is awake. Comes once, before anything of the network.
    Start {
        person: PersonToken,
        viewer: ViewerId,
        /// For the jitter of reconnecting.
        chance: u64,
        visible: bool,
        online: bool,
    },
    /// The drawing stands as it was kept, on this paper; these tiles with their digests were found.
    Restored {
        paper: Paper,
        tiles: Vec<(u32, Digest)>,
        rest: Vec<u32>,
    },
    /// The canvas changed, and is on this paper now; these tiles look different.
    Drawn {
        paper: Paper,
        tiles: Vec<u32>,
        /// A stroke is not finished.
        under_way: bool,
        can_undo: bool,
        can_redo: bool,
    },
    /// The same, when what was done can be told by itself ([`super::Studio::can_tell`]): these tiles look as
    /// these digests say now.
    Told {
        deeds: Vec<Deed>,
        tiles: Vec<(u32, Digest)>,
        can_undo: bool,
        can_redo: bool,
    },
    /// One [`Effect::Code`] is done, of this paper.
    Coded {
        paper: Paper,
        tiles: Vec<(u32, Digest, Bytes)>,
    },

    Prompt(String),
    /// A style was tapped.
    Style(String),
    Steps(u16),
    Seed(u64),
    /// How many pictures are made together.
    Pictures(u16),
    LockSeed(bool),
    Dice(u64),
    Strength(f32),
    /// What the picture is not to show.
    Negative(String),
    Guidance(f32),
    /// The id of one of the studio's models.
    Model(String),
    /// The name of a ControlNet; empty for none.
    Control(String),
    ControlScale(f32),
    /// The name of a LoRA that the prompt is to name, or no longer.
    Lora(String),
    ImageGuidance(f32),
    /// Layers of the text encoder that are left out.
    ClipSkip(u16),
    Scheduler(Scheduler),
    Sigmas(Sigmas),
    /// Pixels of the next picture's shorter side.
    Side(u32),
    /// Steps, size and so on as the model suggests.
    AsTheModel,
    /// Whether photographs may lose the last levels of their pixels.
    NearPhotographs(bool),
    Every(u16),
    Background(bool),
    /// Whether previews are decoded at the server.
    Sharp(bool),
    /// Let the picture follow the drawing, or not.
    Live(bool),
    Tool(Tool),
    Size(f32),
    /// One notch up or down.
    Resize(i8),
    Colour([u8; 3]),
    /// The hand takes a colour from the paper next, or does not.
    Picking,
    /// The hand marks what is to be painted anew from now on, or draws again.
    Masking,
    /// This is marked now.
    Masked {
        mask: Option<Mask>,
        can_undo: bool,
        can_redo: bool,
    },
    /// Nothing is to be marked.
    Unmask,
    /// Softness of the edge of what is marked, in pixels of the picture.
    Blur(f32),
    ShowThrough(f32),
    Theme(Theme),

    Canvas(Command),
    /// Take back what was done last: to the drawing, or a removal.
    TakeBack,
    /// The paper is to be seen so.
    Zoom(Zoom),
    /// A picture could not be taken onto the canvas; in words.
    ImportFailed(String),
    /// `chance` becomes the seed unless the person holds on to theirs.
    Generate {
        chance: u64,
    },
    /// Have the quick picture that is shown made to stay.
    Keep,
    /// Take back the job that is in the frame.
    Cancel,
    /// Look at what is kept; `None` goes back to the current job.
    Look(Option<Looked>),
    /// Look at the job that has this number in the strip.
    Watch(u32),
    /// Take over the settings of the picture that is shown.
    Restore,
    /// Lay the picture that is shown onto the paper.
    TakeUp,
    /// Lay the drawing that it was made from onto the paper.
    DrawAgain,
    /// Remove the picture that is shown.
    Remove,
    /// The same by a key of its own, which nobody presses twice out of habit.
    Cull,
    /// It can no longer be brought back.
    RemovalDue,
    /// The time of [`Effect::SilenceTimer`] has come.
    SilenceDue,
    /// Have back what was removed.
    BringBack,

    /// Let all pictures lie over the page, or not.
    Spread(bool),
    /// Show older pictures than those of the strip.
    AskOlder,
    /// The answer to [`Effect::AskOlder`]; nothing if there was none.
    OlderCame {
        until_ms: u64,
        older: Option<Older>,
    },

    /// The sketch of this canvas lies over the picture, as [`Effect::FetchSketch`] wished.
    SketchCame(Digest),
    /// The server did not give the drawing that this canvas was.
    SketchLost(Digest),

    /// A preview is on the screen.
    Painted(FrameHeader),
    /// A picture of a job came before it was told of.
    Herald {
        job: JobId,
        picture: u16,
    },
    /// A preview was left out for something newer.
    Dropped {
        sequence: u64,
    },
    /// These finished pictures are on the screen.
    Hung(Vec<Digest>),
    /// A finished picture could not be fetched.
    Lost(Digest),

    /// Somebody looks at how well the link does, or does not any more.
    Measure(bool),
    /// It is time to measure again.
    MeterDue,
    /// The hand may have come to rest.
    Rested,
    /// The way to the server that the person wants.
    Transport(Transport),

    Link(client::Event),
    Upload(upload::Event),
    Visible(bool),
}

impl Event {
    /// Steps of the next picture.
    pub fn from_steps(steps: u64) -> Self {
        Self::Steps(steps as u16)
    }

    /// Pictures that are made together.
    pub fn from_pictures(pictures: u64) -> Self {
        Self::Pictures(pictures as u16)
    }

    /// Steps between previews.
    pub fn from_every(every: u64) -> Self {
        Self::Every(every as u16)
    }
}

/// Something to be done by the browser.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    OpenSocket,
    CloseSocket,
    SendText(String),
    SendBytes(Bytes),
    Poll(Seen),
    Post(Said),
    PostTiles {
        batch: u32,
        tiles: TileBatch,
    },
    /// Wake the connection ([`client::Event::Timer`]) then; replaces the earlier wish.
    LinkTimer(Time),
    /// Wake the uploads then; replaces the earlier wish.
    UploadTimer(Time),
    /// Tell of [`Event::Rested`] then; replaces the earlier wish.
    RestTimer(Time),
    /// Tell of [`Event::MeterDue`] then; replaces the earlier wish.
    MeterTimer(Time),
    /// Tell of [`Event::RemovalDue`] then; replaces the earlier wish.
    RemovalTimer(Time),
    /// Tell of [`Event::SilenceDue`] then.
    SilenceTimer(Time),
    /// Compress and hash these tiles off the main thread; answered by [`Event::Coded`].
    Code(Vec<u32>),
    /// The same, to be held only; answered by [`upload::Event::Held`].
    Hold(Vec<u32>),
    /// Keep these coded tiles of the drawing for the next visit.
    Keep(Vec<(u32, Digest, Bytes)>),
    /// The same for tiles that nobody needs coded: as they are.
    KeepRaw(Vec<(u32, Digest)>),
    /// Keep the settings for the next visit.
    Remember(String),
    Theme(Theme),
    Canvas(Command),
    /// Mark this and nothing else; answered by [`Event::Masked`].
    Mask(Option<Mask>),
    /// Lay this over the drawing, on paper of its shape.
    Lay(Laid),
    /// Fetch the pictures of a job as they are made; answered by [`Event::Herald`] for each that comes.
    AskAhead {
        job: JobId,
        pictures: u16,
    },
    /// Show this one of those that came so last.
    ShowAhead(u16),
    /// Fetch jobs from before this, in milliseconds since 1970; answered by [`Event::OlderCame`].
    AskOlder {
        until_ms: u64,
    },
    /// Keep the drawing as it is now as the sketch that shows through.
    Underdraw,
    /// Keep this for the next page of this tab, or nothing.
    KeepUnsettled(Option<String>),
    /// Fetch the drawing that this canvas was, to be that sketch, and no other that was wished before.
    FetchSketch(Option<Digest>),
    /// Clear the frame, for so many pictures of this size.
    Blank {
        pictures: u16,
        width: u32,
        height: u32,
    },
    Paint(Latents, LatentPreview),
    /// Show a frame that is a whole picture.
    Picture(Frame),
    /// Fetch finished pictures and show them.
    Hang(Vec<Digest>),
    /// The same, though they are on their way: that may have ended without a word.
    HangAgain(Vec<Digest>),
    /// The picture matters now: bring it into view if it is not.
    Reveal,
    /// What is fetched to be shown was seen before: until it has come, what the strip has of it will do.
    Glimpse,
    /// The same of the newest of all pictures so far.
    RevealNewest,
    /// Let the strip show the picture that is looked at.
    RevealLooked,
}

impl Effect {
    /// Clears the frame for what is made of this.
    pub fn blank(&Spec { pictures, width, height, .. }: &Spec) -> Self {
        Self::Blank { pictures, width, height }
    }
}

/// What the server has that can be laid onto the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Laid {
    /// A finished picture.
    Picture(Digest),
    /// What a picture was made from, by its canvas.
    Drawing(Digest),
}

/// Where a finished picture is fetched as small as the strip shows it.
pub fn thumb(picture: Digest) -> String {
    format!("thumbs/{picture}.jpg")
}

impl Laid {
    /// Where it is fetched.
    pub fn address(self) -> String {
        match self {
            Self::Picture(digest) => format!("pictures/{digest}.png"),
            Self::Drawing(canvas) => format!("canvases/{canvas}.png"),
        }
    }
}
