//! Histories: how many runs were to start when, by state; and how late they were.

use super::query::Query;
use super::tx::Tx;
use super::value::Row;
use super::{filter, task_run};
use crate::wire::{HistoryState, ReadFlowRunHistory, ReadFlowRunLateness, ReadTaskRunHistory};
use crate::{Result, Timestamp};

/// Equal parts of time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts {
    pub(crate) start: Timestamp,
    /// How long each is, in microseconds.
    pub(crate) width: i64,
    pub(crate) count: u32,
}

impl Parts {
    /// Where the part with that number begins.
    pub(crate) fn start_of(self, number: u32) -> Timestamp {
        let before = self.width.saturating_mul(i64::from(number));
        Timestamp::from_micros(self.start.as_micros().saturating_add(before))
    }
}

/// The runs of one part that are in one state, with the number of the part.
pub(crate) type Found = (u32, HistoryState);

/// How late runs are that have started, in microseconds. Behind it stands the time now, for those
/// that should have started.
const LATENESS: &str = "\
    CASE WHEN start_time > expected_start_time THEN start_time - expected_start_time \
    WHEN start_time IS NULL AND state_type NOT BETWEEN 3 AND 6 AND expected_start_time < ";

/// Flow runs by part and state.
pub(crate) async fn of_flow_runs(
    tx: &mut Tx<'_>,
    wanted: ReadFlowRunHistory,
    parts: Parts,
    now: Timestamp,
) -> Result<Vec<Found>> {
    let mut query = select(parts, now);
    query.then("FROM flow_run");
    query.when_value("expected_start_time >= ?", parts.start);
    query.when_value("expected_start_time < ?", parts.start_of(parts.count));
    filter::flow_runs(&mut query, wanted.flow_runs, wanted.related);
    query.then("GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
    query.rows(tx, read).await
}

/// Task runs by part and state.
pub(crate) async fn of_task_runs(
    tx: &mut Tx<'_>,
    wanted: ReadTaskRunHistory,
    parts: Parts,
    now: Timestamp,
) -> Result<Vec<Found>> {
    let mut query = select(parts, now);
    query.then(task_run::from(&wanted.task_runs));
    query.when_value("expected_start_time < ?", parts.start_of(parts.count));
    filter::alive_since(&mut query, parts.start);
    query.when_value("expected_start_time >= ?", parts.start);
    filter::task_runs(&mut query, wanted.task_runs, wanted.related);
    query.then("GROUP BY 1, 2, 3 ORDER BY 1, 2, 3");
    query.rows(tx, read).await
}

/// By how many microseconds flow runs are late on average; nothing if there are none.
pub(crate) async fn lateness(
    tx: &mut Tx<'_>,
    wanted: ReadFlowRunLateness,
    now: Timestamp,
) -> Result<Option<i64>> {
    let mut query = Query::new("SELECT CAST(AVG(");
    push_lateness(&mut query, now);
    query.then(") AS BIGINT) FROM flow_run");
    filter::flow_runs(&mut query, wanted.flow_runs, wanted.related);
    query.value(tx).await
}

fn select(parts: Parts, now: Timestamp) -> Query {
    let mut query = Query::new("SELECT (expected_start_time - ");
    query.push(parts.start);
    query.then(") / ");
    query.push(parts.width);
    query.then(
        ", state_type, state_name, COUNT(*), \
        CAST(SUM(CASE WHEN state_type = 2 AND run_count = 1 AND start_time < ",
    );
    query.push(now);
    query.then("THEN ");
    query.push(now);
    query.then("- start_time ELSE run_time END) AS BIGINT), CAST(SUM(");
    push_lateness(&mut query, now);
    query.then(") AS BIGINT)");
    query
}

fn push_lateness(query: &mut Query, now: Timestamp) {
    query.then(LATENESS);
    query.push(now);
    query.then("THEN ");
    query.push(now);
    query.then("- expected_start_time ELSE 0 END");
}

fn read(row: &mut Row<'_>) -> Result<Found> {
    let part = row.next()?;
    let state_type = row.next()?;
    let state_name = row.next()?;
    let count_runs = row.next()?;
    let run_time: u64 = row.next()?;
    let lateness: u64 = row.next()?;
    let seconds = |micros| std::time::Duration::from_micros(micros).as_secs_f64();
    let state = HistoryState {
        state_type,
        state_name,
        count_runs,
        sum_estimated_run_time: seconds(run_time),
        sum_estimated_lateness: seconds(lateness),
    };
    Ok((part, state))
}
