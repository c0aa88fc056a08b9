//! Put `#[flow]` and `#[task]` on Rust functions and every call becomes a tracked, durable run.

mod clock;
mod error;
pub mod model;
pub mod rules;

pub use clock::{Clock, Timestamp};
pub use error::{Error, ErrorKind, Result};
