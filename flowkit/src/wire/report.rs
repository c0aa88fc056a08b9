//! Operations by which a process tells a server what its runs do.
//!
//! Things are told whole, under the ids that they have where they happened, so that what is told
//! twice counts once. What is older than what the server knows changes nothing.

use serde::{Deserialize, Serialize};

use super::{TaskRunRecord, operations};
use crate::model::{Artifact, FlowRun, Log, State};

operations! {
    ReportFlowRun => (), Post "/flowkit/flow_runs";
    ReportTaskRuns => (), Post "/flowkit/task_runs";
    ReportLogs => (), Post "/flowkit/logs";
    ReportArtifacts => (), Post "/flowkit/artifacts";
}

/// Tells of a flow run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportFlowRun {
    /// The name of its flow, which has another id on every server.
    pub flow: String,
    /// The run.
    pub flow_run: FlowRun,
    /// All states that it has had, the first one first.
    pub states: Vec<State>,
}

/// Tells of task runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportTaskRuns {
    /// The runs as they stand.
    pub task_runs: Vec<TaskRunRecord>,
}

/// Tells of log lines.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportLogs {
    /// The lines.
    pub logs: Vec<Log>,
}

/// Tells of artifacts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReportArtifacts {
    /// The artifacts as they are.
    pub artifacts: Vec<Artifact>,
}
