//! Tx: one transaction, whatever the driver.
//!
//! Statements are written for both drivers: placeholders are `$1` to `$n`, numbered in the order
//! of their first appearance, which is how SQLite numbers named ones.

use rusqlite::Connection;

use super::sqlite;
use super::task::TaskIds;
use super::value::{Row, Value};
use crate::{Error, Result};

/// One transaction; what it wrote is kept if its closure returns no error.
///
/// On SQLite its calls never pend, so that a whole transaction runs in one go on the thread that
/// holds the connection.
pub(crate) struct Tx<'t> {
    connection: &'t Connection,
    task_ids: &'t mut TaskIds,
}

impl<'t> Tx<'t> {
    pub(super) fn new(connection: &'t Connection, task_ids: &'t mut TaskIds) -> Self {
        Self { connection, task_ids }
    }

    /// The ids of tasks that this connection has seen.
    pub(super) fn task_ids(&mut self) -> &mut TaskIds {
        self.task_ids
    }

    /// Executes a statement and says how many rows it changed.
    pub(super) async fn execute(&mut self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        sqlite::execute(self.connection, sql, values)
    }

    /// All rows of an answer.
    pub(super) async fn rows<T>(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&mut Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        sqlite::query(self.connection, sql, values, |row| {
            rows.push(read(row)?);
            Ok(())
        })?;
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
        sqlite::query(self.connection, sql, values, |row| {
            found = Some(read(row)?);
            Ok(())
        })?;
        Ok(found)
    }

    /// The only column of the only row of an answer that always has one.
    pub(super) async fn number(&mut self, sql: &str, values: &[Value<'_>]) -> Result<i64> {
        let number = self.row(sql, values, |row| row.next::<i64>()).await?;
        number.ok_or_else(|| Error::internal("the database answered without a row"))
    }

    /// Executes a script of statements without values.
    pub(super) async fn script(&mut self, sql: &str) -> Result<()> {
        sqlite::script(self.connection, sql)
    }
}
