//! Answers about task runs.

use std::sync::Arc;

use super::{Local, task_run_state};
use crate::api::Answer;
use crate::model::{RunCounts, State, Task, TaskRun, TaskRunId};
use crate::store::{Tx, count, flow_run, task_run, task_run_key};
use crate::wire::{
    CachedResult, CountTaskRuns, CreateTaskRun, FilterTaskRuns, Made, ReadCachedResult,
    ReadRecordedCalls, ReadTaskRun, ReadTaskRunStates, TaskRunRecord, UpdateTaskRun,
};
use crate::{Error, Result};

impl Answer<CreateTaskRun> for Local {
    async fn answer(&self, mut wanted: CreateTaskRun) -> Result<Made<TaskRun>> {
        let now = self.now();
        wanted.state.settle(now);
        if wanted.id.is_nil() {
            wanted.id = self.new_id();
        }
        let task = self.tasks.shared(Task {
            name: task_name(&wanted.task_key).to_owned(),
            key: wanted.task_key.clone(),
            version: wanted.task_version.take().unwrap_or_default(),
            description: None,
            tags: Vec::new(),
            policy: std::mem::take(&mut wanted.empirical_policy),
        });
        self.store.write(async move |tx| create(tx, wanted, task).await).await
    }
}

/// Makes a task run, unless its flow run has one that the client calls the same.
async fn create(tx: &mut Tx<'_>, wanted: CreateTaskRun, task: Arc<Task>) -> Result<Made<TaskRun>> {
    let (key, dynamic_key) = (wanted.task_key, wanted.dynamic_key);
    if let Some(flow_run_id) = wanted.flow_run_id {
        if let Some(known) = task_run_key::find(tx, flow_run_id, &key, &dynamic_key).await? {
            let known = task_run::read(tx, known).await?;
            return known.map(Made::found).ok_or_else(|| no_task_run(wanted.id));
        }
        flow_run::need(tx, flow_run_id).await?;
    }
    if task_run::read(tx, wanted.id).await?.is_some() {
        return Err(Error::conflict(format!("task run {} exists already", wanted.id)));
    }
    if let Some(flow_run_id) = wanted.flow_run_id {
        task_run_key::put(tx, flow_run_id, &key, &dynamic_key, wanted.id).await?;
    }
    let name = match wanted.name {
        name if name.is_empty() => format!("{}-{dynamic_key}", task.name),
        name => name,
    };
    let mut record = TaskRunRecord::new(wanted.id, task, name, dynamic_key);
    record.flow_run_id = wanted.flow_run_id;
    record.cache_key = wanted.cache_key;
    record.cache_expiration = wanted.cache_expiration;
    record.extra_tags = wanted.tags;
    record.task_inputs =
        Some(wanted.task_inputs).filter(|inputs| !inputs.is_empty()).map(|inputs| {
            // Ids and words cannot fail to be written.
            serde_json::to_string(&inputs).unwrap_or_default()
        });
    task_run_state::enter(tx, &mut record, wanted.state, 0).await?;
    Ok(Made::new(task_run::to_task_run(record)?))
}

/// The name of the task in what a client calls it: `module.name`, or `name-` with a hash.
pub(super) fn task_name(key: &str) -> &str {
    let name = key.rsplit_once('.').map_or(key, |(_, name)| name);
    let is_hash = |hash: &str| hash.len() >= 6 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name.rsplit_once('-') {
        Some((name, hash)) if is_hash(hash) => name,
        Some(_) | None => name,
    }
}

impl Answer<UpdateTaskRun> for Local {
    async fn answer(&self, change: UpdateTaskRun) -> Result<()> {
        let write = async move |tx: &mut Tx<'_>| {
            let found = task_run::record(tx, change.id).await?;
            let mut record = found.ok_or_else(|| no_task_run(change.id))?;
            if let Some(name) = change.name {
                record.name = name;
            }
            task_run::put(tx, &record).await
        };
        self.store.write(write).await
    }
}

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
