//! What tch lacks: on a processor convolutions and attention that use oneDNN as it wants to be used, normalisation with
//! channels innermost, and a quick way from a file's numbers to a tensor, none of which is no number; on a GPU graphs and free memory; on both the
//! mode for inference.

pub mod attention;
pub mod cuda;
pub mod inference;
pub mod norm;
pub mod packed;
pub mod stored;

use std::ffi::{CStr, c_char, c_int};
use std::ptr;
use tch::Tensor;

/// Why something could not be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(pub String);

impl std::fmt::Display for Error {
    fn fmt(&self, to: &mut std::fmt::Formatter) -> std::fmt::Result {
        to.write_str(&self.0)
    }
}

impl std::error::Error for Error {}

/// Opaque: libtorch's, behind tch's.
#[repr(C)]
struct CTensor([u8; 0]);

/// Room for a message.
const ROOM: usize = 1024;

/// What a C function says, as a result.
fn checked(call: impl FnOnce(*mut c_char, usize) -> c_int) -> Result<(), Error> {
    let mut why = [0; ROOM];
    if call(why.as_mut_ptr(), ROOM) == 0 {
        return Ok(());
    }
    // SAFETY: the C function ends the message with a zero within `ROOM` bytes.
    let why = unsafe { CStr::from_ptr(why.as_ptr()) };
    Err(Error(why.to_string_lossy().lines().next().unwrap_or_default().to_owned()))
}

/// The tensor that a C function makes, as a result.
///
/// # Safety
/// What the function returns 0 for, it has written a new tensor of libtorch's to its first argument.
unsafe fn made(call: impl FnOnce(*mut *mut CTensor, *mut c_char, usize) -> c_int) -> Result<Tensor, Error> {
    let mut made = ptr::null_mut();
    checked(|why, room| call(&mut made, why, room))?;
    // SAFETY: the tensor is new, so nobody else frees it.
    Ok(unsafe { Tensor::from_ptr(made.cast()) })
}
