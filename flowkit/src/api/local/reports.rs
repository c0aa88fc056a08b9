//! Reports: notes which runs a server is to be told of; nothing in a build that tells none.

#[cfg(feature = "client")]
use std::sync::Arc;
use std::sync::Mutex;

#[cfg(feature = "client")]
use crate::api::report::Reporting;
use crate::model::FlowRunId;
use crate::store::Tx;
#[cfg(feature = "client")]
use crate::store::report;
use crate::wire::{Record, TaskRunRecord};
use crate::{Result, Timestamp};

/// Where this process reports its runs, if anywhere.
#[derive(Clone, Default)]
pub(super) struct Reports {
    #[cfg(feature = "client")]
    to: Option<Arc<Reporting>>,
}

#[cfg(feature = "client")]
impl Reports {
    pub(super) fn to(reporting: Reporting) -> Self {
        Self { to: Some(Arc::new(reporting)) }
    }

    pub(super) const fn reporting(&self) -> Option<&Arc<Reporting>> {
        self.to.as_ref()
    }

    /// Notes, in the transaction that makes or claims a run, that a server is to be told of it.
    pub(super) async fn begin(&self, tx: &mut Tx<'_>, id: FlowRunId, now: Timestamp) -> Result<()> {
        let Some(reporting) = &self.to else { return Ok(()) };
        let until = now + reporting.lease;
        report::begin(tx, id, &reporting.target, &reporting.holder, until).await
    }

    /// Notes what is handed over to the database.
    pub(super) fn note(&self, record: &Record) {
        if let Some(reporting) = &self.to {
            reporting.tap.note(record);
        }
    }

    /// Notes that a task run changed.
    pub(super) fn note_task_run(&self, record: &Arc<Mutex<TaskRunRecord>>) {
        if let Some(reporting) = &self.to {
            reporting.tap.note_task_run(record);
        }
    }
}

#[cfg(not(feature = "client"))]
impl Reports {
    #[expect(clippy::unused_async, reason = "its other self waits for the database")]
    pub(super) async fn begin(&self, _: &mut Tx<'_>, _: FlowRunId, _: Timestamp) -> Result<()> {
        Ok(())
    }

    pub(super) const fn note(&self, _: &Record) {}

    pub(super) const fn note_task_run(&self, _: &std::sync::Arc<Mutex<TaskRunRecord>>) {}
}
