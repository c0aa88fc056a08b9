//! Operations that answer with one number.

use serde::{Deserialize, Serialize};

use super::{FlowFilter, FlowRunFilter, Related, TaskRunFilter, operations};
use crate::model::or_default;

operations! {
    TotalFlows => u64, Post "/flows/count";
    TotalFlowRuns => u64, Post "/flow_runs/count";
    TotalTaskRuns => u64, Post "/task_runs/count";
    ReadFlowRunLateness => Option<f64>, Post "/flow_runs/lateness";
}

/// Counts flows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TotalFlows {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub flows: FlowFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
}

/// Counts flow runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TotalFlowRuns {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub flow_runs: FlowRunFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
}

/// Counts task runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TotalTaskRuns {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub task_runs: TaskRunFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
}

/// Asks by how many seconds flow runs started late on average; nothing if there are none.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadFlowRunLateness {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub flow_runs: FlowRunFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
}
