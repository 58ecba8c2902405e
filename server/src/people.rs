//! Who may do what. A browser is known by a secret that it keeps; the server keeps its hash
//! only, so that what lies on the disk opens nothing.

use std::fmt;
use wire::{Code, PersonToken, Problem};

/// Somebody, as the server knows them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(pub [u8; 16]);

impl Person {
    /// The person who holds this secret.
    pub fn of(token: &PersonToken) -> Self {
        let hash = blake3::derive_key("pentimento person", &token.0);
        Self(std::array::from_fn(|i| hash[i]))
    }

    /// # Errors
    /// If the job is somebody else's: only its owner stops it.
    pub fn may_cancel(self, owner: Person) -> Result<(), Problem> {
        if self == owner {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden, "this picture is somebody else's; only they can cancel it"))
    }

    /// # Errors
    /// If the page was opened by somebody else: its facts are theirs.
    pub fn may_attach(self, owner: Person) -> Result<(), Problem> {
        if self == owner {
            return Ok(());
        }
        Err(Problem::new(Code::Forbidden, "viewer: this page is somebody else's; reload to get your own"))
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Person({:02x}{:02x}..)", self.0[0], self.0[1])
    }
}
