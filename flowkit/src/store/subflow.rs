//! Subflows: the flow runs that a flow run has called.

use super::tx::Tx;
use super::value::values;
use crate::Result;
use crate::model::FlowRunId;
use crate::wire::ReadSubflows;

// Ids sort by time, so that only subflows of that time are looked at, not the task runs of the
// flow run, which may be very many.
const READ: &str = "
    SELECT flow_run.id FROM flow_run
    WHERE flow_run.parent_task_run_id >= (
        SELECT id FROM task_run WHERE flow_run_id = $1 ORDER BY id LIMIT 1)
        AND flow_run.parent_task_run_id <= (
        SELECT id FROM task_run WHERE flow_run_id = $1 ORDER BY id DESC LIMIT 1)
        AND EXISTS (
            SELECT 1 FROM task_run
            WHERE task_run.flow_run_id = $1 AND task_run.id = flow_run.parent_task_run_id)
    ORDER BY flow_run.parent_task_run_id LIMIT $2 OFFSET $3";

/// The ids of the flow runs that a flow run has called, the first called first.
pub(crate) async fn read(tx: &mut Tx<'_>, wanted: &ReadSubflows) -> Result<Vec<FlowRunId>> {
    let values = values![wanted.flow_run_id, wanted.page.limit, wanted.page.offset];
    tx.rows(READ, &values, |row| row.next()).await
}
