//! What can happen to a connection, and what it asks its driver to do.

use crate::{Latents, Time};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use wire::{Attention, ClientMessage, Digest, Fact, Frame, Manifest, PollAnswer, Problem, Said, Seen, Spec};

/// Which way the person lets the page go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// A socket, and polling while none can be had.
    #[default]
    Automatic,
    Socket,
    Polling,
}

/// What the page says about its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkState {
    Connecting,
    Socket,
    Polling,
    /// Tried again at `retry_at`, or as soon as there is a reason to.
    Offline {
        retry_at: Time,
    },
}

/// What happened. Of sockets, polls and posts only the newest counts: once [`Effect::OpenSocket`],
/// [`Effect::Poll`] or [`Effect::Post`] is carried out, the driver hands in nothing of an earlier
/// one, and nothing of a socket after [`Effect::CloseSocket`].
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The page is ready.
    Start,
    SocketOpened,
    SocketText(String),
    SocketFrame(Bytes),
    /// The socket ended, or could not be opened.
    SocketClosed,
    PollAnswered(PollAnswer),
    /// The server does not know this viewer (404).
    PollUnknown,
    PollFailed,
    /// The post was taken (204).
    Said,
    SayFailed,
    /// The server answered a poll or a post that it will have none of it, and why (4xx, but not 404).
    Refused(Problem),
    /// The browser believes that it has a network again.
    Online,
    /// The browser believes that it has none.
    Offline,
    Visible,
    Hidden,
    /// The page may be frozen from now on; an open socket would keep it out of the cache.
    PageHide,
    PageShow,
    /// The page has something to say. `hello`, `attention` and `ack` are the machine's own.
    Say(ClientMessage),
    /// The same as saying `canvas` with this manifest, in fewer bytes: strokes that lead to it. Only while the
    /// state is [`LinkState::Socket`]; after a cut the canvas is said.
    Strokes {
        deeds: Bytes,
        manifest: Manifest,
    },
    /// A frame was drawn, or dropped for a newer one.
    Drawn {
        sequence: u64,
    },
    /// What the page wants to be shown; `visible` is kept as [`Event::Visible`] left it.
    Attention(Attention),
    Preference(Transport),
    /// A click may soon ask for this; not said if there is no connection, and never again.
    Prepare {
        canvas: Option<Digest>,
        spec: Spec,
    },
    /// Ask how long the way is, if there is one now: `sent` is this moment.
    Ping,
    /// The server should have said something by now.
    Doubt,
    /// The time asked for by the newest [`Effect::Timer`] has come. Too early does no harm.
    Timer,
}

/// What to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    OpenSocket,
    /// Give up the socket, open or not.
    CloseSocket,
    SendText(String),
    SendBytes(Bytes),
    /// `GET api/poll` by a page that has seen this.
    Poll(Seen),
    /// `POST api/say` with this body.
    Post(Said),
    /// Hand in [`Event::Timer`] at this time; replaces the timer before it.
    Timer {
        at: Time,
    },
    /// A fact, each exactly once and in order, except that a fresh `welcome` starts again.
    Fact(Box<Fact>),
    /// A preview to draw; then hand in [`Event::Drawn`].
    Latents(Latents),
    /// The same, as a JPEG.
    Picture(Frame),
    State(LinkState),
}
