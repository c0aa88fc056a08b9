//! Flow run states: all states that a flow run has had, in order.

use super::state::{Read, Written};
use super::tx::Tx;
use super::value::{Json, values};
use crate::Result;
use crate::model::{FlowRunId, State};

const ADD: &str = "
    INSERT INTO flow_run_state (flow_run_id, position, state)
    SELECT $1, COALESCE(MAX(position), -1) + 1, $2 FROM flow_run_state WHERE flow_run_id = $1";

const READ: &str = "SELECT state FROM flow_run_state WHERE flow_run_id = $1 ORDER BY position";

const DELETE: &str = "DELETE FROM flow_run_state WHERE flow_run_id = $1";

/// Adds a state behind the others.
pub(crate) async fn add(tx: &mut Tx<'_>, id: FlowRunId, state: &State) -> Result<()> {
    tx.execute(ADD, &values![id, Json(Written(state))]).await.map(drop)
}

/// All states of a flow run, the first one first.
pub(crate) async fn read(tx: &mut Tx<'_>, id: FlowRunId) -> Result<Vec<State>> {
    tx.rows(READ, &values![id], |row| row.json().map(|Read(state)| state)).await
}

/// Deletes all states of a flow run.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: FlowRunId) -> Result<()> {
    tx.execute(DELETE, &values![id]).await.map(drop)
}
