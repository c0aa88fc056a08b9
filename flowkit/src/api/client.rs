//! Client: the one door to everything that is kept.

use std::fmt;
use std::sync::{Arc, Mutex};

#[cfg(feature = "sqlite")]
use super::local::Local;
use crate::clock::Clock;
use crate::settings::DatabaseUrl;
use crate::wire::{self, Operation, Record, TaskRunRecord};
use crate::{Durability, Result};

/// Answers one kind of operation.
pub trait Answer<O: Operation> {
    /// Does what the operation asks for.
    fn answer(&self, operation: O) -> impl Future<Output = Result<O::Output>> + Send;
}

/// The one door to everything that is kept: runs, states, logs, artifacts, variables, limits.
///
/// Cloning it is cheap; all clones share one connection.
#[derive(Clone)]
pub struct Client {
    clock: Clock,
    #[cfg(feature = "sqlite")]
    local: Local,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

#[cfg(feature = "sqlite")]
impl Client {
    /// Opens the database behind that address, and brings its tables up to date.
    ///
    /// # Errors
    /// Invalid for a kind of database that this build cannot open, or one of a newer flowkit;
    /// unavailable when the file cannot be opened or written.
    pub async fn open(database_url: &DatabaseUrl, clock: Clock) -> Result<Self> {
        let local = Local::open(database_url, clock.clone()).await?;
        Ok(Self { clock, local })
    }

    pub(super) const fn local(&self) -> &Local {
        &self.local
    }

    /// Hands something over to be written soon. Never waits, except while the queue is full.
    pub(crate) fn record(&self, record: Record) {
        self.local.record(record);
    }

    /// Hands a task run over and returns once it is kept as durably as asked for.
    pub(crate) async fn commit(
        &self,
        record: &Arc<Mutex<TaskRunRecord>>,
        durability: Durability,
    ) -> Result<()> {
        self.local.commit(record, durability).await
    }

    /// Returns once everything handed over so far is kept as durably as asked for.
    pub(crate) async fn flush(&self, durability: Durability) -> Result<()> {
        self.local.flush(durability).await
    }
}

#[cfg(not(feature = "sqlite"))]
impl Client {
    /// Opens a database; this build of flowkit has none.
    ///
    /// # Errors
    /// Unavailable, always: the feature `sqlite` is off.
    pub async fn open(_database_url: &DatabaseUrl, _clock: Clock) -> Result<Self> {
        Err(no_store())
    }

    pub(crate) fn record(&self, record: Record) {
        drop(record);
    }

    pub(crate) async fn commit(
        &self,
        _record: &Arc<Mutex<TaskRunRecord>>,
        _durability: Durability,
    ) -> Result<()> {
        Err(no_store())
    }

    pub(crate) async fn flush(&self, _durability: Durability) -> Result<()> {
        Err(no_store())
    }
}

#[cfg(not(feature = "sqlite"))]
pub(super) fn no_store() -> crate::Error {
    crate::Error::unavailable("this build of flowkit has no database")
        .with_hint("turn on the feature `sqlite` of the crate `flowkit`")
}

impl Client {
    /// The clock that this client's times come from.
    #[must_use]
    pub const fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Has an operation answered.
    ///
    /// # Errors
    /// Whatever the operation's answer says: not found, conflict, invalid, refused; unavailable
    /// when the database or server does not answer.
    pub async fn call<O: Operation>(&self, operation: O) -> Result<O::Output>
    where
        Self: Answer<O>,
    {
        self.answer(operation).await
    }
}

/// The list of all operations: what a client can call, and what a server mounts.
macro_rules! answered_by_local {
    ($($operation:ident)*) => {$(
        #[cfg(feature = "sqlite")]
        impl Answer<wire::$operation> for Client {
            fn answer(
                &self,
                operation: wire::$operation,
            ) -> impl Future<Output = Result<<wire::$operation as Operation>::Output>> + Send {
                self.local.answer(operation)
            }
        }

        #[cfg(not(feature = "sqlite"))]
        impl Answer<wire::$operation> for Client {
            async fn answer(
                &self,
                _operation: wire::$operation,
            ) -> Result<<wire::$operation as Operation>::Output> {
                Err(no_store())
            }
        }
    )*};
}

answered_by_local! {
    CreateFlow ReadFlow ReadFlowByName FilterFlows
    CreateFlowRun ReadFlowRun UpdateFlowRun DeleteFlowRun FilterFlowRuns CountFlowRuns
    SetFlowRunState ReadFlowRunStates
    ClaimFlowRun ReleaseFlowRun RenewLeases ReapFlowRuns
    ReadTaskRun FilterTaskRuns CountTaskRuns ReadTaskRunStates ReadRecordedCalls ReadCachedResult
    FilterLogs
    CreateArtifact ReadArtifact ReadLatestArtifact FilterArtifacts UpdateArtifact DeleteArtifact
    SetVariable ReadVariable FilterVariables DeleteVariable
    SetConcurrencyLimit ReadConcurrencyLimit FilterConcurrencyLimits DeleteConcurrencyLimit
    ResetConcurrencyLimit AcquireSlots ReleaseSlots
}
