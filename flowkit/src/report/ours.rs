//! What a flowkit server is told: everything whole, under our ids.

use super::http::Trouble;
use super::teller::Teller;
use super::telling::{Telling, Told};
use crate::model::{Artifact, FlowRun, Log, State};
use crate::wire::{ReportArtifacts, ReportFlowRun, ReportLogs, ReportTaskRuns, TaskRunRecord};

pub(super) async fn tell_flow_run(
    teller: &mut Teller,
    telling: &mut Telling,
    run: &FlowRun,
    states: &[State],
) -> Result<(), Trouble> {
    let flow = teller.flow_name(run.flow_id).await?;
    let mut flow_run = run.clone();
    if states.last().map(|state| state.id) != run.state.as_ref().map(|state| state.id) {
        // What belongs to its end is told with its end.
        (flow_run.state, flow_run.end_time) = (states.last().cloned(), None);
    }
    let states = states.to_vec();
    let count = u32::try_from(states.len()).unwrap_or(u32::MAX);
    teller.http.call(&ReportFlowRun { flow, flow_run, states }).await?;
    telling.report.states = count;
    teller.save(telling).await
}

pub(super) async fn tell_task_runs(
    teller: &mut Teller,
    telling: &mut Telling,
    records: &[TaskRunRecord],
) -> Result<(), Trouble> {
    let is_new = |record: &&TaskRunRecord| {
        telling.told.get(&record.id).is_none_or(|told| told.states < record.states.len())
    };
    // Results stay where they are: the server could neither continue a run nor find it by its key.
    let without_result = |record: &TaskRunRecord| TaskRunRecord { result: None, ..record.clone() };
    let task_runs: Vec<_> = records.iter().filter(is_new).map(without_result).collect();
    if !task_runs.is_empty() {
        teller.http.call(&ReportTaskRuns { task_runs }).await?;
    }
    for record in records {
        let told = Told { states: record.states.len(), remote_id: None };
        telling.told.insert(record.id, told);
    }
    Ok(())
}

pub(super) async fn tell_artifacts(
    teller: &mut Teller,
    artifacts: Vec<Artifact>,
) -> Result<(), Trouble> {
    teller.http.call(&ReportArtifacts { artifacts }).await
}

pub(super) async fn tell_lines(teller: &mut Teller, lines: &[Log]) -> Result<(), Trouble> {
    teller.http.call(&ReportLogs { logs: lines.to_vec() }).await
}
