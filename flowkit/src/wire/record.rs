//! Records: what the process that executes a run tells the store, without asking.

use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::operations;
use crate::Timestamp;
use crate::model::{Artifact, FlowRunId, Log, State, StateType, Tally, Task, TaskRunId};

operations! {
    ReadCachedResult => Option<CachedResult>, Post "/flowkit/task_runs/cached_result";
}

/// Something to be written behind the back of the run.
#[derive(Debug, Clone)]
pub enum Record {
    /// A task run as it stands; handed over once, written as it is when its turn comes.
    TaskRun(Arc<Mutex<TaskRunRecord>>),
    /// A log line.
    Log(Log),
    /// An artifact, new or changed.
    Artifact(Artifact),
}

/// A task run as the process that executes it knows it.
///
/// One row of the database, with all its states inside.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TaskRunRecord {
    /// Names the run.
    pub id: TaskRunId,
    /// The flow run that it belongs to.
    pub flow_run_id: Option<FlowRunId>,
    /// The task run that called it, where a task calls a task.
    pub parent_task_run_id: Option<TaskRunId>,
    /// What it shares with the other runs of its task.
    pub task: Arc<Task>,
    /// Its name.
    pub name: String,
    /// The place of the call in its run.
    pub dynamic_key: String,
    /// A hash of what it was called with; none where an input cannot be written as JSON.
    pub input_hash: Option<u128>,
    /// The edges of the graph, as the JSON of [`TaskRun::task_inputs`](crate::model::TaskRun::task_inputs).
    pub task_inputs: Option<String>,
    /// Tags beyond those of the task.
    pub extra_tags: Vec<String>,
    /// Under which key its result may be found again.
    pub cache_key: Option<String>,
    /// Until when its result may be found.
    pub cache_expiration: Option<Timestamp>,
    /// All states that it has had, the first one first.
    pub states: Vec<State>,
    /// Its result: JSON, or the JSON of where it is kept. See `engine::result`.
    pub result: Option<String>,
    /// Its times and counters.
    pub tally: Tally,
    /// The type of state under which the store has counted it; the store's own note.
    #[serde(skip)]
    pub stored_as: Option<StateType>,
    /// Whether it waits to be written; the store's own note.
    #[serde(skip)]
    pub is_queued: bool,
    /// Where it waits; the store's own note.
    #[serde(skip)]
    pub ticket: u64,
}

impl TaskRunRecord {
    /// A run of that task at that place, outside any other run and without a state.
    #[must_use]
    pub fn new(id: TaskRunId, task: Arc<Task>, name: String, dynamic_key: String) -> Self {
        Self {
            id,
            flow_run_id: None,
            parent_task_run_id: None,
            task,
            name,
            dynamic_key,
            input_hash: None,
            task_inputs: None,
            extra_tags: Vec::new(),
            cache_key: None,
            cache_expiration: None,
            states: Vec::with_capacity(3),
            result: None,
            tally: Tally::default(),
            stored_as: None,
            is_queued: false,
            ticket: u64::MAX,
        }
    }

    /// The state that it is in.
    #[must_use]
    pub fn state(&self) -> Option<&State> {
        self.states.last()
    }
}

/// Looks at a record that is shared with the store.
pub(crate) fn look<R>(
    record: &Mutex<TaskRunRecord>,
    look: impl FnOnce(&mut TaskRunRecord) -> R,
) -> R {
    look(&mut record.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Finds the result of a finished task run by its cache key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadCachedResult {
    /// The key.
    pub cache_key: String,
    /// A result that expired before this is not found.
    pub now: Timestamp,
}

/// A result that was found by its cache key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CachedResult {
    /// The task run that made it.
    pub task_run_id: TaskRunId,
    /// The result, as [`TaskRunRecord::result`] holds it.
    pub result: String,
}
