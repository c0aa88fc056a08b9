//! Reporting: what the reporter of this process asks and notes.

use uuid::Uuid;

use super::Local;
use super::lease::is_alive;
use super::reports::Reports;
use crate::api::report::Reporting;
use crate::model::{Artifact, FlowRun, FlowRunId, State, TaskRunId};
use crate::store::report::Report;
use crate::store::{Tx, artifact, flow_run, flow_run_state, report, task_run};
use crate::wire::TaskRunRecord;
use crate::{Result, Timestamp};

/// How many reports are looked at in one transaction.
const PAGE: u32 = 100;

/// What the reporter of this process asks and notes.
impl Local {
    pub(in crate::api) fn report_to(&mut self, reporting: Reporting) {
        self.reports = Reports::to(reporting);
    }

    pub(in crate::api) fn reporting(&self) -> Option<&Reporting> {
        self.reports.reporting().map(|reporting| &**reporting)
    }

    /// Takes over what nobody living is about to report, and finds what this process began.
    pub(in crate::api) async fn claim_reports(
        &self,
        known: Vec<FlowRunId>,
    ) -> Result<Vec<(Report, bool)>> {
        let Some(reporting) = self.reports.reporting().cloned() else { return Ok(Vec::new()) };
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
        let Some(reporting) = self.reports.reporting().cloned() else { return Ok(false) };
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
        let Some(reporting) = self.reports.reporting().cloned() else { return Ok(false) };
        let until = self.now() + reporting.lease;
        let subject = report.flow_run_id.as_uuid();
        let write = async move |tx: &mut Tx<'_>| {
            report::save(tx, &report, reporting.holder.id, until).await
        };
        self.store.write_about(subject, write).await
    }

    /// Notes that the server knows a run as it is; false if it has changed in between.
    pub(in crate::api) async fn finish_report(&self, id: FlowRunId) -> Result<bool> {
        let Some(holder) = self.reports.reporting().map(|reporting| reporting.holder.id) else {
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
        let Some(holder) = self.reports.reporting().map(|reporting| reporting.holder.id) else {
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
