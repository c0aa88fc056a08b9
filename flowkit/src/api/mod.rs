//! The API: operations in, answers out, whether by the database at hand or by a server far away.

mod changes;
mod client;
#[cfg(feature = "sqlite")]
mod local;
mod maintenance;
#[cfg_attr(not(feature = "server"), expect(dead_code, reason = "only a server has listeners"))]
pub(crate) mod news;
#[cfg(feature = "client")]
mod remote;
#[cfg(all(feature = "client", feature = "sqlite"))]
pub(crate) mod report;
#[cfg(feature = "sqlite")]
mod vault;

pub use changes::Changes;
pub use client::{Answer, Client};
pub use maintenance::Deleted;
#[cfg(feature = "client")]
pub use remote::{Login, Server};
#[cfg(all(feature = "client", feature = "sqlite"))]
pub(crate) use remote::{Remote, Reply, refusal};
