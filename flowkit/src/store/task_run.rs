//! Task runs: one row each, with all states inside, written by the process that executes them.

use std::sync::Arc;

use super::query::Query;
use super::state::{self, Read};
use super::tx::Tx;
use super::value::{Json, Row, Value, values};
use super::{count, filter, task};
use crate::Timestamp;
use crate::model::{FlowRunId, State, StateType, Tally, TaskRun, TaskRunId};
use crate::wire::{
    CachedResult, FilterTaskRuns, Related, TaskRunFilter, TaskRunRecord, TaskRunSort,
};
use crate::{Error, Result};

/// One statement, so that outside a transaction it is one.
pub(super) const PUT: &str = "
    INSERT INTO task_run (
        flow_run_id, id, state_type, state_name, task_id, name, dynamic_key, states,
        run_count, flow_run_run_count, expected_start_time, start_time, end_time, run_time,
        parent_task_run_id, input_hash, task_inputs, extra_tags,
        cache_key, cache_expiration, result)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
        $20, $21)
    ON CONFLICT (flow_run_id, id) DO UPDATE SET
        state_type = excluded.state_type, state_name = excluded.state_name,
        task_id = excluded.task_id, name = excluded.name, states = excluded.states,
        run_count = excluded.run_count, flow_run_run_count = excluded.flow_run_run_count,
        expected_start_time = excluded.expected_start_time, start_time = excluded.start_time,
        end_time = excluded.end_time, run_time = excluded.run_time,
        input_hash = excluded.input_hash, task_inputs = excluded.task_inputs,
        extra_tags = excluded.extra_tags, cache_key = excluded.cache_key,
        cache_expiration = excluded.cache_expiration, result = excluded.result";

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT task_run.id, task_run.flow_run_id, parent_task_run_id, ",
            task::columns!(),
            ", task_run.name, dynamic_key, input_hash, task_inputs, extra_tags, cache_key, \
             cache_expiration, states, result, run_count, flow_run_run_count, \
             expected_start_time, start_time, end_time, run_time \
             FROM task_run JOIN task ON task.id = task_run.task_id ",
            $rest
        )
    };
}

const READ: &str = select!("WHERE task_run.id = $1");

const STATES: &str = "SELECT states FROM task_run WHERE id = $1";

const RESULT: &str = "SELECT result FROM task_run WHERE id = $1";

const RECORDED: &str = select!("WHERE flow_run_id = $1 ORDER BY task_run.id");

// The index answers the inner question by itself; asked for whole rows at once, SQLite would go
// through all of the flow run's.
#[cfg(any(feature = "client", test))]
const AFTER: &str =
    select!("WHERE flow_run_id = $1 AND task_run.id > $2 ORDER BY task_run.id LIMIT $3");

// States are only ever added, so that the shorter text is the older one.
const KNOWN: &str =
    "SELECT state_type, LENGTH(states) FROM task_run WHERE flow_run_id = $1 AND id = $2";

const UNFINISHED: &str = select!(
    "WHERE flow_run_id = $1 AND task_run.id IN (
        SELECT id FROM task_run WHERE flow_run_id = $1 AND state_type NOT BETWEEN 3 AND 6)
    ORDER BY task_run.id"
);

const CACHED: &str = "
    SELECT id, result FROM task_run
    WHERE cache_key = $1 AND state_type = 3 AND result IS NOT NULL
        AND (cache_expiration IS NULL OR cache_expiration > $2)
    ORDER BY end_time DESC LIMIT 1";

const DELETE_FIRST: &str = "
    DELETE FROM task_run WHERE (flow_run_id, id) IN (
        SELECT flow_run_id, id FROM task_run WHERE flow_run_id = $1 ORDER BY id LIMIT $2)";

/// The values of [`PUT`] for a task run as it stands, whose task has that row.
pub(super) fn row(record: &TaskRunRecord, task_id: i64) -> Result<[Value<'_>; 21]> {
    let state = record.state().ok_or_else(|| Error::internal("a task run without a state"))?;
    let tally = &record.tally;
    let owner = record.flow_run_id.map_or(record.id.as_uuid(), FlowRunId::as_uuid);
    let extra_tags = Some(&record.extra_tags).filter(|tags| !tags.is_empty()).map(Json);
    let run_time = i64::try_from(tally.run_time.as_micros()).unwrap_or(i64::MAX);
    Ok(values![
        owner,
        record.id,
        state.kind,
        &*state.name,
        task_id,
        &record.name,
        &record.dynamic_key,
        state::write_all(&record.states),
        tally.run_count,
        tally.flow_run_run_count,
        tally.expected_start_time,
        tally.start_time,
        tally.end_time,
        run_time,
        record.parent_task_run_id,
        record.input_hash,
        record.task_inputs.as_deref(),
        extra_tags,
        record.cache_key.as_deref(),
        record.cache_expiration,
        record.result.as_deref(),
    ])
}

/// Writes a task run as it stands, and its task if need be.
pub(crate) async fn put(tx: &mut Tx<'_>, record: &TaskRunRecord) -> Result<()> {
    let task_id = task::keep(tx, &record.task).await?;
    tx.execute(PUT, &row(record, task_id)?).await.map(drop)
}

/// One task run.
pub(crate) async fn read(tx: &mut Tx<'_>, id: TaskRunId) -> Result<Option<TaskRun>> {
    let record = tx.row(READ, &values![id], read_record).await?;
    record.map(to_task_run).transpose()
}

/// One task run as it is recorded.
pub(crate) async fn record(tx: &mut Tx<'_>, id: TaskRunId) -> Result<Option<TaskRunRecord>> {
    tx.row(READ, &values![id], read_record).await
}

/// Writes a task run that somebody outside this process has changed, and counts it.
pub(crate) async fn keep(
    tx: &mut Tx<'_>,
    record: &TaskRunRecord,
    deltas: &mut count::Deltas,
) -> Result<()> {
    if let Some(state) = record.state() {
        let (flow_run_id, before) = (record.flow_run_id, record.stored_as);
        deltas.note(count::Move { flow_run_id, before, after: state.kind });
    }
    put(tx, record).await
}

/// All states that a task run has had.
pub(crate) async fn states(tx: &mut Tx<'_>, id: TaskRunId) -> Result<Option<Vec<State>>> {
    tx.row(STATES, &values![id], |row| row.json().map(state::unwrap_all)).await
}

/// What is kept of a task run's result, if there is such a run.
pub(crate) async fn result(tx: &mut Tx<'_>, id: TaskRunId) -> Result<Option<Option<String>>> {
    tx.row(RESULT, &values![id], |row| row.next()).await
}

/// All that is recorded of a flow run's task runs.
pub(crate) async fn recorded(tx: &mut Tx<'_>, id: FlowRunId) -> Result<Vec<TaskRunRecord>> {
    tx.rows(RECORDED, &values![id], read_record).await
}

#[cfg(any(feature = "client", test))]
/// A flow run's task runs behind that one, the first called first.
pub(crate) async fn records_after(
    tx: &mut Tx<'_>,
    id: FlowRunId,
    after: TaskRunId,
    most: u32,
) -> Result<Vec<TaskRunRecord>> {
    tx.rows(AFTER, &values![id, after, most], read_record).await
}

/// Writes task runs that another process tells of, without what is older than what is known.
pub(crate) async fn put_told(tx: &mut Tx<'_>, records: &[TaskRunRecord]) -> Result<()> {
    let mut deltas = count::Deltas::default();
    for record in records {
        let after = record.state().ok_or_else(|| {
            Error::invalid(format!("task run {} is told without a state", record.id))
        })?;
        let owner = record.flow_run_id.map_or(record.id.as_uuid(), FlowRunId::as_uuid);
        let read = |row: &mut Row<'_>| Ok((row.next::<StateType>()?, row.next::<i64>()?));
        let known = tx.row(KNOWN, &values![owner, record.id], read).await?;
        let length = i64::try_from(state::write_all(&record.states).len()).unwrap_or(i64::MAX);
        if known.is_some_and(|(_, known)| known > length) {
            continue;
        }
        let before = known.map(|(kind, _)| kind);
        deltas.note(count::Move { flow_run_id: record.flow_run_id, before, after: after.kind });
        put(tx, record).await?;
    }
    count::add(tx, &deltas).await
}

/// Those of a flow run's task runs that have not ended.
pub(crate) async fn unfinished(tx: &mut Tx<'_>, id: FlowRunId) -> Result<Vec<TaskRunRecord>> {
    tx.rows(UNFINISHED, &values![id], read_record).await
}

/// The newest result that is kept under that key and has not expired.
pub(crate) async fn cached(
    tx: &mut Tx<'_>,
    cache_key: &str,
    now: Timestamp,
) -> Result<Option<CachedResult>> {
    let read =
        |row: &mut Row<'_>| Ok(CachedResult { task_run_id: row.next()?, result: row.next()? });
    tx.row(CACHED, &values![cache_key, now], read).await
}

/// Deletes the first task runs of a flow run, and says how many.
pub(crate) async fn delete_first(tx: &mut Tx<'_>, id: FlowRunId, most: u32) -> Result<u64> {
    tx.execute(DELETE_FIRST, &values![id, most]).await
}

/// The task runs that a filter means.
pub(crate) async fn filter(tx: &mut Tx<'_>, wanted: FilterTaskRuns) -> Result<Vec<TaskRun>> {
    let mut query = Query::new(select!(""));
    let is_of_flow_runs =
        wanted.task_runs.flow_run_id.is_some() || wanted.related.flow_runs.is_some();
    filter::task_runs(&mut query, wanted.task_runs, wanted.related);
    if wanted.sort == TaskRunSort::RunTimeDesc {
        query.when("run_time >= 1000");
    }
    query.order_by(order(wanted.sort, is_of_flow_runs));
    query.page(wanted.page);
    let records = query.rows(tx, read_record).await?;
    records.into_iter().map(to_task_run).collect()
}

/// How many task runs a filter means.
pub(crate) async fn total(tx: &mut Tx<'_>, wanted: TaskRunFilter, related: Related) -> Result<u64> {
    let mut query = Query::new("SELECT COUNT(*)");
    query.then(from(&wanted));
    filter::task_runs(&mut query, wanted, related);
    query.value(tx).await
}

/// The tables that a filter needs; most do without the tasks.
pub(super) const fn from(wanted: &TaskRunFilter) -> &'static str {
    match wanted.tags {
        Some(_) => "FROM task_run JOIN task ON task.id = task_run.task_id",
        None => "FROM task_run",
    }
}

/// An order of task runs.
///
/// Without a flow run there may be any number of them. They are made when they are to start, or
/// nearly, so that the order of their ids then stands for that of times, which no index has.
const fn order(sort: TaskRunSort, is_of_flow_runs: bool) -> &'static str {
    match sort {
        TaskRunSort::IdAsc => "task_run.id",
        TaskRunSort::IdDesc => "task_run.id DESC",
        // Both the same way round, so that the index is in this order.
        TaskRunSort::RunTimeDesc => "run_time DESC, task_run.id DESC",
        TaskRunSort::ExpectedStartTimeAsc | TaskRunSort::NextScheduledStartTimeAsc => {
            if is_of_flow_runs {
                "expected_start_time, task_run.id"
            } else {
                "task_run.id"
            }
        }
        TaskRunSort::ExpectedStartTimeDesc if is_of_flow_runs => {
            "expected_start_time DESC, task_run.id DESC"
        }
        TaskRunSort::EndTimeDesc if is_of_flow_runs => "end_time DESC, task_run.id DESC",
        TaskRunSort::ExpectedStartTimeDesc | TaskRunSort::EndTimeDesc => "task_run.id DESC",
        TaskRunSort::NameAsc => "task_run.name, task_run.id",
        TaskRunSort::NameDesc => "task_run.name DESC, task_run.id DESC",
    }
}

fn read_record(row: &mut Row<'_>) -> Result<TaskRunRecord> {
    let id: TaskRunId = row.next()?;
    let owner: FlowRunId = row.next()?;
    let mut record = TaskRunRecord {
        id,
        flow_run_id: Some(owner).filter(|owner| owner.as_uuid() != id.as_uuid()),
        parent_task_run_id: row.next()?,
        task: Arc::new(task::read(row)?),
        name: row.next()?,
        dynamic_key: row.next()?,
        input_hash: row.next()?,
        task_inputs: row.next()?,
        extra_tags: row.next::<Option<Json<Vec<String>>>>()?.map_or_else(Vec::new, |tags| tags.0),
        cache_key: row.next()?,
        cache_expiration: row.next()?,
        states: state::unwrap_all(row.json::<Vec<Read>>()?),
        result: row.next()?,
        tally: read_tally(row)?,
        stored_as: None,
        is_queued: false,
        ticket: u64::MAX,
    };
    record.stored_as = record.state().map(|state| state.kind);
    Ok(record)
}

fn read_tally(row: &mut Row<'_>) -> Result<Tally> {
    Ok(Tally {
        run_count: row.next()?,
        flow_run_run_count: row.next()?,
        expected_start_time: row.next()?,
        start_time: row.next()?,
        end_time: row.next()?,
        run_time: std::time::Duration::from_micros(row.next()?),
    })
}

pub(crate) fn to_task_run(record: TaskRunRecord) -> Result<TaskRun> {
    let task_inputs = record.task_inputs.as_deref().map_or(Ok(Default::default()), |json| {
        serde_json::from_str(json).map_err(|error| {
            let what = format!("the inputs of task run {} cannot be read", record.id);
            Error::internal(what).with_source(error)
        })
    })?;
    let tally = record.tally;
    let created = record.states.first().map(|state| state.timestamp).unwrap_or_default();
    let updated = record.states.last().map(|state| state.timestamp).unwrap_or_default();
    let task = Arc::unwrap_or_clone(record.task);
    Ok(TaskRun {
        id: record.id,
        created,
        updated,
        name: record.name,
        flow_run_id: record.flow_run_id,
        parent_task_run_id: record.parent_task_run_id,
        task_key: task.key,
        dynamic_key: record.dynamic_key,
        task_version: Some(task.version).filter(|version| !version.is_empty()),
        empirical_policy: task.policy,
        tags: [task.tags, record.extra_tags].concat(),
        task_inputs,
        cache_key: record.cache_key,
        cache_expiration: record.cache_expiration,
        state: record.states.into_iter().next_back(),
        run_count: tally.run_count,
        flow_run_run_count: tally.flow_run_run_count,
        expected_start_time: tally.expected_start_time,
        start_time: tally.start_time,
        end_time: tally.end_time,
        total_run_time: tally.run_time.as_secs_f64(),
    })
}
