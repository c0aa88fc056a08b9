//! Log lines: written in batches, read by run.

use super::filter;
use super::query::Query;
use super::tx::Tx;
use super::value::{Json, Row, Value, values};
use crate::Result;
use crate::model::{FlowRunId, Level, Log, TaskRunId};
use crate::wire::{FilterLogs, LogSort};

pub(super) const PUT: &str = "
    INSERT INTO log (owner_id, id, task_run_id, level, timestamp, name, message, fields)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (owner_id, id) DO NOTHING";

pub(super) const SELECT: &str =
    "SELECT owner_id, id, task_run_id, level, timestamp, name, message, fields FROM log";

const DELETE_SOME: &str = "
    DELETE FROM log WHERE (owner_id, id) IN (
        SELECT owner_id, id FROM log WHERE owner_id = $1 LIMIT $2)";

/// The values of [`PUT`] for a line.
pub(super) fn row(log: &Log) -> [Value<'_>; 8] {
    let flow_run = log.flow_run_id.map(FlowRunId::as_uuid);
    let owner = flow_run.or(log.task_run_id.map(TaskRunId::as_uuid)).unwrap_or_default();
    let fields = Some(&log.fields).filter(|fields| !fields.is_empty()).map(Json);
    let level = i64::from(log.level.number());
    values![owner, log.id, log.task_run_id, level, log.timestamp, &log.name, &log.message, fields]
}

/// Writes a line.
pub(crate) async fn put(tx: &mut Tx<'_>, log: &Log) -> Result<()> {
    tx.execute(PUT, &row(log)).await.map(drop)
}

/// The lines that a filter means, the first one first.
pub(crate) async fn filter(tx: &mut Tx<'_>, wanted: FilterLogs) -> Result<Vec<Log>> {
    let mut query = Query::new(SELECT);
    filter::logs(&mut query, wanted.logs);
    if let Some(after) = wanted.after {
        query.when_value("id > ?", after);
    }
    query.order_by(match wanted.sort {
        LogSort::TimestampAsc => "id",
        LogSort::TimestampDesc => "id DESC",
    });
    query.page(wanted.page);
    query.rows(tx, read).await
}

/// Deletes some of a flow run's lines, and says how many.
pub(crate) async fn delete_some(tx: &mut Tx<'_>, id: FlowRunId, most: u32) -> Result<u64> {
    tx.execute(DELETE_SOME, &values![id, most]).await
}

pub(super) fn read(row: &mut Row<'_>) -> Result<Log> {
    let owner: FlowRunId = row.next()?;
    let id = row.next()?;
    let task_run_id: Option<TaskRunId> = row.next()?;
    let is_alone =
        owner.as_uuid().is_nil() || task_run_id.is_some_and(|id| id.as_uuid() == owner.as_uuid());
    let level = Level::from_number(i32::try_from(row.next::<i64>()?).unwrap_or(i32::MAX));
    Ok(Log {
        id,
        level,
        timestamp: row.next()?,
        name: row.next()?,
        message: row.next()?,
        flow_run_id: (!is_alone).then_some(owner),
        task_run_id,
        fields: row.next::<Option<Json<_>>>()?.map_or_else(Default::default, |fields| fields.0),
    })
}
