//! The operation that summarises a flow run with very many task runs.

use serde::{Deserialize, Serialize};

use super::operations;
use crate::Timestamp;
use crate::model::FlowRunId;

operations! {
    ReadTimeline => Timeline, Post "/flowkit/flow_runs/{flow_run_id}/timeline";
}

/// Reads when the task runs of a flow run were called, by task.
///
/// The answer takes as long for a hundred thousand task runs as for a thousand: calls are counted,
/// and which task they were of is told from samples.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadTimeline {
    /// Of which flow run.
    pub flow_run_id: FlowRunId,
    /// How many spans of the same length; at most 500.
    pub spans: u32,
}

/// When the task runs of a flow run were called.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    /// When the first was called.
    pub from: Timestamp,
    /// When the last was called.
    pub until: Timestamp,
    /// One band a task, in the order of their first calls.
    pub bands: Vec<Band>,
    /// How many task runs were looked at to tell the tasks apart.
    pub sampled: u64,
}

/// When the runs of one task were called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// The task's name.
    pub task: String,
    /// The counts of each span.
    pub spans: Vec<BandCounts>,
}

/// How many runs of a task were called in a span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BandCounts {
    /// All of them.
    pub called: u64,
    /// Those that failed, crashed or were cancelled.
    pub failed: u64,
    /// Those that have not ended.
    pub unfinished: u64,
}
