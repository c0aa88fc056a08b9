//! Operations on the input of flow runs: what is handed to a run while it goes on.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::operations;
use crate::Timestamp;
use crate::model::{FlowRunId, or_default};

operations! {
    CreateFlowRunInput => (), Post "/flow_runs/{id}/input", status |()| 201;
    ReadFlowRunInput => Box<RawValue>, Get "/flow_runs/{id}/input/{key}";
    FilterFlowRunInput => Vec<FlowRunInput>, Post "/flow_runs/{id}/input/filter";
    DeleteFlowRunInput => (), Delete "/flow_runs/{id}/input/{key}";
}

/// Something that was handed to a flow run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowRunInput {
    /// Names this input.
    pub id: Uuid,
    /// When it was handed over.
    pub created: Timestamp,
    /// The flow run.
    pub flow_run_id: FlowRunId,
    /// What it is called.
    pub key: String,
    /// The thing itself, JSON as text.
    pub value: String,
    /// Who handed it over, such as `prefect.flow-run.<id>`.
    #[serde(default)]
    pub sender: Option<String>,
}

/// Hands something to a flow run; conflict if it has something of that name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateFlowRunInput {
    /// The flow run.
    pub id: FlowRunId,
    /// What it is called: letters, digits, `-`, `_` and `.`.
    pub key: String,
    /// The thing itself, JSON as text.
    pub value: String,
    /// Who hands it over.
    #[serde(default)]
    pub sender: Option<String>,
}

/// Reads what was handed to a flow run, as it was handed over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadFlowRunInput {
    /// The flow run.
    pub id: FlowRunId,
    /// What it is called.
    pub key: String,
}

/// Lists what was handed to a flow run, the first first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FilterFlowRunInput {
    /// The flow run.
    pub id: FlowRunId,
    /// What the names begin with.
    #[serde(default)]
    pub prefix: String,
    /// At most so many.
    #[serde(default = "one")]
    pub limit: usize,
    /// None of these.
    #[serde(default, deserialize_with = "or_default")]
    pub exclude_keys: Vec<String>,
}

const fn one() -> usize {
    1
}

/// Deletes what was handed to a flow run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteFlowRunInput {
    /// The flow run.
    pub id: FlowRunId,
    /// What it is called.
    pub key: String,
}
