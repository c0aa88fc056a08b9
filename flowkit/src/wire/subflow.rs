//! The operation that lists what a flow run called.

use serde::{Deserialize, Serialize};

use super::{Page, operations};
use crate::model::{FlowRun, FlowRunId};

operations! {
    ReadSubflows => Vec<FlowRun>, Post "/flowkit/flow_runs/{flow_run_id}/subflows";
}

/// Lists the flow runs that a flow run has called, the first called first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadSubflows {
    /// By which flow run.
    pub flow_run_id: FlowRunId,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}
