//! Fingerprint: what makes two calls with the same inputs recognisable as the same.

use std::io::{self, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// How much of the inputs is looked at to recognise a call that was recorded earlier.
///
/// The call's place in its run is what finds it; the inputs only guard against a program
/// that changed in between, and a guard need not read megabytes on every call.
const GUARD_BYTES: usize = 64 * 1024;

/// A hash that grows while JSON is written into it.
#[derive(Debug)]
pub struct Fingerprint {
    hash: Sha256,
    room: usize,
}

impl Fingerprint {
    /// Looks at the beginning of the inputs only: enough to guard.
    pub(crate) fn guard() -> Self {
        Self { hash: Sha256::new(), room: GUARD_BYTES }
    }

    /// Looks at all of the inputs: enough to take one result for another.
    pub(crate) fn whole() -> Self {
        Self { hash: Sha256::new(), room: usize::MAX }
    }

    /// Adds bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
    }

    /// Says whether it has seen as much as it wants to see.
    pub(crate) const fn is_full(&self) -> bool {
        self.room == 0
    }

    /// Feeds the JSON of a value to it.
    ///
    /// # Errors
    /// When the value cannot be written as JSON, or there is no more room.
    pub fn feed_json<T: Serialize>(value: &T, fingerprint: &mut Self) -> serde_json::Result<()> {
        serde_json::to_writer(fingerprint, value)
    }

    /// The first half of the hash, as a number.
    pub(crate) fn short(self) -> u128 {
        let hash = self.hash.finalize();
        u128::from_be_bytes(std::array::from_fn(|index| hash[index]))
    }

    /// The whole hash in hexadecimal digits.
    pub(crate) fn hex(self) -> String {
        use std::fmt::Write as _;

        self.hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl Write for Fingerprint {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let seen = &bytes[..bytes.len().min(self.room)];
        self.hash.update(seen);
        self.room -= if self.room == usize::MAX { 0 } else { seen.len() };
        if seen.len() < bytes.len() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
