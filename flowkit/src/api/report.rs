//! Report: what the reporter of a process finds and notes in the database.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::Client;
use crate::model::{Artifact, FlowRun, FlowRunId, State, TaskRunId};
pub(crate) use crate::store::report::Report;
use crate::wire::{LeaseHolder, Record, TaskRunRecord, look};
use crate::{Result, Timestamp};

/// How many changes of task runs may wait to be reported; beyond that they are read from the
/// database when their turn comes.
const MOST: usize = 100_000;

/// Where this process reports its runs.
#[derive(Debug)]
pub(crate) struct Reporting {
    /// The address of the API.
    pub(crate) target: String,
    /// This process.
    pub(crate) holder: LeaseHolder,
    /// How long a report is this process's before others may make it.
    pub(crate) lease: Duration,
    /// What runs do.
    pub(crate) tap: Tap,
}

/// What runs did since it was last asked; told by their threads, which do nothing else for it.
#[derive(Debug, Default)]
pub(crate) struct Tap(Mutex<Told>);

/// What runs did.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Task runs that changed, some of them several times.
    pub(crate) task_runs: Vec<Arc<Mutex<TaskRunRecord>>>,
    /// Flow runs that wrote lines.
    pub(crate) wrote_lines: HashSet<FlowRunId>,
    /// Whether more changed than is remembered here.
    pub(crate) is_overflown: bool,
}

impl Tap {
    /// Notes what is handed over to the database.
    pub(super) fn note(&self, record: &Record) {
        match record {
            Record::TaskRun(record) => self.note_task_run(record),
            Record::Log(log) => {
                if let Some(id) = log.flow_run_id {
                    self.told().wrote_lines.insert(id);
                }
            }
            Record::Artifact(_) => {}
        }
    }

    /// Notes that a task run changed.
    pub(super) fn note_task_run(&self, record: &Arc<Mutex<TaskRunRecord>>) {
        let mut told = self.told();
        if told.task_runs.len() < MOST {
            told.task_runs.push(record.clone());
        } else {
            told.is_overflown = true;
        }
    }

    /// Takes all of it out.
    pub(crate) fn take(&self) -> Told {
        std::mem::take(&mut self.told())
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A copy of a task run as it stands; none while it is still to be written, since a server is told
/// nothing that the database might not hold.
pub(crate) fn written(record: &Mutex<TaskRunRecord>) -> Option<TaskRunRecord> {
    look(record, |record| (!record.is_queued).then(|| record.clone()))
}

impl Client {
    /// The same client; runs that are made or claimed through it are reported there.
    pub(crate) fn reporting_to(mut self, reporting: Reporting) -> Self {
        if let Some(local) = self.local_mut() {
            local.report_to(reporting);
        }
        self
    }

    /// Where this process reports its runs.
    pub(crate) fn reporting(&self) -> Option<&Reporting> {
        self.local().ok().and_then(|local| local.reporting())
    }

    /// Reports that are this process's to make, without those that are known; and of each whether
    /// this process made or claimed the run.
    pub(crate) async fn claim_reports(&self, known: Vec<FlowRunId>) -> Result<Vec<(Report, bool)>> {
        self.local()?.claim_reports(known).await
    }

    /// Notes how far a report has got; says whether it is still this process's.
    pub(crate) async fn save_report(&self, report: Report) -> Result<bool> {
        self.local()?.save_report(report).await
    }

    /// Notes that the server knows a run as it is; false if it has changed in between.
    pub(crate) async fn finish_report(&self, id: FlowRunId) -> Result<bool> {
        self.local()?.finish_report(id).await
    }

    /// Has a run reported again that changed after its report was done.
    pub(crate) async fn reopen_report(&self, id: FlowRunId) -> Result<()> {
        self.local()?.reopen_report(id).await
    }

    /// Leaves a report to whoever comes next.
    pub(crate) async fn release_report(&self, id: FlowRunId) -> Result<()> {
        self.local()?.release_report(id).await
    }

    /// A flow run's task runs behind that one, the first called first.
    pub(crate) async fn records_after(
        &self,
        id: FlowRunId,
        after: TaskRunId,
        most: u32,
    ) -> Result<Vec<TaskRunRecord>> {
        self.local()?.records_after(id, after, most).await
    }

    /// A flow run's artifacts that changed after that time, in that order.
    pub(crate) async fn artifacts_since(
        &self,
        id: FlowRunId,
        since: Timestamp,
    ) -> Result<Vec<Artifact>> {
        self.local()?.artifacts_since(id, since).await
    }

    /// How many log lines a flow run has.
    pub(crate) async fn count_logs(&self, id: FlowRunId) -> Result<u64> {
        self.local()?.count_logs(id).await
    }

    /// A flow run and all states that it has had, of one moment.
    pub(crate) async fn flow_run_with_states(
        &self,
        id: FlowRunId,
    ) -> Result<Option<(FlowRun, Vec<State>)>> {
        self.local()?.flow_run_with_states(id).await
    }
}
