//! The answer to a poll: what a socket would have carried, in one body.

use crate::frame::{BadFrame, Frame};
use bytes::{Buf, BufMut, Bytes, BytesMut};
use std::{fmt, str::FromStr};

/// What a page has had, when it polls: the stream that it counts facts by, the number of its last fact, and of the last
/// frame of the last answer with one; 0 without. As text it is `4711-17-204`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    pub stream: u32,
    pub fact: u64,
    pub frame: u64,
}

/// The text was not three numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "seen: give the numbers of the stream, of the last fact and of the last frame, such as 4711-17-204, or the tag of the last answer"
)]
pub struct BadSeen;

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}", self.stream, self.fact, self.frame)
    }
}

impl FromStr for Seen {
    type Err = BadSeen;
    fn from_str(text: &str) -> Result<Self, BadSeen> {
        let (stream, rest) = text.split_once('-').ok_or(BadSeen)?;
        let (fact, frame) = rest.split_once('-').ok_or(BadSeen)?;
        let number = |text: &str| text.parse().map_err(|_| BadSeen);
        Ok(Self { stream: stream.parse().map_err(|_| BadSeen)?, fact: number(fact)?, frame: number(frame)? })
    }
}

/// Facts as they travel on the socket, and at most the newest frame of each picture.
///
/// On the wire a list of parts, each a kind (u8: 0 text, 1 frame), a length (u32,
/// little-endian) and its bytes. An empty body says that nothing happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollAnswer {
    pub texts: Vec<String>,
    pub frames: Vec<Frame>,
}

/// Why a body is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    #[error("the answer ends in the middle of a part")]
    Short,
    #[error("a part is of no known kind, or no text")]
    Part,
    #[error(transparent)]
    Frame(#[from] BadFrame),
}

impl PollAnswer {
    /// Whether it says that nothing happened.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.frames.is_empty()
    }

    pub fn encode(&self) -> Bytes {
        let mut out = BytesMut::new();
        let texts = self.texts.iter().map(|text| (0, text.as_bytes()));
        let frames = self.frames.iter().map(|frame| (1, &frame.bytes()[..]));
        for (kind, part) in texts.chain(frames) {
            out.put_u8(kind);
            out.put_u32_le(part.len() as u32);
            out.put_slice(part);
        }
        out.freeze()
    }

    /// # Errors
    /// If the body is not what [`PollAnswer::encode`] makes.
    pub fn parse(mut body: Bytes) -> Result<Self, BadAnswer> {
        let mut answer = Self::default();
        while body.has_remaining() {
            if body.len() < 5 {
                return Err(BadAnswer::Short);
            }
            let kind = body.get_u8();
            let length = body.get_u32_le() as usize;
            if length > body.len() {
                return Err(BadAnswer::Short);
            }
            let part = body.split_to(length);
            match kind {
                0 => answer.texts.push(String::from_utf8(part.to_vec()).map_err(|_| BadAnswer::Part)?),
                1 => answer.frames.push(Frame::parse(part)?),
                _ => return Err(BadAnswer::Part),
            }
        }
        Ok(answer)
    }
}
