//! Plans: how SQLite goes about each statement that a closure executes.

use std::cell::RefCell;

use rusqlite::Connection;

use super::connection::Place;
use super::open;
use super::pen::Access;
use crate::Result;
use crate::Timestamp;
use crate::store::Tx;

/// A step of the plan of a statement: `SEARCH flow USING INDEX …`.
pub(crate) struct Step {
    pub(crate) does: String,
    pub(crate) sql: String,
}

thread_local!(static STEPS: RefCell<Vec<Step>> = const { RefCell::new(Vec::new()) });

/// The plans of all statements of a closure.
pub(crate) fn of(work: impl AsyncFnOnce(&mut Tx<'_>) -> Result<()>) -> Vec<Step> {
    let pen = open::open(&Place::Memory, Timestamp::from_micros(0));
    let mut pen = pen.expect("a database");
    STEPS.take();
    pen.transact(Access::Write, work).expect("every statement is right");
    STEPS.take()
}

/// Looks at the plan of a statement.
pub(super) fn look(connection: &Connection, sql: &str) {
    let Ok(mut plan) = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")) else { return };
    let mut rows = plan.raw_query();
    while let Ok(Some(row)) = rows.next() {
        let does = row.get(3).unwrap_or_default();
        STEPS.with_borrow_mut(|steps| steps.push(Step { does, sql: sql.to_owned() }));
    }
}
