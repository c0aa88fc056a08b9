//! Retention: what is old enough to be deleted, in small pieces, so that nobody waits for long.

use super::tx::Tx;
use super::value::values;
use crate::Result;
use crate::Timestamp;
use crate::model::FlowRunId;

// A flow run that was called by one that goes on is kept, since that one may still ask for it.
const ENDED_FLOW_RUNS: &str = "
    SELECT id FROM flow_run WHERE end_time < $1 AND NOT EXISTS (
        SELECT 1 FROM task_run JOIN flow_run AS caller ON caller.id = task_run.flow_run_id
        WHERE task_run.id = flow_run.parent_task_run_id AND caller.end_time IS NULL)
    ORDER BY end_time LIMIT $2";

const DELETE_LOGS: &str = "
    DELETE FROM log WHERE (owner_id, id) IN (
        SELECT owner_id, id FROM log WHERE timestamp < $1 ORDER BY timestamp LIMIT $2)";

const DELETE_TASK_RUNS: &str = "
    DELETE FROM task_run WHERE (flow_run_id, id) IN (
        SELECT flow_run_id, id FROM task_run
        WHERE flow_run_id = id AND end_time < $1 ORDER BY end_time LIMIT $2)";

/// Some flow runs that ended before that time, the oldest first.
pub(crate) async fn ended_flow_runs(
    tx: &mut Tx<'_>,
    before: Timestamp,
    most: u32,
) -> Result<Vec<FlowRunId>> {
    tx.rows(ENDED_FLOW_RUNS, &values![before, most], |row| row.next()).await
}

/// Deletes some log lines that were written before that time, and says how many.
pub(crate) async fn delete_logs(tx: &mut Tx<'_>, before: Timestamp, most: u32) -> Result<u64> {
    tx.execute(DELETE_LOGS, &values![before, most]).await
}

/// Deletes some task runs outside flow runs that ended before that time, and says how many.
pub(crate) async fn delete_task_runs(tx: &mut Tx<'_>, before: Timestamp, most: u32) -> Result<u64> {
    tx.execute(DELETE_TASK_RUNS, &values![before, most]).await
}
