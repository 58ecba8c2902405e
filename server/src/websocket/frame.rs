//! Frames of RFC 6455, section 5: the bytes around what is said.

/// Kinds of frames.
pub const CONTINUATION: u8 = 0;
pub const TEXT: u8 = 1;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// Why a socket ends, section 7.4.
pub const NORMAL: u16 = 1000;
pub const AWAY: u16 = 1001;
pub const PROTOCOL: u16 = 1002;
pub const NOT_UTF8: u16 = 1007;
pub const POLICY: u16 = 1008;
pub const TOO_LARGE: u16 = 1009;

/// Bytes of a control frame's payload at most.
pub const CONTROL_MAX: usize = 125;

const LAST: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;

/// Whether frames of this kind stand between those of a message, and are never in parts.
pub const fn is_control(kind: u8) -> bool {
    kind & 8 != 0
}

/// What goes before so many bytes of a whole message of this kind. A server masks nothing.
pub fn head(kind: u8, length: usize) -> Vec<u8> {
    // Room for a short payload.
    let mut head = Vec::with_capacity(4 + if length > CONTROL_MAX { 0 } else { length });
    head.push(LAST | kind);
    match length {
        0..=125 => head.push(length as u8),
        126..=0xFFFF => {
            head.push(126);
            head.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            head.push(127);
            head.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    head
}

/// What a client says before a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    pub is_last: bool,
    pub kind: u8,
    pub length: u64,
    pub mask: [u8; 4],
}

impl Head {
    /// So many bytes a head can have.
    pub const MOST: usize = 14;

    /// How many bytes the head has that begins so, as far as one can tell: at least one more than there are if there are
    /// too few to tell. One that is wrong ends where that is seen.
    pub fn size(begun: &[u8]) -> usize {
        match begun.get(1) {
            None => 2,
            Some(second) if second & MASKED == 0 => 2,
            Some(0xFE) => 8,
            Some(0xFF) => Self::MOST,
            Some(_) => 6,
        }
    }

    /// Reads a whole head, of [`Head::size`] bytes.
    ///
    /// # Errors
    /// With what the RFC forbids.
    pub fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let [first, second, ref rest @ ..] = *bytes else { return Err("no frame") };
        if second & MASKED == 0 {
            return Err("a client's frame is not masked");
        }
        let (length, mask) = rest.split_at(rest.len() - 4);
        let length = match length {
            [] => u64::from(second & !MASKED),
            long => long.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        };
        let head = Self {
            is_last: first & LAST != 0,
            kind: first & 0x0F,
            length,
            mask: mask.try_into().expect("four bytes"),
        };
        if first & RESERVED != 0 {
            return Err("reserved bits are set, and no extension was agreed on");
        }
        match head.kind {
            CONTINUATION | TEXT | BINARY => Ok(head),
            CLOSE | PING | PONG if head.is_last && length <= CONTROL_MAX as u64 => Ok(head),
            CLOSE | PING | PONG => Err("a control frame is long or in parts"),
            _ => Err("a frame of an unknown kind"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_as_short_as_may_be() {
        assert_eq!(head(TEXT, 5), [0x81, 5]);
        assert_eq!(head(BINARY, 125), [0x82, 125]);
        assert_eq!(head(BINARY, 126), [0x82, 126, 0, 126]);
        assert_eq!(head(BINARY, 65_535), [0x82, 126, 255, 255]);
        assert_eq!(head(BINARY, 65_536), [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
