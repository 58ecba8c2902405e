//! What a person is told when something is refused.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of thing went wrong; a client may act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// A value is outside its range; `field` names it.
    Invalid,
    /// The message is not one that this protocol has.
    BadMessage,
    /// The client speaks another version of the protocol: reload the page.
    Protocol,
    /// Larger than its limit.
    TooLarge,
    /// The bytes do not have the hash that names them.
    WrongHash,
    /// Not here (any more).
    NotFound,
    /// Somebody else's.
    Forbidden,
    /// Too much waits already; try again later.
    Busy,
    /// The server failed; its log says how.
    Internal,
}

/// A refusal, in words for the person: what was wrong, what is allowed, what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub code: Code,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub message: String,
}

impl Problem {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, field: None, message: message.into() }
    }

    /// `field` was given a value outside its range; `message` says what is allowed.
    pub fn invalid(field: &str, message: impl fmt::Display) -> Self {
        Self { code: Code::Invalid, field: Some(field.to_owned()), message: format!("{field}: {message}") }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}
