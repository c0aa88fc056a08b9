//! The operation that lets a paused flow run go on.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{SetStateAnswer, operations};
use crate::model::FlowRunId;

operations! {
    ResumeFlowRun => SetStateAnswer, Post "/flow_runs/{id}/resume", status SetStateAnswer::status;
}

/// Lets a paused flow run go on: in its process, or on its next start if it left that.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResumeFlowRun {
    /// Which one.
    pub id: FlowRunId,
    /// What it waits for, if it asked for something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_input: Option<Value>,
}
