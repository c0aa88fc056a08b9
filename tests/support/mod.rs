//! What several tests stand on.

mod scratch;
pub(crate) mod terminal;

pub(crate) use scratch::Scratch;
