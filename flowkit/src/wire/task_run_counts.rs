//! The operation that counts the task runs of several flow runs at once.

use serde::{Deserialize, Serialize};

use super::operations;
use crate::model::{FlowRunId, RunCounts};

operations! {
    ReadTaskRunCounts => Vec<TaskRunCounts>, Post "/flowkit/flow_runs/task_run_counts";
}

/// Reads how far several flow runs are, as their processes last wrote it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ReadTaskRunCounts {
    /// Which ones; those without task runs are left out of the answer.
    pub flow_run_ids: Vec<FlowRunId>,
}

/// How many task runs of a flow run are in each type of state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskRunCounts {
    /// The flow run.
    pub flow_run_id: FlowRunId,
    /// Its counts.
    pub counts: RunCounts,
}
