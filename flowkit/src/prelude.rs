//! What a program that writes flows needs: `use flowkit::prelude::*;`.

pub use crate::engine::{DEFAULT, Gather as _, Handle};
#[cfg(feature = "macros")]
pub use flowkit_macros::{flow, task};
