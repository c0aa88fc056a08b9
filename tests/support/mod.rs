//! What several tests stand on.

mod program;
mod scratch;
pub(crate) mod terminal;

pub(crate) use program::run_program;
pub(crate) use scratch::Scratch;
