//! What was drawn, as a client tells it on a socket: one binary message.

use crate::{Code, Digest, Problem, limits::STROKES_MAX};
use bytes::{BufMut, Bytes, BytesMut};

/// The first byte.
pub const MAGIC: u8 = 0x53;
/// Bytes of a canvas's digest that go along.
const CHECK: usize = 2;
const HEADER: usize = 1 + CHECK;

/// Deeds since the message before, and the beginning of the name of the canvas that they lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strokes {
    pub check: [u8; CHECK],
    /// As a stream of deeds codes them; what is in them this crate does not know.
    pub deeds: Bytes,
}

impl Strokes {
    /// Deeds that lead to `canvas`.
    pub fn to(canvas: Digest, deeds: Bytes) -> Self {
        Self { check: [canvas.0[0], canvas.0[1]], deeds }
    }

    /// Whether they may lead to `canvas`.
    pub fn leads_to(&self, canvas: Digest) -> bool {
        canvas.0.starts_with(&self.check)
    }

    pub fn encode(&self) -> Bytes {
        let mut bytes = BytesMut::with_capacity(HEADER + self.deeds.len());
        bytes.put_u8(MAGIC);
        bytes.put_slice(&self.check);
        bytes.put_slice(&self.deeds);
        bytes.freeze()
    }

    /// # Errors
    /// If it is another message, or too large.
    pub fn parse(bytes: Bytes) -> Result<Self, Problem> {
        if bytes.len() > STROKES_MAX {
            let message =
                format!("{} bytes of strokes are too many; give at most {STROKES_MAX}", bytes.len());
            return Err(Problem::new(Code::TooLarge, message));
        }
        match *bytes {
            [MAGIC, a, b, ..] => Ok(Self { check: [a, b], deeds: bytes.slice(HEADER..) }),
            _ => {
                let message =
                    format!("a binary message begins with {MAGIC:#x} and two bytes of a canvas's digest");
                Err(Problem::new(Code::BadMessage, message))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read() {
        let canvas = Digest([7; 16]);
        let strokes = Strokes::to(canvas, Bytes::from_static(b"deeds"));
        assert_eq!(Strokes::parse(strokes.encode()), Ok(strokes.clone()));
        assert!(strokes.leads_to(canvas) && !strokes.leads_to(Digest([8; 16])));
    }

    #[test]
    fn anything_else_is_refused() {
        for bytes in [vec![], vec![MAGIC, 1], vec![0x50, 1, 2, 3], vec![MAGIC; STROKES_MAX + 1]] {
            assert!(Strokes::parse(bytes.into()).is_err());
        }
    }
}
