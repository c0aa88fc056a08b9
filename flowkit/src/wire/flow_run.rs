//! Operations on flow runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FlowRunFilter, Made, Page, operations};
use crate::model::{
    CrashPolicy, FlowId, FlowRun, FlowRunId, Program, RetryPolicy, RunCounts, State, TaskRunId,
};

operations! {
    CreateFlowRun => Made<FlowRun>, Post "/flow_runs/", status Made::status;
    ReadFlowRun => FlowRun, Get "/flow_runs/{id}";
    UpdateFlowRun => (), Patch "/flow_runs/{id}";
    DeleteFlowRun => (), Delete "/flow_runs/{id}";
    FilterFlowRuns => Vec<FlowRun>, Post "/flow_runs/filter";
    CountFlowRuns => RunCounts, Post "/flowkit/flow_runs/count_by_state";
    SetFlowRunState => SetStateAnswer, Post "/flow_runs/{id}/set_state", status SetStateAnswer::status;
    ReadFlowRunStates => Vec<State>, Get "/flow_run_states/", query "flow_run_id";
}

/// Makes a flow run; with an idempotency key that the flow knows, answers with that run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CreateFlowRun {
    /// Its id, chosen by whoever asks.
    pub id: FlowRunId,
    /// Its name.
    pub name: String,
    /// The flow to execute.
    pub flow_id: FlowId,
    /// The flow's version.
    pub flow_version: Option<String>,
    /// What to call the flow with.
    pub parameters: BTreeMap<String, Value>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// The task run that stands for it in the run that called it.
    pub parent_task_run_id: Option<TaskRunId>,
    /// When and how often it is tried again.
    pub empirical_policy: RetryPolicy,
    /// Makes a request that is sent twice count once.
    pub idempotency_key: Option<String>,
    /// Its first state.
    pub state: State,
    /// The program that can execute it again.
    pub program: Option<Program>,
    /// What is done when its process dies.
    pub on_crash: CrashPolicy,
}

/// Reads a flow run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadFlowRun {
    /// Which one.
    pub id: FlowRunId,
}

/// Changes what was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UpdateFlowRun {
    /// Which one.
    pub id: FlowRunId,
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Other tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
}

/// Deletes a flow run with its task runs, states, logs and artifacts.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DeleteFlowRun {
    /// Which one.
    pub id: FlowRunId,
}

/// The order of a list of flow runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum FlowRunSort {
    /// The newest first.
    #[default]
    IdDesc,
    /// The first started first.
    StartTimeAsc,
    /// The last started first.
    StartTimeDesc,
}

/// Lists flow runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterFlowRuns {
    /// Which ones.
    pub flow_runs: FlowRunFilter,
    /// In which order.
    pub sort: FlowRunSort,
    /// Which part of the list.
    #[serde(flatten)]
    pub page: Page,
}

/// Counts flow runs by type of state.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CountFlowRuns {
    /// Which ones.
    pub flow_runs: FlowRunFilter,
}

/// Proposes a state for a flow run; the rules answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SetFlowRunState {
    /// Which one.
    pub id: FlowRunId,
    /// The proposed state.
    pub state: State,
    /// Whether to pass over the rules.
    #[serde(default)]
    pub force: bool,
}

/// How a proposed state was answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "UPPERCASE")]
pub enum SetStateAnswer {
    /// The state was written.
    Accept {
        /// As it was written.
        state: State,
    },
    /// Another state was written instead.
    Reject {
        /// The one that was written.
        state: State,
        /// Why.
        reason: String,
    },
    /// Nothing was written; ask again later.
    Wait {
        /// Seconds until then.
        delay_seconds: f64,
        /// Why.
        reason: String,
    },
    /// Nothing was written; stop.
    Abort {
        /// Why.
        reason: String,
    },
}

impl SetStateAnswer {
    /// The HTTP status of such an answer: 201 when a state was written, as Prefect has it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Accept { .. } | Self::Reject { .. } => 201,
            Self::Wait { .. } | Self::Abort { .. } => 200,
        }
    }
}

/// Reads all states that a flow run has had, the first one first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadFlowRunStates {
    /// Which one.
    #[serde(rename = "flow_run_id")]
    pub id: FlowRunId,
}
