//! Deletion of flow runs and of what is old, in pieces, so that nobody waits for long.

use uuid::Uuid;

use super::Local;
use crate::Timestamp;
use crate::api::{Answer, Deleted};
use crate::model::FlowRunId;
use crate::store::{
    Tx, artifact, count, event, flow_run, flow_run_state, lease, log, report, retention, task_run,
    task_run_key,
};
use crate::wire::DeleteFlowRun;
use crate::{Error, Result};

/// How many rows are deleted in one transaction, which takes some milliseconds.
const PIECE: u32 = 1000;

/// What all those transactions are about, which decide nothing.
const PIECES: Uuid = Uuid::nil();

/// How many flow runs are looked up at a time.
const FLOW_RUNS: u32 = 100;

impl Answer<DeleteFlowRun> for Local {
    async fn answer(&self, DeleteFlowRun { id }: DeleteFlowRun) -> Result<()> {
        let now = self.now();
        let check = async move |tx: &mut Tx<'_>| {
            let run = flow_run::need(tx, id).await?;
            match lease::read(tx, id).await? {
                Some(lease) if lease.held_until >= now => Err(Error::refused(format!(
                    "flow run '{}' is being executed by process {}",
                    run.name, lease.holder.pid
                ))
                .with_hint("cancel it first")),
                Some(_) | None => Ok(()),
            }
        };
        self.store.read(check).await?;
        self.delete_flow_run(id).await.map(drop)
    }
}

impl Local {
    /// Deletes what ended or was written before those times, and says how much that was.
    pub(in crate::api) async fn delete_older(
        &self,
        flow_runs: Option<Timestamp>,
        logs: Option<Timestamp>,
    ) -> Result<Deleted> {
        let mut deleted = Deleted::default();
        if let Some(before) = flow_runs {
            self.delete_old_runs(before, &mut deleted).await?;
        }
        if let Some(before) = logs {
            let piece =
                async move |tx: &mut Tx<'_>| retention::delete_logs(tx, before, PIECE).await;
            deleted.logs += self.delete_in_pieces(piece).await?;
            let piece = async move |tx: &mut Tx<'_>| event::delete_old(tx, before, PIECE).await;
            self.delete_in_pieces(piece).await?;
        }
        Ok(deleted)
    }

    async fn delete_old_runs(&self, before: Timestamp, deleted: &mut Deleted) -> Result<()> {
        loop {
            let find = async move |tx: &mut Tx<'_>| {
                retention::ended_flow_runs(tx, before, FLOW_RUNS).await
            };
            let runs = self.store.scan(find).await?;
            if runs.is_empty() {
                break;
            }
            for id in runs {
                let of_run = self.delete_flow_run(id).await?;
                deleted.flow_runs += 1;
                deleted.task_runs += of_run.task_runs;
                deleted.logs += of_run.logs;
            }
        }
        let piece =
            async move |tx: &mut Tx<'_>| retention::delete_task_runs(tx, before, PIECE).await;
        deleted.task_runs += self.delete_in_pieces(piece).await?;
        Ok(())
    }

    /// Deletes a flow run with all that belongs to it; the run itself last, so that whoever is
    /// interrupted can begin again.
    async fn delete_flow_run(&self, id: FlowRunId) -> Result<Deleted> {
        let task_runs = async move |tx: &mut Tx<'_>| {
            flow_run::orphan_children(tx, id, PIECE).await?;
            task_run::delete_first(tx, id, PIECE).await
        };
        let logs = async move |tx: &mut Tx<'_>| log::delete_some(tx, id, PIECE).await;
        let task_runs = self.delete_in_pieces(task_runs).await?;
        let logs = self.delete_in_pieces(logs).await?;
        let rest = async move |tx: &mut Tx<'_>| {
            artifact::delete_of_flow_run(tx, id).await?;
            flow_run_state::delete(tx, id).await?;
            count::clear(tx, id).await?;
            lease::delete(tx, id).await?;
            report::delete(tx, id).await?;
            task_run_key::delete(tx, id).await?;
            flow_run::delete(tx, id).await
        };
        self.store.write_about(id.as_uuid(), rest).await?;
        Ok(Deleted { flow_runs: 1, task_runs, logs })
    }

    async fn delete_in_pieces<F>(&self, piece: F) -> Result<u64>
    where
        F: AsyncFn(&mut Tx<'_>) -> Result<u64> + Copy + Send + 'static,
    {
        let mut all = 0;
        loop {
            let deleted = self.store.write_about(PIECES, piece).await?;
            all += deleted;
            if deleted < u64::from(PIECE) {
                return Ok(all);
            }
        }
    }
}
