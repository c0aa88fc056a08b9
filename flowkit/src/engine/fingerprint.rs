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
    is_empty: bool,
}

/// The first half of the hash of nothing, which calls without inputs need not compute.
const OF_NOTHING: u128 = 0xe3b0_c442_98fc_1c14_9afb_f4c8_996f_b924;

impl Fingerprint {
    /// Looks at the beginning of the inputs only: enough to guard.
    pub(crate) fn guard() -> Self {
        Self { hash: Sha256::new(), room: GUARD_BYTES, is_empty: true }
    }

    /// Looks at all of the inputs: enough to take one result for another.
    pub(crate) fn whole() -> Self {
        Self { hash: Sha256::new(), room: usize::MAX, is_empty: true }
    }

    /// Adds bytes.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.is_empty = false;
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
        if self.is_empty {
            return OF_NOTHING;
        }
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
        self.is_empty = false;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hash_of_nothing_is_the_one_that_would_be_computed() {
        let computed = Fingerprint { is_empty: false, ..Fingerprint::guard() };
        assert_eq!(Fingerprint::guard().short(), computed.short());
    }
}
