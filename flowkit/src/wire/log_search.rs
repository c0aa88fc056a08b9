//! The operation that looks through the lines of a run.

use serde::{Deserialize, Serialize};

use super::operations;
use crate::model::{FlowRunId, Level, Log, LogId, TaskRunId};

operations! {
    SearchLogs => Vec<Log>, Post "/flowkit/logs/search";
}

/// Whose lines are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogOwner {
    /// Those of a flow run with those of its task runs.
    FlowRun(FlowRunId),
    /// Those of a task run.
    TaskRun(TaskRunId),
}

/// Looks through the lines of a run; answers with the first written first.
///
/// Without [`after`](Self::after) these are the last lines, as whoever looks wants to see first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SearchLogs {
    /// Whose lines.
    pub owner: LogOwner,
    /// At least of this level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// That hold this, in upper or lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Written after this one: then the first such lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<LogId>,
    /// Written before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<LogId>,
    /// At most so many.
    pub limit: u32,
}
