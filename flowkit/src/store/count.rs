//! Counts: how many task runs of a flow run are in each type of state.
//!
//! Counting a million rows takes a while and writing a count with each row costs as much as the
//! row, so the process that executes a flow run keeps them in memory and writes them a few times a
//! second and when it is done. If it dies in between they are stale; who finds it dead says so, and
//! who asks next counts anew.

use std::collections::HashMap;

use super::query::Query;
use super::tx::Tx;
use super::value::values;
use crate::Result;
use crate::model::{FlowRunId, RunCounts, StateType};
use crate::wire::TaskRunCounts;

const ADD: &str = "
    INSERT INTO task_run_count (flow_run_id, state_type, task_runs) VALUES ($1, $2, $3)
    ON CONFLICT (flow_run_id, state_type)
    DO UPDATE SET task_runs = task_run_count.task_runs + excluded.task_runs";

const READ: &str =
    "SELECT state_type, task_runs FROM task_run_count WHERE flow_run_id = $1 AND task_runs > 0";

const ARE_STALE: &str = "SELECT counts_are_stale FROM flow_run WHERE id = $1";

const SET_STALE: &str = "UPDATE flow_run SET counts_are_stale = $1 WHERE id = $2";

const CLEAR: &str = "DELETE FROM task_run_count WHERE flow_run_id = $1";

const RECOUNT: &str = "
    INSERT INTO task_run_count (flow_run_id, state_type, task_runs)
    SELECT flow_run_id, state_type, COUNT(*) FROM task_run
    WHERE flow_run_id = $1 GROUP BY flow_run_id, state_type";

/// Changes of counts that are still to be written.
#[derive(Default)]
pub(crate) struct Deltas(HashMap<FlowRunId, [i64; StateType::ALL.len()]>);

/// A task run that changed its type of state in the database.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub(super) flow_run_id: Option<FlowRunId>,
    pub(super) before: Option<StateType>,
    pub(super) after: StateType,
}

impl Deltas {
    /// Notes a move; nobody counts task runs outside flow runs.
    pub(super) fn note(&mut self, moved: Move) {
        let Some(id) = moved.flow_run_id.filter(|_| moved.before != Some(moved.after)) else {
            return;
        };
        let counts = self.0.entry(id).or_default();
        counts[moved.after as usize] += 1;
        if let Some(before) = moved.before {
            counts[before as usize] -= 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The flow runs whose counts change.
    #[cfg(feature = "postgres")]
    pub(super) fn flow_runs(&self) -> impl Iterator<Item = FlowRunId> {
        self.0.keys().copied()
    }

    /// Forgets the changes of a flow run that is counted anew.
    #[cfg(feature = "postgres")]
    pub(super) fn forget(&mut self, id: FlowRunId) {
        self.0.remove(&id);
    }

    /// Takes all of them out.
    pub(super) fn take(&mut self) -> Self {
        std::mem::take(self)
    }

    /// Puts back what was not written.
    pub(super) fn put_back(&mut self, unwritten: Self) {
        for (id, counts) in unwritten.0 {
            let sums = self.0.entry(id).or_default();
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
}

/// Writes changes of counts.
pub(crate) async fn add(tx: &mut Tx<'_>, deltas: &Deltas) -> Result<()> {
    for (id, counts) in &deltas.0 {
        for (kind, count) in
            StateType::ALL.into_iter().zip(counts).filter(|(_, count)| **count != 0)
        {
            tx.execute(ADD, &values![*id, kind, *count]).await?;
        }
    }
    Ok(())
}

/// The counts of a flow run's task runs, as they were last written.
pub(crate) async fn read(tx: &mut Tx<'_>, id: FlowRunId) -> Result<RunCounts> {
    let counts = tx.rows(READ, &values![id], |row| Ok((row.next()?, row.next()?))).await?;
    Ok(RunCounts(counts.into_iter().collect()))
}

/// The counts of several flow runs, as they were last written.
pub(crate) async fn read_of(tx: &mut Tx<'_>, ids: Vec<FlowRunId>) -> Result<Vec<TaskRunCounts>> {
    let mut query = Query::new("SELECT flow_run_id, state_type, task_runs FROM task_run_count");
    query.when_one_of("flow_run_id IN ?", ids);
    query.when("task_runs > 0");
    query.order_by("flow_run_id");
    let mut all: Vec<TaskRunCounts> = Vec::new();
    for (flow_run_id, kind, runs) in
        query.rows(tx, |row| Ok((row.next()?, row.next()?, row.next()?))).await?
    {
        if all.last().is_none_or(|last| last.flow_run_id != flow_run_id) {
            all.push(TaskRunCounts { flow_run_id, counts: RunCounts::default() });
        }
        if let Some(last) = all.last_mut() {
            last.counts.0.insert(kind, runs);
        }
    }
    Ok(all)
}

/// Says whether the counts miss what a dead process had still to write.
pub(crate) async fn are_stale(tx: &mut Tx<'_>, id: FlowRunId) -> Result<bool> {
    let stale = tx.row(ARE_STALE, &values![id], |row| row.next::<i64>()).await?;
    Ok(stale.is_some_and(|stale| stale != 0))
}

/// Says that whoever wrote the counts died.
pub(crate) async fn set_stale(tx: &mut Tx<'_>, id: FlowRunId) -> Result<()> {
    tx.execute(SET_STALE, &values![1_i64, id]).await.map(drop)
}

/// Counts anew.
pub(crate) async fn recount(tx: &mut Tx<'_>, id: FlowRunId) -> Result<()> {
    clear(tx, id).await?;
    tx.execute(RECOUNT, &values![id]).await?;
    tx.execute(SET_STALE, &values![0_i64, id]).await.map(drop)
}

/// Deletes the counts of a flow run.
pub(crate) async fn clear(tx: &mut Tx<'_>, id: FlowRunId) -> Result<()> {
    tx.execute(CLEAR, &values![id]).await.map(drop)
}
