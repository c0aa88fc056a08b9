//! The operation that changes the labels of a flow run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::operations;
use crate::model::FlowRunId;

operations! {
    UpdateFlowRunLabels => (), Patch "/flow_runs/{id}/labels";
}

/// Adds labels to a flow run, or gives those that it has another value.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateFlowRunLabels {
    /// Which one.
    pub id: FlowRunId,
    /// The labels.
    #[serde(flatten)]
    pub labels: BTreeMap<String, Value>,
}
