//! Pen: the one connection that writes. Whoever holds it writes.

use rusqlite::Connection;

use super::super::count::Deltas;
use super::super::task::TaskIds;
use super::super::tx::Tx;
use super::connection::{self, Patience, with_patience};
use super::error::{explain, is_busy};
use super::statement::{in_place, script, try_execute};
use crate::{Error, Result, fault};

/// The one connection that writes, and what is remembered with it.
pub(super) struct Pen {
    pub(super) connection: Connection,
    pub(super) task_ids: TaskIds,
    /// Changes of the counts of task runs that are still to be written.
    pub(super) deltas: Deltas,
    /// Whether this process made the file and has not yet made sure that it survives a loss of power.
    pub(super) is_fresh: bool,
}

/// Why something was not written.
pub(super) enum Trouble {
    /// Another process is in the way, and whoever holds the pen may not wait for it.
    Busy,
    Failed(Error),
}

impl Trouble {
    pub(super) fn of(error: &rusqlite::Error) -> Self {
        if is_busy(error) { Self::Busy } else { Self::Failed(explain(error)) }
    }

    /// The error for whoever has waited as long as one can.
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Busy => Error::unavailable("another process does not let go of the database")
                .with_hint("is a program that uses it stopped or stuck?"),
            Self::Failed(error) => error,
        }
    }
}

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// A transaction that was begun; it is undone unless it is kept.
pub(super) struct Begun<'p> {
    pen: &'p mut Pen,
}

impl Pen {
    pub(super) fn new(connection: Connection, is_fresh: bool) -> Self {
        Self { connection, task_ids: TaskIds::default(), deltas: Deltas::default(), is_fresh }
    }

    pub(super) fn tx(&mut self) -> Tx<'_> {
        Tx::on_sqlite(&self.connection, &mut self.task_ids)
    }

    /// Begins a transaction; only this can be kept from it by another process.
    pub(super) fn begin(&mut self, access: Access) -> Result<Begun<'_>, Trouble> {
        let sql = match access {
            Access::Read => "BEGIN",
            Access::Write => "BEGIN IMMEDIATE",
        };
        try_execute(&self.connection, sql, &[]).map_err(|error| Trouble::of(&error))?;
        Ok(Begun { pen: self })
    }

    /// Runs a closure in a transaction, and keeps what it wrote unless it returns an error.
    pub(super) fn transact<T>(
        &mut self,
        access: Access,
        work: impl AsyncFnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        self.begin(access).map_err(Trouble::into_error)?.run(work)
    }

    /// From now on each commit survives the loss of power, which takes a wait for the disk.
    pub(super) fn wait_for_disk(&mut self) -> Result<()> {
        if self.is_fresh {
            // The file itself was made without waiting.
            script(&self.connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
            self.is_fresh = false;
        }
        script(&self.connection, "PRAGMA synchronous = FULL")
    }

    /// From now on commits survive the death of this process only.
    pub(super) fn wait_no_longer(&self) -> Result<()> {
        script(&self.connection, "PRAGMA synchronous = NORMAL")
    }
}

impl Begun<'_> {
    /// Runs the closure, and keeps what it wrote unless it returns an error.
    pub(super) fn run<T>(mut self, work: impl AsyncFnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let done = in_place(work(&mut self.tx()))?;
        self.keep()?;
        Ok(done)
    }

    fn tx(&mut self) -> Tx<'_> {
        self.pen.tx()
    }

    /// What statements are executed with.
    pub(super) fn parts(&mut self) -> (&Connection, &mut TaskIds) {
        (&self.pen.connection, &mut self.pen.task_ids)
    }

    /// Commits. Nobody can be in the way of that.
    pub(super) fn keep(self) -> Result<()> {
        fault::place();
        try_execute(&self.pen.connection, "COMMIT", &[]).map_err(|error| explain(&error))?;
        fault::place();
        Ok(())
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if !self.pen.connection.is_autocommit() {
            // If even this fails the connection is broken, and the next call says so.
            let _ = try_execute(&self.pen.connection, "ROLLBACK", &[]);
            // They may have been made in this transaction.
            self.pen.task_ids.forget();
        }
    }
}

/// Does something with the pen, without waiting for other processes.
pub(super) fn in_passing<T>(work: impl FnOnce() -> T) -> T {
    with_patience(Patience::None, work)
}

/// How long the write-ahead log is, if the work of this thread changed it.
pub(super) fn take_log_frames() -> u32 {
    connection::take_log_frames()
}
