//! Tx: one transaction, whatever the driver.
//!
//! Statements are written for both drivers: placeholders are `$1` to `$n`, numbered in the order
//! of their first appearance, which is how SQLite numbers named ones.

use rusqlite::Connection;

#[cfg(feature = "postgres")]
use super::postgres::Transaction;
use super::sqlite;
use super::task::TaskIds;
use super::value::{Row, Value};
use crate::{Error, Result};

/// One transaction; what it wrote is kept if its closure returns no error.
///
/// On SQLite its calls never pend, so that a whole transaction runs in one go on the thread that
/// holds the connection.
pub(crate) struct Tx<'t> {
    on: On<'t>,
    task_ids: &'t mut TaskIds,
}

/// What the statements are executed on.
enum On<'t> {
    Sqlite(&'t Connection),
    #[cfg(feature = "postgres")]
    Postgres(&'t mut Transaction),
}

impl<'t> Tx<'t> {
    pub(super) fn on_sqlite(connection: &'t Connection, task_ids: &'t mut TaskIds) -> Self {
        Self { on: On::Sqlite(connection), task_ids }
    }

    #[cfg(feature = "postgres")]
    pub(super) fn on_postgres(transaction: &'t mut Transaction, task_ids: &'t mut TaskIds) -> Self {
        Self { on: On::Postgres(transaction), task_ids }
    }

    /// The ids of tasks that this connection has seen.
    pub(super) fn task_ids(&mut self) -> &mut TaskIds {
        self.task_ids
    }

    /// Executes a statement and says how many rows it changed.
    pub(super) async fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        match &mut self.on {
            On::Sqlite(connection) => sqlite::execute(connection, sql, values),
            // In a box, so that SQLite's callers do not carry what only this one needs.
            #[cfg(feature = "postgres")]
            On::Postgres(transaction) => Box::pin(transaction.execute(sql, values)).await,
        }
    }

    /// Hands each row of an answer to `take`.
    async fn query(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        take: impl FnMut(&mut Row<'_>) -> Result<()>,
    ) -> Result<()> {
        match &mut self.on {
            On::Sqlite(connection) => sqlite::query(connection, sql, values, take),
            #[cfg(feature = "postgres")]
            On::Postgres(transaction) => Box::pin(transaction.query(sql, values, take)).await,
        }
    }

    /// All rows of an answer.
    pub(super) async fn rows<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&mut Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        let take = |row: &mut Row<'_>| {
            rows.push(read(row)?);
            Ok(())
        };
        self.query(sql, values, take).await?;
        Ok(rows)
    }

    /// The only row of an answer, or none.
    pub(super) async fn row<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&mut Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut found = None;
        let take = |row: &mut Row<'_>| {
            found = Some(read(row)?);
            Ok(())
        };
        self.query(sql, values, take).await?;
        Ok(found)
    }

    /// The only column of the only row of an answer that always has one.
    pub(super) async fn number(&mut self, sql: &str, values: &[Value<'_>]) -> Result<i64> {
        let number = self.row(sql, values, |row| row.next::<i64>()).await?;
        number.ok_or_else(|| Error::internal("the database answered without a row"))
    }

    /// Executes a script of statements without values.
    pub(super) async fn script(&mut self, sql: &str) -> Result<()> {
        match &mut self.on {
            On::Sqlite(connection) => sqlite::script(connection, sql),
            #[cfg(feature = "postgres")]
            On::Postgres(transaction) => Box::pin(transaction.script(sql)).await,
        }
    }
}
