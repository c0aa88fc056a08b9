//! What several tests stand on.

mod redact;
mod scratch;
pub(crate) mod terminal;

pub(crate) use redact::redactions;
pub(crate) use scratch::Scratch;
