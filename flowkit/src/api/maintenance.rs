//! Maintenance: what is done to the database itself, not to what it holds for people.

#[cfg(not(feature = "sqlite"))]
use super::client::no_store;
use super::{Changes, Client};
use crate::{Result, Timestamp};

/// How much was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Deleted {
    /// How many flow runs.
    pub flow_runs: u64,
    /// How many task runs, with and without a flow run.
    pub task_runs: u64,
    /// How many log lines.
    pub logs: u64,
}

#[cfg(feature = "sqlite")]
impl Client {
    /// Deletes flow runs that ended and log lines that were written before those times.
    ///
    /// Works in small pieces, beside whatever else goes on. Runs that have not ended, and those that
    /// were called by such a run, are kept however old they are.
    ///
    /// # Errors
    /// Unavailable when the database cannot be written.
    pub async fn delete_older(
        &self,
        flow_runs: Option<Timestamp>,
        logs: Option<Timestamp>,
    ) -> Result<Deleted> {
        self.local()?.delete_older(flow_runs, logs).await
    }

    /// Gives the room that deleted rows took back to the disk.
    ///
    /// Writes the whole database anew; until then all other writers wait.
    ///
    /// # Errors
    /// Unavailable when the disk has no room for a copy.
    pub async fn vacuum(&self) -> Result<()> {
        self.local()?.vacuum().await
    }

    /// Deletes everything: flows, runs, logs, artifacts, variables, limits.
    ///
    /// # Errors
    /// Unavailable when the database cannot be written.
    pub async fn reset(&self) -> Result<()> {
        self.local()?.reset().await
    }

    /// The version of the tables. Opening the database has brought them up to date.
    ///
    /// # Errors
    /// Unavailable when the database does not answer.
    pub async fn schema_version(&self) -> Result<u32> {
        self.local()?.schema_version().await
    }

    /// A number that changes whenever another process has changed the database.
    ///
    /// Asking costs some microseconds, so that whoever follows what others do can ask often and look
    /// closer only when it changes.
    ///
    /// # Errors
    /// Unavailable when the database does not answer.
    pub async fn foreign_changes(&self) -> Result<u64> {
        self.local()?.foreign_changes().await
    }

    /// Wakes whoever waits for changes of runs, logs or artifacts, by this or another process.
    ///
    /// On Postgres other processes are heard at once; on SQLite they are looked at ten times a second
    /// while somebody listens.
    ///
    /// # Errors
    /// Unavailable when the database does not answer.
    pub async fn changes(&self) -> Result<Changes> {
        Ok(Changes::new(self.local()?.listen().await?, self.clone()))
    }

    #[cfg(feature = "testing")]
    pub(crate) async fn fill_disk(&self, is_full: bool) -> Result<()> {
        self.local()?.fill_disk(is_full).await
    }
}

/// A build without a database refuses all of it.
#[cfg(not(feature = "sqlite"))]
#[expect(clippy::missing_errors_doc, reason = "unavailable, always")]
impl Client {
    /// Unavailable, since the feature `sqlite` is off.
    pub async fn delete_older(
        &self,
        _flow_runs: Option<Timestamp>,
        _logs: Option<Timestamp>,
    ) -> Result<Deleted> {
        Err(no_store())
    }

    /// Unavailable, since the feature `sqlite` is off.
    pub async fn vacuum(&self) -> Result<()> {
        Err(no_store())
    }

    /// Unavailable, since the feature `sqlite` is off.
    pub async fn reset(&self) -> Result<()> {
        Err(no_store())
    }

    /// Unavailable, since the feature `sqlite` is off.
    pub async fn schema_version(&self) -> Result<u32> {
        Err(no_store())
    }

    /// Unavailable, since the feature `sqlite` is off.
    pub async fn foreign_changes(&self) -> Result<u64> {
        Err(no_store())
    }

    /// Unavailable, since the feature `sqlite` is off.
    pub async fn changes(&self) -> Result<Changes> {
        Err(no_store())
    }
}
