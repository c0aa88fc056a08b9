//! What several tests stand on.

pub(crate) mod dbt;
mod example;
mod program;
mod redact;
mod scratch;
mod server;
mod stand_in;
pub(crate) mod terminal;

pub(crate) use example::Examples;
pub(crate) use program::run_program;
pub(crate) use redact::redactions;
pub(crate) use scratch::Scratch;
pub(crate) use server::Server;
pub(crate) use stand_in::{Answer, StandIn};
