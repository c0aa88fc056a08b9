//! Run dbt from flowkit: one process a command, its logs in the run, its exit code as the truth.
//!
//! ```no_run
//! use flowkit::prelude::*;
//! use flowkit_dbt::Dbt;
//!
//! #[flow]
//! async fn nightly() -> flowkit::Result<()> {
//!     let dbt = Dbt::project("warehouse").target("prod");
//!     dbt.run("seed").await?;
//!     let built = dbt.run("build --select tag:nightly").retries(1).await?;
//!     tracing::info!("{} models in {:?}", built.count("success"), built.elapsed);
//!     Ok(())
//! }
//! ```
//!
//! The files are the steps of a command: `command` reads it, `dbt` makes a task run of it,
//! `process` starts dbt and ends it, `event` reads what it says, `report` sums that up into the
//! `outcome`.

mod command;
mod dbt;
mod event;
mod outcome;
mod process;
mod report;

pub use dbt::{Dbt, trigger_dbt_cli_command};
pub use outcome::{DbtFailure, DbtOutcome, NodeFailure};
