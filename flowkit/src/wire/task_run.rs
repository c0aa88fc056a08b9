//! Operations on task runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::flow_run::{or_pending, pending};
use super::{Made, Page, Related, SetStateAnswer, TaskRunFilter, TaskRunRecord, operations};
use crate::Timestamp;
use crate::model::{
    FlowRunId, RetryPolicy, RunCounts, State, TaskInput, TaskRun, TaskRunId, or_default,
};

operations! {
    CreateTaskRun => Made<TaskRun>, Post "/task_runs/", status Made::status;
    SetTaskRunState => SetStateAnswer, Post "/task_runs/{id}/set_state", status SetStateAnswer::status;
    UpdateTaskRun => (), Patch "/task_runs/{id}";
    ReadTaskRun => TaskRun, Get "/task_runs/{id}";
    FilterTaskRuns => Vec<TaskRun>, Post "/task_runs/filter";
    CountTaskRuns => RunCounts, Get "/flowkit/flow_runs/{flow_run_id}/task_run_counts";
    ReadTaskRunStates => Vec<State>, Get "/task_run_states/", query "task_run_id";
    ReadRecordedCalls => Vec<TaskRunRecord>, Get "/flowkit/flow_runs/{flow_run_id}/recorded_calls";
}

/// Makes a task run, or answers with the one of the same flow run, task and dynamic key.
///
/// Clients of Prefect 2.x ask for each of theirs, those of 3.x for one that stands for a subflow.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateTaskRun {
    /// Its id, chosen by whoever asks; a new one if that is nil.
    #[serde(default, deserialize_with = "or_default")]
    pub id: TaskRunId,
    /// Its name; made from the task's if that is empty.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The flow run that it belongs to.
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    /// Names the task.
    pub task_key: String,
    /// Tells the calls of one task in one flow run apart.
    pub dynamic_key: String,
    /// Under which key its result may be found again.
    #[serde(default)]
    pub cache_key: Option<String>,
    /// Until when its result may be found.
    #[serde(default)]
    pub cache_expiration: Option<Timestamp>,
    /// The task's version.
    #[serde(default)]
    pub task_version: Option<String>,
    /// When and how often it is tried again.
    #[serde(default, deserialize_with = "or_default")]
    pub empirical_policy: RetryPolicy,
    /// Words to find it by.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<String>,
    /// Where each of its inputs came from.
    #[serde(default, deserialize_with = "or_default")]
    pub task_inputs: BTreeMap<String, Vec<TaskInput>>,
    /// Its first state; Pending by default.
    #[serde(default = "pending", deserialize_with = "or_pending")]
    pub state: State,
}

/// Proposes a state for a task run; the rules answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetTaskRunState {
    /// Which one.
    pub id: TaskRunId,
    /// The proposed state.
    pub state: State,
    /// Whether to pass over the rules.
    #[serde(default)]
    pub force: bool,
}

/// Changes what was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateTaskRun {
    /// Which one.
    pub id: TaskRunId,
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Reads a task run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadTaskRun {
    /// Which one.
    pub id: TaskRunId,
}

/// The order of a list of task runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TaskRunSort {
    /// The first called first.
    #[default]
    IdAsc,
    /// The last called first.
    IdDesc,
    /// The one that ran longest first. Runs under a millisecond are not ranked.
    RunTimeDesc,
    /// The one that was to start first comes first.
    ExpectedStartTimeAsc,
    /// The one that was to start last comes first.
    ExpectedStartTimeDesc,
    /// The one that is to start next comes first.
    NextScheduledStartTimeAsc,
    /// The last ended first.
    EndTimeDesc,
    /// By name.
    NameAsc,
    /// By name, backwards.
    NameDesc,
}

/// The order that Prefect's API has where none is asked for.
pub(super) const fn last_first() -> TaskRunSort {
    TaskRunSort::IdDesc
}

/// Lists task runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct FilterTaskRuns {
    /// Which ones.
    #[serde(default, deserialize_with = "or_default")]
    pub task_runs: TaskRunFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
    /// In which order.
    #[serde(default = "last_first")]
    pub sort: TaskRunSort,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Counts a flow run's task runs by type of state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CountTaskRuns {
    /// Of which flow run.
    pub flow_run_id: FlowRunId,
}

/// Reads all states that a task run has had, the first one first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadTaskRunStates {
    /// Which one.
    #[serde(rename = "task_run_id")]
    pub id: TaskRunId,
}

/// Reads what is recorded of a flow run's calls, so that its next execution finds them.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadRecordedCalls {
    /// Of which flow run.
    pub flow_run_id: FlowRunId,
}
