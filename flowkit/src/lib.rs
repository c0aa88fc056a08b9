//! Put `#[flow]` and `#[task]` on Rust functions and every call becomes a tracked, durable run.

pub mod api;
mod clock;
mod durability;
mod error;
pub mod model;
pub mod rules;
pub mod secret;
pub mod settings;
#[cfg(feature = "sqlite")]
mod store;
pub mod wire;

pub use clock::{Clock, Timestamp};
pub use durability::Durability;
pub use error::{Error, ErrorKind, Result};
