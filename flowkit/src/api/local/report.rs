//! Answers to what other processes tell of their runs, and the reports of this one.

use uuid::Uuid;

use super::Local;
use super::lease::is_alive;
use crate::api::Answer;
use crate::api::report::Reporting;
use crate::model::{Artifact, Flow, FlowId, FlowRun, FlowRunId, State, TaskRunId};
use crate::store::report::Report;
use crate::store::{Tx, artifact, flow, flow_run, flow_run_state, log, report, task_run};
use crate::wire::{ReportArtifacts, ReportFlowRun, ReportLogs, ReportTaskRuns, TaskRunRecord};
use crate::{Error, Result, Timestamp};

/// How many reports are looked at in one transaction.
const PAGE: u32 = 100;

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
        let write = async move |tx: &mut Tx<'_>| {
            for line in &logs {
                log::put(tx, line).await?;
            }
            Ok(())
        };
        self.store.write(write).await
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

/// What the reporter of this process asks and notes.
impl Local {
    pub(in crate::api) fn report_to(&mut self, reporting: Reporting) {
        self.reporting = Some(std::sync::Arc::new(reporting));
    }

    pub(in crate::api) fn reporting(&self) -> Option<&Reporting> {
        self.reporting.as_deref()
    }

    /// Notes, in the transaction that makes or claims a run, that a server is to be told of it.
    pub(super) async fn begin_report(
        tx: &mut Tx<'_>,
        reporting: Option<&Reporting>,
        id: FlowRunId,
        now: Timestamp,
    ) -> Result<()> {
        let Some(reporting) = reporting else { return Ok(()) };
        let until = now + reporting.lease;
        report::begin(tx, id, &reporting.target, &reporting.holder, until).await
    }

    /// Takes over what nobody living is about to report, and finds what this process began.
    pub(in crate::api) async fn claim_reports(
        &self,
        known: Vec<FlowRunId>,
    ) -> Result<Vec<(Report, bool)>> {
        let Some(reporting) = self.reporting.clone() else { return Ok(Vec::new()) };
        let now = self.now();
        let mut claimed = Vec::new();
        let mut after = FlowRunId::from(Uuid::nil());
        loop {
            let (mine, from) = (reporting.clone(), after);
            let ask = async move |tx: &mut Tx<'_>| report::due(tx, &mine.target, from, PAGE).await;
            let due = self.store.read(ask).await?;
            let Some(last) = due.last() else { return Ok(claimed) };
            after = last.report.flow_run_id;
            let is_last = due.len() < PAGE as usize;
            for standing in due {
                let id = standing.report.flow_run_id;
                let is_mine =
                    standing.holder.as_ref().is_some_and(|held| held.id == reporting.holder.id);
                let is_free = is_mine
                    || standing.holder.as_ref().is_none_or(|holder| {
                        !is_alive(holder, standing.held_until, &reporting.holder.host, now)
                    });
                if known.contains(&id) || !is_free {
                    continue;
                }
                if is_mine || self.take_report_over(id, standing.holder.map(|held| held.id)).await?
                {
                    claimed.push((standing.report, is_mine));
                }
            }
            if is_last {
                return Ok(claimed);
            }
        }
    }

    async fn take_report_over(&self, id: FlowRunId, from: Option<Uuid>) -> Result<bool> {
        let Some(reporting) = self.reporting.clone() else { return Ok(false) };
        let until = self.now() + reporting.lease;
        let write = async move |tx: &mut Tx<'_>| {
            let held = report::read(tx, id).await?;
            let is_unchanged = held.is_some_and(|held| held.holder.map(|holder| holder.id) == from);
            Ok(is_unchanged && report::claim(tx, id, &reporting.holder, until).await?)
        };
        self.store.write_about(id.as_uuid(), write).await
    }

    /// Notes how far a report has got; says whether it is still this process's.
    pub(in crate::api) async fn save_report(&self, report: Report) -> Result<bool> {
        let Some(reporting) = self.reporting.clone() else { return Ok(false) };
        let until = self.now() + reporting.lease;
        let subject = report.flow_run_id.as_uuid();
        let write = async move |tx: &mut Tx<'_>| {
            report::save(tx, &report, reporting.holder.id, until).await
        };
        self.store.write_about(subject, write).await
    }

    /// Notes that the server knows a run as it is; false if it has changed in between.
    pub(in crate::api) async fn finish_report(&self, id: FlowRunId) -> Result<bool> {
        let Some(holder) = self.reporting.as_ref().map(|reporting| reporting.holder.id) else {
            return Ok(false);
        };
        let finish = async move |tx: &mut Tx<'_>| report::finish(tx, id, holder).await;
        self.store.write_about(id.as_uuid(), finish).await
    }

    /// Has a run reported again that changed after its report was done.
    pub(in crate::api) async fn reopen_report(&self, id: FlowRunId) -> Result<()> {
        let reopen = async move |tx: &mut Tx<'_>| report::reopen(tx, id).await;
        self.store.write_about(id.as_uuid(), reopen).await
    }

    /// Leaves a report to whoever comes next.
    pub(in crate::api) async fn release_report(&self, id: FlowRunId) -> Result<()> {
        let Some(holder) = self.reporting.as_ref().map(|reporting| reporting.holder.id) else {
            return Ok(());
        };
        let release = async move |tx: &mut Tx<'_>| report::release(tx, id, holder).await;
        self.store.write_about(id.as_uuid(), release).await
    }

    pub(in crate::api) async fn records_after(
        &self,
        id: FlowRunId,
        after: TaskRunId,
        most: u32,
    ) -> Result<Vec<TaskRunRecord>> {
        self.store.scan(async move |tx| task_run::records_after(tx, id, after, most).await).await
    }

    pub(in crate::api) async fn artifacts_since(
        &self,
        id: FlowRunId,
        since: Timestamp,
    ) -> Result<Vec<Artifact>> {
        self.store.scan(async move |tx| artifact::changed_since(tx, id, since).await).await
    }

    pub(in crate::api) async fn count_logs(&self, id: FlowRunId) -> Result<u64> {
        self.store.read(async move |tx| report::count_logs(tx, id).await).await
    }

    pub(in crate::api) async fn flow_run_with_states(
        &self,
        id: FlowRunId,
    ) -> Result<Option<(FlowRun, Vec<State>)>> {
        let read = async move |tx: &mut Tx<'_>| {
            let Some(run) = flow_run::read(tx, id).await? else { return Ok(None) };
            Ok(Some((run, flow_run_state::read(tx, id).await?)))
        };
        self.store.read(read).await
    }
}
