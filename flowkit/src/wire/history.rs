//! The operation that counts flow runs over time.

use serde::{Deserialize, Serialize};

use super::{FlowRunFilter, operations};
use crate::Timestamp;
use crate::model::RunCounts;

operations! {
    ReadRunHistory => RunHistory, Post "/flowkit/flow_runs/history";
}

/// Counts flow runs by when they were made and by type of state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadRunHistory {
    /// Which ones.
    #[serde(default)]
    pub flow_runs: FlowRunFilter,
    /// Where the first span begins.
    pub from: Timestamp,
    /// Where the last span ends.
    pub until: Timestamp,
    /// How many spans of the same length; at most 500.
    pub spans: u32,
}

/// How many flow runs were made in each span of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHistory {
    /// The counts of each span, the earliest first.
    pub spans: Vec<RunCounts>,
    /// Whether there are more than were counted; then the newest are.
    pub is_partial: bool,
}
