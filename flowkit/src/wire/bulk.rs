//! Operations on many flow runs at once.

use serde::{Deserialize, Serialize};

use super::{FlowRunFilter, SetStateAnswer, operations};
use crate::model::{FlowRunId, State, or_default};
use crate::{Error, Result};

operations! {
    BulkDeleteFlowRuns => BulkDeleted, Post "/flow_runs/bulk_delete";
    BulkSetFlowRunState => BulkSetStateAnswer, Post "/flow_runs/bulk_set_state";
}

/// Deletes flow runs with all that belongs to them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BulkDeleteFlowRuns {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub flow_runs: FlowRunFilter,
    /// How many at most.
    pub limit: Few,
}

/// Which flow runs were deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkDeleted {
    /// These.
    pub deleted: Vec<FlowRunId>,
}

/// Proposes a state for each of many flow runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BulkSetFlowRunState {
    /// Which ones.
    #[serde(default, deserialize_with = "or_default")]
    pub flow_runs: FlowRunFilter,
    /// The proposed state.
    pub state: State,
    /// Whether to pass over the rules.
    #[serde(default)]
    pub force: bool,
    /// How many at most.
    #[serde(default)]
    pub limit: Few,
}

/// How the proposals were answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BulkSetStateAnswer {
    /// One answer a run.
    pub results: Vec<FlowRunAnswer>,
}

/// How a state proposed for one of many flow runs was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowRunAnswer {
    /// The run.
    pub flow_run_id: FlowRunId,
    /// The answer.
    #[serde(flatten)]
    pub answer: SetStateAnswer,
}

/// From one to fifty, which is as many as are worked on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Few(u32);

impl Few {
    const MOST: u32 = 50;
}

impl Default for Few {
    fn default() -> Self {
        Self(Self::MOST)
    }
}

impl From<Few> for u32 {
    fn from(Few(number): Few) -> Self {
        number
    }
}

impl TryFrom<u32> for Few {
    type Error = Error;

    fn try_from(number: u32) -> Result<Self> {
        if (1..=Self::MOST).contains(&number) {
            return Ok(Self(number));
        }
        Err(Error::invalid(format!("the limit is {number}, not between 1 and {}", Self::MOST)))
    }
}
