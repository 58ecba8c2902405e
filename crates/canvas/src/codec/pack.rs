//! Deflate (RFC 1951) without a wrapper: the digest is the checksum.

use super::DecodeError;
use miniz_oxide::inflate::{
    TINFLStatus,
    core::{DecompressorOxide, decompress, inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF},
};

/// Fills `out` from the whole of `packed`.
///
/// # Errors
/// If `packed` is broken, goes on after its end, or gives more or less than `out` holds.
pub fn inflate(packed: &[u8], out: &mut [u8]) -> Result<(), DecodeError> {
    let mut state = Box::new(DecompressorOxide::new());
    let (status, read, written) =
        decompress(&mut state, packed, out, 0, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF);
    if status == TINFLStatus::Done && read == packed.len() && written == out.len() {
        return Ok(());
    }
    Err(DecodeError::Deflate(out.len()))
}
