//! The operation that reads what a task run returned.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::operations;
use crate::model::TaskRunId;

operations! {
    ReadTaskRunResult => KeptResult, Get "/flowkit/task_runs/{id}/result";
}

/// Reads what a task run returned.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadTaskRunResult {
    /// Which one.
    pub id: TaskRunId,
}

/// What is kept of what a task run returned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kept", rename_all = "snake_case")]
pub enum KeptResult {
    /// Nothing: it has not completed, or its result is not kept.
    Nothing,
    /// The value itself.
    Value {
        /// The value.
        value: Value,
    },
    /// The place of a large value.
    Stored {
        /// The storage and the key in it.
        place: String,
    },
}
