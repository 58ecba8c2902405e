//! From bytes to messages: no I/O, so that all that a client can say is tried without one.

use super::frame::{self, CLOSE, CONTINUATION, Head, PING, PONG, TEXT};
use bytes::Bytes;
use std::str::from_utf8;

/// What a client said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    Text(String),
    Binary(Bytes),
    /// To be answered with the same bytes.
    Ping(Vec<u8>),
    Pong,
    /// With the code that the client gave, if it gave one.
    Close(Option<u16>),
}

/// Why nothing that comes behind can be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("{0}")]
    Protocol(&'static str),
    #[error("a text is not UTF-8")]
    NotUtf8,
    #[error("a message is too large")]
    TooLarge,
}

impl Broken {
    /// What to say in farewell.
    pub fn code(self) -> u16 {
        match self {
            Self::Protocol(_) => frame::PROTOCOL,
            Self::NotUtf8 => frame::NOT_UTF8,
            Self::TooLarge => frame::TOO_LARGE,
        }
    }
}

/// What came and is no whole message yet.
#[derive(Debug)]
pub struct Incoming {
    message_max: usize,
    /// Of a frame's head, until it is whole.
    head: [u8; Head::MOST],
    have: u8,
    frame: Option<Frame>,
    message: Option<Part>,
    over: Option<Over>,
}

/// Why nothing more is understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    Closed,
    Broken,
}

/// A frame whose head is there.
#[derive(Debug)]
struct Frame {
    head: Head,
    taken: u64,
    /// Of a control frame, which may stand in the midst of a message.
    control: Vec<u8>,
}

/// A message in parts, or whose only part is not whole yet.
#[derive(Debug, Default)]
struct Part {
    is_text: bool,
    bytes: Vec<u8>,
    /// So many are known to be UTF-8: what is not, is refused as soon as it comes.
    checked: usize,
}

impl Incoming {
    /// Takes messages of at most so many bytes.
    pub fn new(message_max: usize) -> Self {
        Self { message_max, head: [0; _], have: 0, frame: None, message: None, over: None }
    }

    /// Whether nothing more is understood: something was wrong, or a close came.
    pub fn is_over(&self) -> bool {
        self.over.is_some()
    }

    /// Whether a close came.
    pub fn is_closed(&self) -> bool {
        self.over == Some(Over::Closed)
    }

    /// Takes from the front of `bytes` what belongs to the next message. None if more has to come.
    pub fn take(&mut self, bytes: &mut &[u8]) -> Option<Result<Message, Broken>> {
        if self.is_over() {
            return None;
        }
        let taken = self.try_take(bytes).transpose();
        self.over = match taken {
            Some(Err(_)) => Some(Over::Broken),
            Some(Ok(Message::Close(_))) => Some(Over::Closed),
            _ => None,
        };
        taken
    }

    fn try_take(&mut self, bytes: &mut &[u8]) -> Result<Option<Message>, Broken> {
        loop {
            let Some(mut frame) = self.frame.take() else {
                let Some(head) = self.take_head(bytes)? else { return Ok(None) };
                self.begin(head)?;
                self.frame = Some(Frame { head, taken: 0, control: Vec::new() });
                continue;
            };
            self.take_payload(&mut frame, bytes)?;
            if frame.taken < frame.head.length {
                self.frame = Some(frame);
                return Ok(None);
            }
            if let Some(message) = self.end(frame)? {
                return Ok(Some(message));
            }
        }
    }

    fn take_head(&mut self, bytes: &mut &[u8]) -> Result<Option<Head>, Broken> {
        loop {
            let have = usize::from(self.have);
            let size = Head::size(&self.head[..have]);
            if have == size {
                self.have = 0;
                return Head::read(&self.head[..size]).map(Some).map_err(Broken::Protocol);
            }
            let Some((byte, rest)) = bytes.split_first() else { return Ok(None) };
            self.head[have] = *byte;
            self.have += 1;
            *bytes = rest;
        }
    }

    /// A frame whose head is there: whether it may come now, and fits.
    fn begin(&mut self, head: Head) -> Result<(), Broken> {
        if frame::is_control(head.kind) {
            return Ok(());
        }
        match (&self.message, head.kind) {
            (None, CONTINUATION) => return Err(Broken::Protocol("nothing is there to be continued")),
            (Some(_), CONTINUATION) => {}
            (Some(_), _) => return Err(Broken::Protocol("a message begins inside another")),
            (None, kind) => self.message = Some(Part { is_text: kind == TEXT, ..Part::default() }),
        }
        let have = self.message.as_ref().map_or(0, |part| part.bytes.len());
        // Compared before anything is kept: who announces much gets no memory for it.
        if head.length > self.message_max.saturating_sub(have) as u64 {
            return Err(Broken::TooLarge);
        }
        Ok(())
    }

    fn take_payload(&mut self, frame: &mut Frame, bytes: &mut &[u8]) -> Result<(), Broken> {
        let left = frame.head.length - frame.taken;
        let (mine, rest) = bytes.split_at(left.min(bytes.len() as u64) as usize);
        *bytes = rest;
        let mut mask = frame.head.mask;
        mask.rotate_left((frame.taken % 4) as usize);
        frame.taken += mine.len() as u64;
        let clear = mine.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        match &mut self.message {
            _ if frame::is_control(frame.head.kind) => frame.control.extend(clear),
            Some(part) => {
                part.bytes.extend(clear);
                part.check(false)?;
            }
            None => unreachable!("a message has begun"),
        }
        Ok(())
    }

    /// A frame that is whole: the message, if it is one too.
    fn end(&mut self, frame: Frame) -> Result<Option<Message>, Broken> {
        match frame.head.kind {
            PING => return Ok(Some(Message::Ping(frame.control))),
            PONG => return Ok(Some(Message::Pong)),
            CLOSE => return close_code(&frame.control).map(|code| Some(Message::Close(code))),
            _ if !frame.head.is_last => return Ok(None),
            _ => {}
        }
        let mut part = self.message.take().expect("a message has begun");
        part.check(true)?;
        Ok(Some(match part.is_text {
            true => Message::Text(String::from_utf8(part.bytes).map_err(|_| Broken::NotUtf8)?),
            false => Message::Binary(part.bytes.into()),
        }))
    }
}

impl Part {
    fn check(&mut self, is_last: bool) -> Result<(), Broken> {
        if !self.is_text {
            return Ok(());
        }
        match from_utf8(&self.bytes[self.checked..]) {
            Ok(good) => self.checked += good.len(),
            // The rest of a character may be on its way.
            Err(error) if error.error_len().is_none() && !is_last => self.checked += error.valid_up_to(),
            Err(_) => return Err(Broken::NotUtf8),
        }
        Ok(())
    }
}

fn close_code(payload: &[u8]) -> Result<Option<u16>, Broken> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return match payload {
            [] => Ok(None),
            _ => Err(Broken::Protocol("half a code")),
        };
    };
    from_utf8(reason).map_err(|_| Broken::NotUtf8)?;
    match u16::from_be_bytes(*code) {
        code @ (1000..=1003 | 1007..=1014 | 3000..=4999) => Ok(Some(code)),
        _ => Err(Broken::Protocol("a code that is never said")),
    }
}

#[cfg(test)]
mod tests {
    use super::frame::{BINARY, NOT_UTF8, PROTOCOL, TOO_LARGE};
    use super::*;

    const MASK: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];
    const LAST: u8 = 0x80;

    /// A frame as a client says it.
    fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut bytes = frame::head(first, payload.len());
        bytes[0] = first;
        bytes[1] |= 0x80;
        bytes.extend(MASK);
        bytes.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        bytes
    }

    fn heard_in_pieces(bytes: &[u8], piece: usize) -> Vec<Result<Message, Broken>> {
        let mut incoming = Incoming::new(100_000);
        let mut heard = Vec::new();
        for mut piece in bytes.chunks(piece) {
            while let Some(message) = incoming.take(&mut piece) {
                heard.push(message);
            }
            assert!(piece.is_empty() || incoming.is_over());
        }
        heard
    }

    fn heard(bytes: &[u8]) -> Vec<Result<Message, Broken>> {
        heard_in_pieces(bytes, bytes.len().max(1))
    }

    fn code(bytes: &[u8]) -> u16 {
        match heard(bytes).last() {
            Some(Err(broken)) => broken.code(),
            other => panic!("{other:?} is not broken"),
        }
    }

    #[test]
    fn messages_are_the_same_however_the_bytes_come() {
        let long = vec![7; 70_000];
        let bytes = [
            frame(LAST | TEXT, "grüß dich".as_bytes()),
            frame(BINARY, &[1, 2]),
            frame(LAST | PING, b"there?"),
            frame(CONTINUATION, &[3; 300]),
            frame(LAST | PONG, &[]),
            frame(LAST | CONTINUATION, &[4]),
            frame(LAST | BINARY, &long),
            frame(LAST | TEXT, &[]),
            frame(LAST | CLOSE, &[0x03, 0xE8, b'!']),
            frame(LAST | TEXT, b"nobody hears that"),
        ]
        .concat();
        let told = [
            Message::Text("grüß dich".to_owned()),
            Message::Ping(b"there?".to_vec()),
            Message::Pong,
            Message::Binary([&[1, 2][..], &[3; 300], &[4]].concat().into()),
            Message::Binary(long.into()),
            Message::Text(String::new()),
            Message::Close(Some(1000)),
        ]
        .map(Ok);
        for piece in [1, 2, 3, 5, 8, 1_000, bytes.len()] {
            assert_eq!(heard_in_pieces(&bytes, piece), told);
        }
    }

    #[test]
    fn what_the_protocol_forbids_breaks_it() {
        for unmasked in [&[LAST | TEXT, 1, b'a', 0, 0, 0, 0][..], &[LAST | CLOSE, 0], &[LAST | BINARY, 126]] {
            assert_eq!(code(unmasked), PROTOCOL);
        }
        for first in [LAST | 0x40 | TEXT, LAST | 3, LAST | 11, PING, LAST | CONTINUATION] {
            assert_eq!(code(&frame(first, b"a")), PROTOCOL, "{first:x}");
        }
        assert_eq!(code(&frame(LAST | PING, &[0; 126])), PROTOCOL);
        assert_eq!(code(&[frame(TEXT, b"a"), frame(LAST | TEXT, b"b")].concat()), PROTOCOL);
        for payload in [&[3][..], &[3, 0xED], &[0, 0], &[0xFF, 0xFF]] {
            assert_eq!(code(&frame(LAST | CLOSE, payload)), PROTOCOL, "{payload:?}");
        }
        assert_eq!(code(&frame(LAST | CLOSE, &[3, 0xE8, 0xFF])), NOT_UTF8);
    }

    #[test]
    fn a_text_is_utf_8_over_all_its_parts_and_is_refused_where_it_is_not() {
        let euro = "€".as_bytes();
        let parts = [frame(TEXT, &euro[..1]), frame(LAST | CONTINUATION, &euro[1..])].concat();
        assert_eq!(heard(&parts), [Ok(Message::Text("€".to_owned()))]);
        assert_eq!(code(&frame(LAST | TEXT, &euro[..2])), NOT_UTF8);
        // Nobody waits for the rest of it.
        assert_eq!(code(&frame(TEXT, &[b'a', 0xFF])), NOT_UTF8);
        assert_eq!(code(&frame(LAST | TEXT, &[0xED, 0xA0, 0x80])), NOT_UTF8);
    }

    #[test]
    fn what_is_announced_too_large_is_refused_before_it_comes() {
        let announced = &frame(LAST | BINARY, &vec![0; 100_001])[..14];
        assert_eq!(code(announced), TOO_LARGE);
        assert_eq!(code(&[&[LAST | BINARY, 0xFF], &[0xFF; 8][..], &MASK].concat()), TOO_LARGE);
        let parts = [frame(BINARY, &[0; 60_000]), frame(LAST | CONTINUATION, &[0; 60_000])].concat();
        assert_eq!(code(&parts), TOO_LARGE);
    }

    #[test]
    fn no_bytes_are_too_strange() {
        let good =
            [frame(TEXT, b"a"), frame(LAST | PING, &[9; 20]), frame(LAST | CONTINUATION, b"b")].concat();
        let mut state = 1_u32;
        let mut random = |below: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % below
        };
        for _ in 0..20_000 {
            let mut bytes = good.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                bytes[at] = random(256) as u8;
            }
            bytes.truncate(1 + random(bytes.len()));
            let whole = heard(&bytes);
            assert_eq!(heard_in_pieces(&bytes, 1 + random(7)), whole);
            assert!(whole.iter().rev().skip(1).all(Result::is_ok));
        }
    }
}
