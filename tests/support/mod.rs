//! What several tests stand on.

mod browser;
pub(crate) mod dbt;
mod example;
mod executable;
mod program;
mod redact;
mod scratch;
pub(crate) mod terminal;

pub(crate) use browser::Browser;
pub(crate) use example::Examples;
pub(crate) use program::run_program;
pub(crate) use redact::redactions;
pub(crate) use scratch::Scratch;
