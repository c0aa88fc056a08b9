//! Client: the one door to everything that is kept.

use std::fmt;
use std::sync::{Arc, Mutex};

#[cfg(feature = "sqlite")]
use super::local::Local;
#[cfg(feature = "client")]
use super::remote::{Remote, Server};
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
/// Behind it is a database, or a flowkit server. Cloning it is cheap; all clones share one connection.
#[derive(Clone)]
pub struct Client {
    clock: Clock,
    backend: Backend,
}

/// Who answers; nobody can in a build without both features.
#[derive(Clone)]
enum Backend {
    #[cfg(feature = "sqlite")]
    Local(Local),
    #[cfg(feature = "client")]
    Remote(Remote),
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
        Ok(Self { clock, backend: Backend::Local(local) })
    }

    /// The database, where it is at hand.
    pub(super) fn local(&self) -> Result<&Local> {
        match &self.backend {
            Backend::Local(local) => Ok(local),
            #[cfg(feature = "client")]
            Backend::Remote(_) => Err(no_database()),
        }
    }

    /// What happens, for whoever listens; nothing behind a server.
    #[cfg(feature = "server")]
    pub(crate) fn news(&self) -> Result<&super::news::News> {
        self.local().map(Local::news)
    }
}

#[cfg(all(feature = "client", feature = "sqlite"))]
impl Client {
    /// The database, to be told where its runs are reported.
    pub(super) fn local_mut(&mut self) -> Option<&mut Local> {
        match &mut self.backend {
            Backend::Local(local) => Some(local),
            Backend::Remote(_) => None,
        }
    }
}

#[cfg(feature = "client")]
impl Client {
    /// Asks a flowkit server instead of a database. Nothing is sent before the first operation.
    ///
    /// # Errors
    /// Invalid when the address is none.
    pub fn connect(server: &Server, clock: Clock) -> Result<Self> {
        Ok(Self { clock, backend: Backend::Remote(Remote::new(server)?) })
    }
}

#[cfg(all(feature = "sqlite", feature = "client"))]
fn no_database() -> crate::Error {
    crate::Error::refused("the database is behind a server, not at hand")
        .with_hint("do this on the machine of the server")
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

    /// Hands something over to be written soon. Never waits, except while the queue is full.
    ///
    /// Only who holds a database executes runs; a server is told of them by a reporter.
    pub(crate) fn record(&self, record: Record) {
        #[cfg(feature = "sqlite")]
        if let Ok(local) = self.local() {
            local.record(record);
        }
        #[cfg(not(feature = "sqlite"))]
        drop(record);
    }

    /// Hands a task run over and returns once it is kept as durably as asked for.
    pub(crate) async fn commit(
        &self,
        record: &Arc<Mutex<TaskRunRecord>>,
        durability: Durability,
    ) -> Result<()> {
        #[cfg(feature = "sqlite")]
        return self.local()?.commit(record, durability).await;
        #[cfg(not(feature = "sqlite"))]
        {
            let _ = (record, durability);
            Err(no_store())
        }
    }

    /// Returns once everything handed over so far is kept as durably as asked for.
    pub(crate) async fn flush(&self, durability: Durability) -> Result<()> {
        #[cfg(feature = "sqlite")]
        return self.local()?.flush(durability).await;
        #[cfg(not(feature = "sqlite"))]
        {
            let _ = durability;
            Err(no_store())
        }
    }
}

/// Has each operation answered by whoever is behind the client.
macro_rules! answer {
    ($($operation:ident)*) => {$(
        impl Answer<wire::$operation> for Client {
            #[cfg_attr(
                not(any(feature = "sqlite", feature = "client")),
                expect(unused_variables, reason = "nobody can be asked")
            )]
            async fn answer(
                &self,
                operation: wire::$operation,
            ) -> Result<<wire::$operation as Operation>::Output> {
                match self.backend {
                    #[cfg(feature = "sqlite")]
                    Backend::Local(ref local) => local.answer(operation).await,
                    #[cfg(feature = "client")]
                    Backend::Remote(ref remote) => remote.call(&operation).await,
                }
            }
        }
    )*};
}
wire::each_operation!(answer);
