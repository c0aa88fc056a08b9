//! The API: operations in, answers out, whether by the database at hand or by a server far away.

mod client;
mod maintenance;
#[cfg(feature = "sqlite")]
mod local;

pub use client::{Answer, Client};
pub use maintenance::Deleted;
