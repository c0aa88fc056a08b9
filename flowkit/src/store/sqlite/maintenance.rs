//! Maintenance: emptying the database, giving room back, and noticing others.

use super::pen::{Access, Pen};
use super::shared::Shared;
use super::statement::script;
use super::writer::flush;
use crate::{Durability, Result};

/// The log takes up all that is left, and is then cut off.
pub(super) const VACUUM: &str = "VACUUM; PRAGMA wal_checkpoint(TRUNCATE)";

const DATA_VERSION: &str = "PRAGMA data_version";

const DELETE_ALL: &str = "
    DELETE FROM artifact;
    DELETE FROM concurrency_limit;
    DELETE FROM event;
    DELETE FROM flow;
    DELETE FROM flow_run;
    DELETE FROM flow_run_state;
    DELETE FROM flow_run_tag;
    DELETE FROM lease;
    DELETE FROM log;
    DELETE FROM report;
    DELETE FROM slot;
    DELETE FROM task_run;
    DELETE FROM task_run_count;
    DELETE FROM task_run_key;
    DELETE FROM variable;";

/// Deletes everything but the definitions of tasks, whose ids other processes remember.
pub(super) fn reset(shared: &Shared, pen: &mut Pen) -> Result<()> {
    // What is still to be written is written first, so that it does not come back.
    flush(shared, pen, Durability::Process)?;
    pen.transact(Access::Write, async |tx| tx.script(DELETE_ALL).await)?;
    script(&pen.connection, VACUUM)
}

/// A number that changes when another connection has changed the database.
///
/// SQLite leaves out what the asking connection writes, and this process writes with that one.
pub(super) fn data_version(pen: &mut Pen) -> Result<u64> {
    let version = pen.transact(Access::Read, async |tx| tx.number(DATA_VERSION, &[]).await)?;
    Ok(version.cast_unsigned())
}

/// Lets the database behave as if its disk were full, or no longer: it may not grow.
#[cfg(any(test, feature = "testing"))]
pub(super) fn fill_disk(pen: &Pen, is_full: bool) -> Result<()> {
    // SQLite takes a number below the present size for the present size.
    script(
        &pen.connection,
        if is_full { "PRAGMA max_page_count = 1" } else { "PRAGMA max_page_count = 4294967294" },
    )
}
