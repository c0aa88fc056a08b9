//! Operations on flow runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::{FlowRunFilter, Made, Page, Related, SetStateAnswer, operations};
use crate::Timestamp;
use crate::model::{
    CrashPolicy, FlowId, FlowRun, FlowRunId, FlowRunNotes, Program, RetryPolicy, RunCounts, State,
    StateId, TaskRunId, or_default,
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
    /// Its id, chosen by whoever asks; a new one if that is nil.
    #[serde(default)]
    pub id: FlowRunId,
    /// Its name; two words if that is empty.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// The flow to execute.
    pub flow_id: FlowId,
    /// The flow's version.
    #[serde(default)]
    pub flow_version: Option<String>,
    /// What to call the flow with.
    #[serde(default, deserialize_with = "or_default")]
    pub parameters: BTreeMap<String, Value>,
    /// Words to find it by.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: Vec<String>,
    /// The task run that stands for it in the run that called it.
    #[serde(default)]
    pub parent_task_run_id: Option<TaskRunId>,
    /// When and how often it is tried again.
    #[serde(default, deserialize_with = "or_default")]
    pub empirical_policy: RetryPolicy,
    /// Makes a request that is sent twice count once.
    #[serde(default)]
    pub idempotency_key: Option<String>,
    /// Its first state; Pending by default.
    #[serde(default = "pending", deserialize_with = "or_pending")]
    pub state: State,
    /// The program that can execute it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Program>,
    /// What is done when its process dies.
    #[serde(default)]
    pub on_crash: CrashPolicy,
    /// What the client attaches to it.
    #[serde(flatten)]
    pub notes: FlowRunNotes,
}

/// The state that a run is made in unless another one is asked for; when is up to whoever makes it.
pub(super) fn pending() -> State {
    let mut state = State::pending(Timestamp::default());
    state.id = StateId::default();
    state
}

pub(super) fn or_pending<'de, D: Deserializer<'de>>(from: D) -> Result<State, D::Error> {
    Option::<State>::deserialize(from).map(|given| given.unwrap_or_else(pending))
}

/// Reads a flow run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadFlowRun {
    /// Which one.
    pub id: FlowRunId,
}

/// Changes what was given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct UpdateFlowRun {
    /// Which one.
    pub id: FlowRunId,
    /// Another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Other tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// Another version of the flow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_version: Option<String>,
    /// Other parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<BTreeMap<String, Value>>,
    /// Another policy of retries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub empirical_policy: Option<RetryPolicy>,
    /// What its infrastructure calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infrastructure_pid: Option<String>,
    /// What its infrastructure is told besides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_variables: Option<Value>,
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
    /// The one that was to start first comes first.
    ExpectedStartTimeAsc,
    /// The one that was to start last comes first.
    ExpectedStartTimeDesc,
    /// The one that is to start next comes first.
    NextScheduledStartTimeAsc,
    /// The last ended first.
    EndTimeDesc,
    /// By name.
    NameAsc,
    /// By name, backwards.
    NameDesc,
}

/// Lists flow runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterFlowRuns {
    /// Which ones.
    #[serde(deserialize_with = "or_default")]
    pub flow_runs: FlowRunFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
    /// In which order.
    #[serde(deserialize_with = "or_default")]
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
    #[serde(deserialize_with = "or_default")]
    pub flow_runs: FlowRunFilter,
    /// And what they have to do with.
    #[serde(flatten)]
    pub related: Related,
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

/// Reads all states that a flow run has had, the first one first.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReadFlowRunStates {
    /// Which one.
    #[serde(rename = "flow_run_id")]
    pub id: FlowRunId,
}
