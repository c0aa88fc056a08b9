//! What several tests stand on.

pub(crate) mod dbt;
mod example;
mod scratch;
pub(crate) mod terminal;

pub(crate) use example::Examples;
pub(crate) use scratch::Scratch;
