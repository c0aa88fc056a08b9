//! Operations on how many runs there were when.

use serde::{Deserialize, Serialize};

use super::{FlowRunFilter, Related, TaskRunFilter, operations};
use crate::Timestamp;
use crate::model::{StateType, or_default};

operations! {
    ReadFlowRunHistory => Vec<HistoryInterval>, Post "/flow_runs/history";
    ReadTaskRunHistory => Vec<HistoryInterval>, Post "/task_runs/history";
}

/// A span of time in equal parts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// Where it begins.
    pub history_start: Timestamp,
    /// Where it ends.
    pub history_end: Timestamp,
    /// How long each part is, in seconds; at least one.
    #[serde(rename = "history_interval_seconds", alias = "history_interval")]
    pub interval_seconds: f64,
}

/// Counts flow runs by when they were to start and by state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadFlowRunHistory {
    /// When.
    #[serde(flatten)]
    pub history: History,
    /// Which ones.
    #[serde(default, deserialize_with = "or_default")]
    pub flow_runs: FlowRunFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
}

/// Counts task runs by when they were to start and by state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadTaskRunHistory {
    /// When.
    #[serde(flatten)]
    pub history: History,
    /// Which ones.
    #[serde(default, deserialize_with = "or_default")]
    pub task_runs: TaskRunFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
}

/// The runs that were to start in one part of a history.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryInterval {
    /// Where it begins.
    pub interval_start: Timestamp,
    /// Where it ends.
    pub interval_end: Timestamp,
    /// The runs by state.
    pub states: Vec<HistoryState>,
}

/// The runs of one part of a history that are in one state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryState {
    /// The type of the state.
    pub state_type: StateType,
    /// Its name.
    pub state_name: String,
    /// How many runs.
    pub count_runs: u64,
    /// How many seconds they ran.
    pub sum_estimated_run_time: f64,
    /// By how many seconds they were late.
    pub sum_estimated_lateness: f64,
}
