//! Answers to what other processes tell of their runs.

use std::sync::Arc;

use super::Local;
use crate::api::Answer;
use crate::model::{Flow, FlowId, State};
use crate::store::{Tx, artifact, flow, flow_run, flow_run_state, log, task_run};
use crate::wire::{ReportArtifacts, ReportFlowRun, ReportLogs, ReportTaskRuns};
use crate::{Error, Result, Timestamp};

impl Answer<ReportFlowRun> for Local {
    async fn answer(&self, told: ReportFlowRun) -> Result<()> {
        let (now, flow_id) = (self.now(), self.new_id());
        self.store.write(async move |tx| keep_flow_run(tx, told, flow_id, now).await).await
    }
}

async fn keep_flow_run(
    tx: &mut Tx<'_>,
    told: ReportFlowRun,
    flow_id: FlowId,
    now: Timestamp,
) -> Result<()> {
    let ReportFlowRun { flow, flow_run: mut run, states } = told;
    run.flow_id = flow_of_that_name(tx, flow, flow_id, now).await?;
    // Neither means anything here: the program is on another machine, the key was another flow's.
    (run.program, run.idempotency_key, run.updated) = (None, None, now);
    let known = flow_run::read(tx, run.id).await?;
    let earlier = flow_run_state::read(tx, run.id).await?;
    for state in states.iter().filter(|state| !earlier.iter().any(|known| known.id == state.id)) {
        flow_run_state::add(tx, run.id, state).await?;
    }
    let current = known.as_ref().and_then(|known| known.state.clone());
    run.state = match current {
        Some(wish) if is_wish(&wish, &states) => Some(wish),
        current => states.last().cloned().or(current),
    };
    if known.is_none() {
        return flow_run::create(tx, &run).await;
    }
    flow_run::set_state(tx, &run).await?;
    flow_run::update(tx, &run).await
}

/// Says whether somebody here asked for something that the process has not heard of yet.
fn is_wish(current: &State, told: &[State]) -> bool {
    let is_unheard = !told.iter().any(|state| state.id == current.id);
    let goes_on = told.last().is_some_and(|last| !last.is_terminal());
    is_unheard && goes_on && told.last().is_none_or(|last| last.timestamp <= current.timestamp)
}

async fn flow_of_that_name(
    tx: &mut Tx<'_>,
    name: String,
    id: FlowId,
    now: Timestamp,
) -> Result<FlowId> {
    if let Some(known) = flow::read_by_name(tx, &name).await? {
        return Ok(known.id);
    }
    flow::create(
        tx,
        &Flow { id, created: now, updated: now, name: name.clone(), tags: Vec::new() },
    )
    .await?;
    // Another transaction may have made it first.
    let made = flow::read_by_name(tx, &name).await?;
    made.map(|flow| flow.id).ok_or_else(|| Error::not_found(format!("flow '{name}'")))
}

impl Answer<ReportTaskRuns> for Local {
    async fn answer(&self, ReportTaskRuns { task_runs }: ReportTaskRuns) -> Result<()> {
        self.store.write(async move |tx| task_run::put_told(tx, &task_runs).await).await
    }
}

impl Answer<ReportLogs> for Local {
    async fn answer(&self, ReportLogs { logs }: ReportLogs) -> Result<()> {
        let lines = Arc::new(logs);
        let told = lines.clone();
        let write = async move |tx: &mut Tx<'_>| {
            for line in &*told {
                log::put(tx, line).await?;
            }
            Ok(())
        };
        self.store.write(write).await?;
        self.news.tell_logs(&*lines);
        Ok(())
    }
}

impl Answer<ReportArtifacts> for Local {
    async fn answer(&self, ReportArtifacts { artifacts }: ReportArtifacts) -> Result<()> {
        let write = async move |tx: &mut Tx<'_>| {
            for told in &artifacts {
                let known = artifact::read(tx, told.id).await?;
                if known.is_none_or(|known| known.updated <= told.updated) {
                    artifact::put(tx, told).await?;
                }
            }
            Ok(())
        };
        self.store.write(write).await
    }
}
