//! Flow-run input: what is handed to a run while it goes on.

use super::tx::Tx;
use super::value::{Row, values};
use crate::Result;
use crate::model::FlowRunId;
use crate::wire::FlowRunInput;

const ADD: &str = "
    INSERT INTO flow_run_input (flow_run_id, key, id, value, sender, created)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (flow_run_id, key) DO NOTHING";

macro_rules! select {
    ($rest:literal) => {
        concat!("SELECT flow_run_id, key, id, value, sender, created FROM flow_run_input ", $rest)
    };
}

const READ: &str = select!("WHERE flow_run_id = $1 AND key = $2");

const WITH_PREFIX: &str =
    select!("WHERE flow_run_id = $1 AND SUBSTR(key, 1, LENGTH($2)) = $2 ORDER BY created, key");

const DELETE: &str = "DELETE FROM flow_run_input WHERE flow_run_id = $1 AND key = $2";

const DELETE_OF_FLOW_RUN: &str = "DELETE FROM flow_run_input WHERE flow_run_id = $1";

/// Adds an input; says whether its name was free.
pub(crate) async fn add(tx: &mut Tx<'_>, input: &FlowRunInput) -> Result<bool> {
    let values = values![
        input.flow_run_id,
        &input.key,
        input.id,
        &input.value,
        input.sender.as_deref(),
        input.created,
    ];
    Ok(tx.execute(ADD, &values).await? > 0)
}

/// The input of that name.
pub(crate) async fn read(
    tx: &mut Tx<'_>,
    id: FlowRunId,
    key: &str,
) -> Result<Option<FlowRunInput>> {
    tx.row(READ, &values![id, key], read_input).await
}

/// The inputs of a flow run whose names begin like that, the first first.
pub(crate) async fn with_prefix(
    tx: &mut Tx<'_>,
    id: FlowRunId,
    prefix: &str,
) -> Result<Vec<FlowRunInput>> {
    tx.rows(WITH_PREFIX, &values![id, prefix], read_input).await
}

/// Deletes an input, and says whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: FlowRunId, key: &str) -> Result<bool> {
    Ok(tx.execute(DELETE, &values![id, key]).await? > 0)
}

/// Deletes the inputs of a flow run.
pub(crate) async fn delete_of_flow_run(tx: &mut Tx<'_>, id: FlowRunId) -> Result<()> {
    tx.execute(DELETE_OF_FLOW_RUN, &values![id]).await.map(drop)
}

fn read_input(row: &mut Row<'_>) -> Result<FlowRunInput> {
    Ok(FlowRunInput {
        flow_run_id: row.next()?,
        key: row.next()?,
        id: row.next()?,
        value: row.next()?,
        sender: row.next()?,
        created: row.next()?,
    })
}
