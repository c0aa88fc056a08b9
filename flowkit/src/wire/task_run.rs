//! Operations on task runs.

use serde::{Deserialize, Serialize};

use super::{Page, TaskRunFilter, TaskRunRecord, operations};
use crate::model::{FlowRunId, RunCounts, State, TaskRun, TaskRunId};

operations! {
    ReadTaskRun => TaskRun, Get "/task_runs/{id}";
    FilterTaskRuns => Vec<TaskRun>, Post "/task_runs/filter";
    CountTaskRuns => RunCounts, Get "/flowkit/flow_runs/{flow_run_id}/task_run_counts";
    ReadTaskRunStates => Vec<State>, Get "/task_run_states/", query "task_run_id";
    ReadRecordedCalls => Vec<TaskRunRecord>, Get "/flowkit/flow_runs/{flow_run_id}/recorded_calls";
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
}

/// Lists task runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterTaskRuns {
    /// Which ones.
    pub task_runs: TaskRunFilter,
    /// In which order.
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
