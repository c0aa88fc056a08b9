//! The API: operations in, answers out, whether by the database at hand or by a server far away.

mod changes;
mod client;
#[cfg(feature = "sqlite")]
mod local;
mod maintenance;
pub(crate) mod news;
#[cfg(feature = "client")]
mod remote;
#[cfg(all(feature = "client", feature = "sqlite"))]
pub(crate) mod report;

pub use changes::Changes;
pub use client::{Answer, Client};
pub use maintenance::Deleted;
#[cfg(feature = "client")]
pub use remote::{Login, Server};
#[cfg(all(feature = "client", feature = "sqlite"))]
pub(crate) use remote::{Remote, Reply, refusal};
