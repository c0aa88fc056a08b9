//! The API: operations in, answers out, whether by the database at hand or by a server far away.

mod client;
#[cfg(feature = "sqlite")]
mod local;
mod maintenance;

pub use client::{Answer, Client};
pub use maintenance::Deleted;
