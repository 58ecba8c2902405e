//! The binary preview frame: a fixed header of 40 bytes, then the payload.

use crate::{
    JobId,
    limits::{FRAME_MAX, LATENT_VALUES_MAX},
};
use bytes::{BufMut, Bytes, BytesMut};

/// Bytes before the payload.
pub const HEADER: usize = 40;
const MAGIC: u8 = 0x50;
const VERSION: u8 = 5;

/// What the payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FrameFormat {
    /// Quantised latents: `channels` planes of `width` x `height` u8, one after the other, coded
    /// ([`crate::latents`]). The job's `started` fact carries the affine map to colour.
    Latent = 0,
    /// A JPEG of `width` x `height` pixels.
    Jpeg = 1,
}

/// Everything that tells one frame from another. Little-endian on the wire, in this order:
/// magic `0x50` u8, version u8, format u8, channels u8, picture u16, step u16, total u16,
/// width u16, height u16, base u16, sequence u64, job 8 bytes, made u64.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameHeader {
    pub format: FrameFormat,
    /// Planes of a latent; 0 for a JPEG.
    pub channels: u8,
    /// Which of the job's pictures, from 0.
    pub picture: u16,
    /// Steps done when this was predicted, from 1.
    pub step: u16,
    pub total: u16,
    pub width: u16,
    pub height: u16,
    /// The step of the frame of this picture that a latent is told as the difference to; 0 if it is told whole.
    pub base: u16,
    /// Grows with every frame that this server makes; a client acknowledges by it.
    pub sequence: u64,
    pub job: JobId,
    /// When its step was done by the server's clock, in microseconds since 1970, UTC.
    pub made_us: u64,
}

impl FrameHeader {
    /// Values of a latent. In u64: in a browser `usize` has 32 bits, which the largest header overflows.
    pub fn values(&self) -> u64 {
        u64::from(self.channels) * u64::from(self.width) * u64::from(self.height)
    }

    /// # Errors
    /// If there are no values of a latent, or more than a frame has room for, however they are coded.
    pub fn check(&self) -> Result<(), BadFrame> {
        let values = self.values();
        if self.format == FrameFormat::Latent && !(1..=LATENT_VALUES_MAX as u64).contains(&values) {
            return Err(BadFrame::Latents(values));
        }
        Ok(())
    }
}

/// One preview; cloning it clones a reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub header: FrameHeader,
    bytes: Bytes,
}

/// Why bytes are not a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFrame {
    #[error("frame of {0} bytes; a frame has {HEADER} to {FRAME_MAX}")]
    Size(usize),
    #[error("not a frame of version {VERSION}")]
    Version,
    #[error("unknown frame format {0}; 0 is latents, 1 is JPEG")]
    Format(u8),
    #[error("{0} values of latents; a frame has 1 to {LATENT_VALUES_MAX}")]
    Latents(u64),
    #[error("{have} values of latents where the header says {want}")]
    Count { have: usize, want: u64 },
}

impl Frame {
    /// # Errors
    /// If the frame, or what it decodes to, is too large.
    pub fn new(header: FrameHeader, payload: &[u8]) -> Result<Self, BadFrame> {
        check(&header, payload.len())?;
        let mut bytes = BytesMut::with_capacity(HEADER + payload.len());
        bytes.put_u8(MAGIC);
        bytes.put_u8(VERSION);
        bytes.put_u8(header.format as u8);
        bytes.put_u8(header.channels);
        for value in [header.picture, header.step, header.total, header.width, header.height, header.base] {
            bytes.put_u16_le(value);
        }
        bytes.put_u64_le(header.sequence);
        bytes.put_slice(&header.job.0);
        bytes.put_u64_le(header.made_us);
        bytes.put_slice(payload);
        Ok(Self { header, bytes: bytes.freeze() })
    }

    /// Reads a frame as it came.
    ///
    /// # Errors
    /// If the bytes are no frame of this version, or what they decode to is too large.
    pub fn parse(bytes: Bytes) -> Result<Self, BadFrame> {
        if bytes.len() < HEADER || bytes.len() > FRAME_MAX {
            return Err(BadFrame::Size(bytes.len()));
        }
        if bytes[0] != MAGIC || bytes[1] != VERSION {
            return Err(BadFrame::Version);
        }
        let format = match bytes[2] {
            0 => FrameFormat::Latent,
            1 => FrameFormat::Jpeg,
            other => return Err(BadFrame::Format(other)),
        };
        let u16_at = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
        let eight_at = |at: usize| -> [u8; 8] { std::array::from_fn(|i| bytes[at + i]) };
        let header = FrameHeader {
            format,
            channels: bytes[3],
            picture: u16_at(4),
            step: u16_at(6),
            total: u16_at(8),
            width: u16_at(10),
            height: u16_at(12),
            base: u16_at(14),
            sequence: u64::from_le_bytes(eight_at(16)),
            job: JobId(eight_at(24)),
            made_us: u64::from_le_bytes(eight_at(32)),
        };
        check(&header, bytes.len() - HEADER)?;
        Ok(Self { header, bytes })
    }

    /// Header and payload, as they travel.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub fn payload(&self) -> &[u8] {
        &self.bytes[HEADER..]
    }
}

fn check(header: &FrameHeader, have: usize) -> Result<(), BadFrame> {
    if HEADER + have > FRAME_MAX {
        return Err(BadFrame::Size(HEADER + have));
    }
    header.check()
}
