//! Statements: executed in place, with values and rows of ours.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, Connection, Statement};

use super::super::value::{Cell, Row, Value};
use super::error::explain;
use crate::Result;

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

pub(crate) fn execute(connection: &Connection, sql: &str, values: &[Value<'_>]) -> Result<u64> {
    try_execute(connection, sql, values).map_err(|error| explain(&error))
}

/// Executes a statement; the error tells whether another process is in the way.
pub(super) fn try_execute(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
) -> rusqlite::Result<u64> {
    #[cfg(test)]
    super::plan::look(connection, sql);
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, values)?;
    Ok(u64::try_from(statement.raw_execute()?).unwrap_or(u64::MAX))
}

/// A statement that is executed many times, which looking it up each time would slow down.
pub(super) struct Repeated<'c>(CachedStatement<'c>);

impl<'c> Repeated<'c> {
    pub(super) fn new(connection: &'c Connection, sql: &str) -> Result<Self> {
        #[cfg(test)]
        super::plan::look(connection, sql);
        connection.prepare_cached(sql).map(Self).map_err(|error| explain(&error))
    }

    pub(super) fn execute(&mut self, values: &[Value<'_>]) -> Result<()> {
        self.0.clear_bindings();
        let done = bind(&mut self.0, values).and_then(|()| self.0.raw_execute());
        done.map(drop).map_err(|error| explain(&error))
    }
}

/// Hands each row of an answer to `take`.
pub(crate) fn query(
    connection: &Connection,
    sql: &str,
    values: &[Value<'_>],
    mut take: impl FnMut(&mut Row<'_>) -> Result<()>,
) -> Result<()> {
    #[cfg(test)]
    super::plan::look(connection, sql);
    let mut statement = connection.prepare_cached(sql).map_err(|error| explain(&error))?;
    bind(&mut statement, values).map_err(|error| explain(&error))?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(|error| explain(&error))? {
        take(&mut Row::new(&|index| cell(row, index)))?;
    }
    Ok(())
}

pub(crate) fn script(connection: &Connection, sql: &str) -> Result<()> {
    connection.execute_batch(sql).map_err(|error| explain(&error))
}

fn bind(statement: &mut Statement<'_>, values: &[Value<'_>]) -> rusqlite::Result<()> {
    for (index, value) in values.iter().enumerate() {
        // A statement that comes out of the cache has nothing but nulls.
        if *value != Value::Null {
            statement.raw_bind_parameter(index + 1, value)?;
        }
    }
    Ok(())
}

fn cell<'r>(row: &'r rusqlite::Row<'_>, index: usize) -> Option<Cell<'r>> {
    Some(match row.get_ref(index).ok()? {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Text(text) => Cell::Text(std::str::from_utf8(text).ok()?),
        ValueRef::Blob(bytes) => Cell::Bytes(bytes),
        // No column of ours holds a float.
        ValueRef::Real(_) => return None,
    })
}

/// Runs a future that never pends: one whose only awaits are calls of SQLite, made in place.
pub(super) fn in_place<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("a transaction awaits something that is not its Tx"),
    }
}
