//! Natural keys: task runs that clients of the API made, found by what they call them.
//!
//! Runs that flowkit executes itself have none, so that they need not keep an index for it.

use super::tx::Tx;
use super::value::values;
use crate::Result;
use crate::model::{FlowRunId, TaskRunId};

const FIND: &str = "
    SELECT task_run_id FROM task_run_key
    WHERE flow_run_id = $1 AND dynamic_key = $2 AND task_key = $3";

const PUT: &str = "
    INSERT INTO task_run_key (flow_run_id, dynamic_key, task_key, task_run_id)
    VALUES ($1, $2, $3, $4)";

const IS_KNOWN: &str = "SELECT COUNT(*) FROM task_run_key WHERE task_run_id = $1";

const DELETE: &str = "DELETE FROM task_run_key WHERE flow_run_id = $1";

/// The task run of that flow run, task and dynamic key.
pub(crate) async fn find(
    tx: &mut Tx<'_>,
    flow_run: FlowRunId,
    task_key: &str,
    dynamic_key: &str,
) -> Result<Option<TaskRunId>> {
    tx.row(FIND, &values![flow_run, dynamic_key, task_key], |row| row.next()).await
}

/// Notes what a client calls a task run.
pub(crate) async fn put(
    tx: &mut Tx<'_>,
    flow_run: FlowRunId,
    task_key: &str,
    dynamic_key: &str,
    id: TaskRunId,
) -> Result<()> {
    tx.execute(PUT, &values![flow_run, dynamic_key, task_key, id]).await.map(drop)
}

/// Says whether a client of the API made that task run.
pub(crate) async fn is_known(tx: &mut Tx<'_>, id: TaskRunId) -> Result<bool> {
    Ok(tx.number(IS_KNOWN, &values![id]).await? > 0)
}

/// Forgets what the task runs of a flow run were called.
pub(crate) async fn delete(tx: &mut Tx<'_>, flow_run: FlowRunId) -> Result<()> {
    tx.execute(DELETE, &values![flow_run]).await.map(drop)
}
