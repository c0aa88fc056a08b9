//! Flow runs: one row each, with the state that it is in.

use super::narrow::narrow;
use super::query::Query;
use super::state::{Read, Written};
use super::tx::Tx;
use super::value::{Json, Row, Value, values};
use super::{filter, flow_run_tag};
use crate::model::{FlowId, FlowRun, FlowRunId, FlowRunNotes, RunCounts, StateType};
use crate::wire::{CountFlowRuns, FilterFlowRuns, FlowRunFilter, FlowRunSort, Related};
use crate::{Error, Result};

const CREATE: &str = "
    INSERT INTO flow_run (
        id, flow_id, name, flow_version, parameters, tags, parent_task_run_id, policy,
        idempotency_key, program, on_crash, state_type, state_name, state, run_count,
        expected_start_time, next_scheduled_start_time, start_time, end_time, run_time,
        created, updated, notes)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21, $22, $23)";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT flow_run.id, flow_id, flow_run.name, flow_version, parameters, flow_run.tags, \
             parent_task_run_id, policy, idempotency_key, program, on_crash, state, run_count, \
             expected_start_time, next_scheduled_start_time, start_time, end_time, run_time, \
             flow_run.created, flow_run.updated, notes FROM flow_run ",
            $rest
        )
    };
}

const READ: &str = select!("WHERE id = $1");

const FIND_BY_KEY: &str = select!("WHERE flow_id = $1 AND idempotency_key = $2");

const SET_STATE: &str = "
    UPDATE flow_run SET state_type = $1, state_name = $2, state = $3, run_count = $4,
        expected_start_time = $5, next_scheduled_start_time = $6, start_time = $7, end_time = $8,
        run_time = $9, updated = $10
    WHERE id = $11";

const UPDATE: &str = "
    UPDATE flow_run SET name = $1, tags = $2, flow_version = $3, parameters = $4, policy = $5,
        notes = $6, updated = $7
    WHERE id = $8";

const DELETE: &str = "DELETE FROM flow_run WHERE id = $1";

const ORPHAN_CHILDREN: &str = "
    UPDATE flow_run SET parent_task_run_id = NULL WHERE parent_task_run_id IN (
        SELECT id FROM task_run WHERE flow_run_id = $1 ORDER BY id LIMIT $2)";

/// Makes a flow run.
pub(crate) async fn create(tx: &mut Tx<'_>, run: &FlowRun) -> Result<()> {
    let [state_type, state_name, state] = state_values(run);
    let values = values![
        run.id,
        run.flow_id,
        &run.name,
        run.flow_version.as_deref(),
        Json(&run.parameters),
        Json(&run.tags),
        run.parent_task_run_id,
        Json(&run.empirical_policy),
        run.idempotency_key.as_deref(),
        run.program.as_ref().map(Json),
        Json(run.on_crash),
        state_type,
        state_name,
        state,
        run.run_count,
        run.expected_start_time,
        run.next_scheduled_start_time,
        run.start_time,
        run.end_time,
        run_time(run),
        run.created,
        run.updated,
        notes(run),
    ];
    tx.execute(CREATE, &values).await?;
    flow_run_tag::put(tx, run.id, &run.tags).await
}

/// One flow run.
pub(crate) async fn read(tx: &mut Tx<'_>, id: FlowRunId) -> Result<Option<FlowRun>> {
    tx.row(READ, &values![id], read_run).await
}

/// One flow run, or an error that names it.
pub(crate) async fn need(tx: &mut Tx<'_>, id: FlowRunId) -> Result<FlowRun> {
    read(tx, id).await?.ok_or_else(|| Error::not_found(format!("flow run {id}")))
}

/// The run that a request with that key has made.
pub(crate) async fn find_by_key(
    tx: &mut Tx<'_>,
    flow_id: FlowId,
    key: &str,
) -> Result<Option<FlowRun>> {
    tx.row(FIND_BY_KEY, &values![flow_id, key], read_run).await
}

/// Writes the state that a run is in, with its times and counters.
pub(crate) async fn set_state(tx: &mut Tx<'_>, run: &FlowRun) -> Result<()> {
    let [state_type, state_name, state] = state_values(run);
    let values = values![
        state_type,
        state_name,
        state,
        run.run_count,
        run.expected_start_time,
        run.next_scheduled_start_time,
        run.start_time,
        run.end_time,
        run_time(run),
        run.updated,
        run.id,
    ];
    tx.execute(SET_STATE, &values).await.map(drop)
}

/// Writes what people and clients may change of a run.
pub(crate) async fn update(tx: &mut Tx<'_>, run: &FlowRun) -> Result<()> {
    let values = values![
        &run.name,
        Json(&run.tags),
        run.flow_version.as_deref(),
        Json(&run.parameters),
        Json(&run.empirical_policy),
        notes(run),
        run.updated,
        run.id,
    ];
    tx.execute(UPDATE, &values).await?;
    flow_run_tag::delete(tx, run.id).await?;
    flow_run_tag::put(tx, run.id, &run.tags).await
}

/// Deletes a run's row, and says whether there was one.
pub(crate) async fn delete(tx: &mut Tx<'_>, id: FlowRunId) -> Result<bool> {
    flow_run_tag::delete(tx, id).await?;
    Ok(tx.execute(DELETE, &values![id]).await? > 0)
}

/// Has the flow runs that were called by the first task runs of a flow run stand on their own.
pub(crate) async fn orphan_children(tx: &mut Tx<'_>, id: FlowRunId, of_first: u32) -> Result<()> {
    tx.execute(ORPHAN_CHILDREN, &values![id, of_first]).await.map(drop)
}

/// The runs that a filter means.
pub(crate) async fn filter(tx: &mut Tx<'_>, wanted: FilterFlowRuns) -> Result<Vec<FlowRun>> {
    let flow_runs = narrow(tx, wanted.flow_runs).await?;
    let mut query = Query::new(select!(""));
    filter::flow_runs(&mut query, flow_runs, wanted.related);
    query.order_by(match wanted.sort {
        FlowRunSort::IdDesc => "flow_run.id DESC",
        FlowRunSort::StartTimeAsc => "start_time ASC NULLS LAST, flow_run.id",
        FlowRunSort::StartTimeDesc => "start_time DESC NULLS LAST, flow_run.id DESC",
        FlowRunSort::ExpectedStartTimeAsc => "expected_start_time ASC NULLS LAST, flow_run.id",
        FlowRunSort::ExpectedStartTimeDesc => {
            "expected_start_time DESC NULLS LAST, flow_run.id DESC"
        }
        FlowRunSort::NextScheduledStartTimeAsc => {
            "next_scheduled_start_time ASC NULLS LAST, flow_run.id"
        }
        FlowRunSort::EndTimeDesc => "end_time DESC NULLS LAST, flow_run.id DESC",
        FlowRunSort::NameAsc => "flow_run.name, flow_run.id",
        FlowRunSort::NameDesc => "flow_run.name DESC, flow_run.id DESC",
    });
    query.page(wanted.page);
    query.rows(tx, read_run).await
}

/// How many of the runs that a filter means are in each type of state.
pub(crate) async fn count(tx: &mut Tx<'_>, wanted: CountFlowRuns) -> Result<RunCounts> {
    let flow_runs = narrow(tx, wanted.flow_runs).await?;
    let mut query = Query::new("SELECT state_type, COUNT(*) FROM flow_run");
    filter::flow_runs(&mut query, flow_runs, wanted.related);
    query.then("GROUP BY state_type");
    let counts: Vec<(StateType, u64)> =
        query.rows(tx, |row| Ok((row.next()?, row.next()?))).await?;
    Ok(RunCounts(counts.into_iter().collect()))
}

/// How many runs a filter means.
pub(crate) async fn total(tx: &mut Tx<'_>, wanted: FlowRunFilter, related: Related) -> Result<u64> {
    let wanted = narrow(tx, wanted).await?;
    let mut query = Query::new("SELECT COUNT(*) FROM flow_run");
    filter::flow_runs(&mut query, wanted, related);
    query.value(tx).await
}

fn state_values(run: &FlowRun) -> [Value<'_>; 3] {
    match &run.state {
        Some(state) => values![state.kind, &*state.name, Json(Written(state))],
        None => values![StateType::Pending, "", None::<i64>],
    }
}

fn run_time(run: &FlowRun) -> i64 {
    let time = std::time::Duration::try_from_secs_f64(run.total_run_time).unwrap_or_default();
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Few runs have any.
fn notes(run: &FlowRun) -> Option<Json<&FlowRunNotes>> {
    (run.notes != FlowRunNotes::default()).then_some(Json(&run.notes))
}

fn read_run(row: &mut Row<'_>) -> Result<FlowRun> {
    Ok(FlowRun {
        id: row.next()?,
        flow_id: row.next()?,
        name: row.next()?,
        flow_version: row.next()?,
        parameters: row.json()?,
        tags: row.json()?,
        parent_task_run_id: row.next()?,
        empirical_policy: row.json()?,
        idempotency_key: row.next()?,
        program: row.next::<Option<Json<_>>>()?.map(|program| program.0),
        on_crash: row.json()?,
        state: row.next::<Option<Json<Read>>>()?.map(|state| state.0.0),
        run_count: row.next()?,
        expected_start_time: row.next()?,
        next_scheduled_start_time: row.next()?,
        start_time: row.next()?,
        end_time: row.next()?,
        total_run_time: std::time::Duration::from_micros(row.next()?).as_secs_f64(),
        created: row.next()?,
        updated: row.next()?,
        notes: row.next::<Option<Json<_>>>()?.map(|notes| notes.0).unwrap_or_default(),
    })
}
