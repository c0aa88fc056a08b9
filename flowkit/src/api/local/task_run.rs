//! Answers about task runs.

use super::Local;
use crate::api::Answer;
use crate::model::{RunCounts, State, TaskRun, TaskRunId};
use crate::store::{Tx, count, task_run};
use crate::wire::{
    CachedResult, CountTaskRuns, FilterTaskRuns, ReadCachedResult, ReadRecordedCalls, ReadTaskRun,
    ReadTaskRunStates, TaskRunRecord,
};
use crate::{Error, Result};

impl Answer<ReadTaskRun> for Local {
    async fn answer(&self, ReadTaskRun { id }: ReadTaskRun) -> Result<TaskRun> {
        let found = self.store.read(async move |tx| task_run::read(tx, id).await).await?;
        found.ok_or_else(|| no_task_run(id))
    }
}

impl Answer<ReadTaskRunStates> for Local {
    async fn answer(&self, ReadTaskRunStates { id }: ReadTaskRunStates) -> Result<Vec<State>> {
        let found = self.store.read(async move |tx| task_run::states(tx, id).await).await?;
        found.ok_or_else(|| no_task_run(id))
    }
}

fn no_task_run(id: TaskRunId) -> Error {
    Error::not_found(format!("task run {id}"))
}

impl Answer<FilterTaskRuns> for Local {
    async fn answer(&self, wanted: FilterTaskRuns) -> Result<Vec<TaskRun>> {
        self.store.scan(async move |tx| task_run::filter(tx, wanted).await).await
    }
}

impl Answer<CountTaskRuns> for Local {
    async fn answer(&self, wanted: CountTaskRuns) -> Result<RunCounts> {
        let id = wanted.flow_run_id;
        let read = async move |tx: &mut Tx<'_>| match count::are_stale(tx, id).await? {
            true => Ok(None),
            false => count::read(tx, id).await.map(Some),
        };
        if let Some(counts) = self.store.read(read).await? {
            return Ok(counts);
        }
        let recount = async move |tx: &mut Tx<'_>| {
            count::recount(tx, id).await?;
            count::read(tx, id).await
        };
        self.store.write_about(id.as_uuid(), recount).await
    }
}

impl Answer<ReadRecordedCalls> for Local {
    async fn answer(&self, wanted: ReadRecordedCalls) -> Result<Vec<TaskRunRecord>> {
        let id = wanted.flow_run_id;
        self.store.scan(async move |tx| task_run::recorded(tx, id).await).await
    }
}

impl Answer<ReadCachedResult> for Local {
    async fn answer(&self, wanted: ReadCachedResult) -> Result<Option<CachedResult>> {
        let ReadCachedResult { cache_key, now } = wanted;
        self.store.read(async move |tx| task_run::cached(tx, &cache_key, now).await).await
    }
}
