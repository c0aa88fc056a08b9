//! The store: our database, whichever it is. SQL lives here and nowhere else.
//!
//! One file per noun holds its statements, each a constant beside the one function that uses it.
//! The functions take a [`Tx`]; who opens one is [`Local`](crate::api) alone, which also decides
//! what may be written: there is no rule here.
//!
//! What a process tells of the runs that it executes does not come in transactions but as
//! records: [`Store::record`] hands one over to be written soon, [`Store::commit`] returns once it
//! is kept.
//!
//! A driver is a folder (`sqlite`, `postgres`); it executes statements, groups records into transactions and
//! says what its errors mean. The closure of a transaction is an async one that awaits nothing but
//! its `Tx`: SQLite runs it in one go on the thread that holds the connection; Postgres awaits it on
//! a thread of its own, since nobody can promise that the futures of async closures are `Send`. It
//! can be cloned, since Postgres runs it again when a connection was lost.

pub(crate) mod api_key;
pub(crate) mod artifact;
pub(crate) mod block_document;
pub(crate) mod block_schema;
pub(crate) mod block_type;
mod changes;
pub(crate) mod concurrency_limit;
pub(crate) mod configuration;
pub(crate) mod count;
pub(crate) mod event;
mod filter;
pub(crate) mod flow;
pub(crate) mod flow_run;
pub(crate) mod flow_run_input;
pub(crate) mod flow_run_state;
mod flow_run_tag;
pub(crate) mod history;
pub(crate) mod lease;
pub(crate) mod log;
pub(crate) mod log_search;
mod migration;
mod narrow;
#[cfg(test)]
mod plan;
#[cfg(feature = "postgres")]
mod postgres;
mod query;
#[cfg_attr(
    not(any(feature = "client", test)),
    expect(dead_code, reason = "only a reporter has most of it done")
)]
pub(crate) mod report;
pub(crate) mod retention;
pub(crate) mod run_history;
#[cfg(test)]
mod sample;
pub(crate) mod saved_search;
pub(crate) mod slot;
mod sqlite;
mod state;
pub(crate) mod subflow;
mod task;
pub(crate) mod task_run;
pub(crate) mod task_run_key;
pub(crate) mod timeline;
mod tx;
mod value;
pub(crate) mod variable;

use std::path::Path;
use std::sync::{Arc, Mutex};

use tokio::sync::watch;
use uuid::Uuid;

#[cfg(feature = "postgres")]
use self::postgres::Postgres;
use self::sqlite::Sqlite;
pub(crate) use self::tx::Tx;
use crate::Timestamp;
use crate::wire::{Record, TaskRunRecord};
use crate::{Durability, Result};

/// A database that is open.
pub(crate) struct Store {
    driver: Driver,
}

/// Which database it is.
enum Driver {
    Sqlite(Sqlite),
    #[cfg(feature = "postgres")]
    Postgres(Postgres),
}

/// Has something done by whichever driver it is.
macro_rules! either {
    ($store:expr, $driver:ident => $done:expr) => {
        match &$store.driver {
            Driver::Sqlite($driver) => $done,
            #[cfg(feature = "postgres")]
            Driver::Postgres($driver) => $done,
        }
    };
}

impl Store {
    /// Opens a SQLite file, makes it if there is none, and brings its tables up to date.
    pub(crate) fn open_sqlite_file(path: &Path, now: Timestamp) -> Result<Self> {
        Sqlite::open_file(path, now).map(|driver| Self { driver: Driver::Sqlite(driver) })
    }

    /// Opens a SQLite database that ends with its last handle.
    pub(crate) fn open_sqlite_in_memory(now: Timestamp) -> Result<Self> {
        Sqlite::open_in_memory(now).map(|driver| Self { driver: Driver::Sqlite(driver) })
    }

    /// Connects to a Postgres database, and brings its tables up to date.
    #[cfg(feature = "postgres")]
    pub(crate) async fn open_postgres(url: &str, now: Timestamp) -> Result<Self> {
        Postgres::open(url, now).await.map(|driver| Self { driver: Driver::Postgres(driver) })
    }

    /// Runs a transaction that writes, while no other one does; an error undoes it.
    ///
    /// It runs in place when the database is free, else on a thread of the store.
    pub(crate) async fn write<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
        T: Send + 'static,
    {
        either!(self, driver => driver.write(work).await)
    }

    /// As [`write`](Self::write), but keeps out only those that are about the same subject.
    ///
    /// Whatever it decides has to follow from rows of that subject alone. SQLite lets one at a time
    /// write anyway; between processes that share a Postgres this is what lets them work at once.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(unused_variables, reason = "SQLite lets one at a time write anyway")
    )]
    pub(crate) async fn write_about<T, F>(&self, subject: Uuid, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
        T: Send + 'static,
    {
        match &self.driver {
            Driver::Sqlite(driver) => driver.write(work).await,
            #[cfg(feature = "postgres")]
            Driver::Postgres(driver) => driver.write_about(subject.as_u128(), work).await,
        }
    }

    /// Answers a question that takes a few lookups by key.
    ///
    /// It is answered in place. All statements of one question see the same moment.
    pub(crate) async fn read<T, F>(&self, ask: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
        T: Send + 'static,
    {
        either!(self, driver => driver.read(ask).await)
    }

    /// Answers a question that may go through many rows, on a thread of the store.
    pub(crate) async fn scan<T, F>(&self, ask: F) -> Result<T>
    where
        F: AsyncFnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
        T: Send + 'static,
    {
        either!(self, driver => driver.scan(ask).await)
    }

    /// Hands something over to be written soon.
    ///
    /// Never waits, unless more than 64 MB wait already: then it blocks the thread until the writer
    /// has made room. Nothing is lost, with one exception: while the database cannot be written
    /// at all (its disk is full) and so much waits, further lines are not kept, and the next
    /// [`flush`](Self::flush) says how many.
    pub(crate) fn record(&self, record: Record) {
        either!(self, driver => driver.record(record));
    }

    /// Returns once a task run is kept as it stands now.
    pub(crate) async fn commit(
        &self,
        record: &Arc<Mutex<TaskRunRecord>>,
        durability: Durability,
    ) -> Result<()> {
        either!(self, driver => driver.commit(record, durability).await)
    }

    /// Returns once everything recorded so far is kept, and the counts are right.
    pub(crate) async fn flush(&self, durability: Durability) -> Result<()> {
        match &self.driver {
            Driver::Sqlite(driver) => driver.flush(durability).await,
            #[cfg(feature = "postgres")]
            Driver::Postgres(driver) => driver.flush().await,
        }
    }

    /// Lets the database behave as if its disk were full, or no longer.
    #[cfg(feature = "testing")]
    pub(crate) async fn fill_disk(&self, is_full: bool) -> Result<()> {
        either!(self, driver => driver.fill_disk(is_full).await)
    }

    /// Gives the room that deleted rows took back to the disk.
    pub(crate) async fn vacuum(&self) -> Result<()> {
        either!(self, driver => driver.vacuum().await)
    }

    /// Deletes everything.
    pub(crate) async fn reset(&self) -> Result<()> {
        either!(self, driver => driver.reset().await)
    }

    /// The version of the tables.
    pub(crate) async fn schema_version(&self) -> Result<u32> {
        self.read(migration::current).await
    }

    /// A number that changes when somebody else, such as another process, has changed the database.
    pub(crate) async fn foreign_changes(&self) -> Result<u64> {
        either!(self, driver => driver.foreign_changes().await)
    }

    /// A number that changes with every change, whoever makes it, after this has returned.
    pub(crate) async fn listen(&self) -> Result<watch::Receiver<u64>> {
        either!(self, driver => driver.listen().await)
    }
}
