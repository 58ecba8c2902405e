//! How content is named.

/// The first 16 bytes of BLAKE3 over `bytes`. A tile is named by the digest of its pixels, not
/// of their coded form, so that a better codec changes no name.
pub fn digest(bytes: &[u8]) -> [u8; 16] {
    let hash = blake3::hash(bytes);
    std::array::from_fn(|i| hash.as_bytes()[i])
}
