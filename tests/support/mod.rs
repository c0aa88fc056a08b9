//! What several tests stand on.

pub(crate) mod dbt;
mod example;
pub(crate) mod postgres;
mod program;
mod redact;
mod scratch;
pub(crate) mod terminal;

pub(crate) use example::Examples;
pub(crate) use program::run_program;
pub(crate) use redact::redactions;
pub(crate) use scratch::Scratch;
