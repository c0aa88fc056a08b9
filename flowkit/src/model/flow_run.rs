//! Flow run: one execution of a flow.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FlowId, FlowRunId, RetryPolicy, State, StateType, TaskRunId};
use crate::Timestamp;

/// One execution of a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FlowRun {
    /// Names this run.
    pub id: FlowRunId,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Two words, unless it was given a name.
    pub name: String,
    /// The flow that it executes.
    pub flow_id: FlowId,
    /// The flow's version.
    #[serde(default)]
    pub flow_version: Option<String>,
    /// What the flow was called with.
    #[serde(default)]
    pub parameters: BTreeMap<String, Value>,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The task run that stands for it in the run that called it.
    #[serde(default)]
    pub parent_task_run_id: Option<TaskRunId>,
    /// When and how often it is tried again.
    #[serde(default)]
    pub empirical_policy: RetryPolicy,
    /// Makes a request that is sent twice count once.
    #[serde(default)]
    pub idempotency_key: Option<String>,
    /// Where it stands.
    #[serde(default)]
    pub state: Option<State>,
    /// How often it was started.
    #[serde(default)]
    pub run_count: u32,
    /// When it was to start.
    #[serde(default)]
    pub expected_start_time: Option<Timestamp>,
    /// When it is to start next.
    #[serde(default)]
    pub next_scheduled_start_time: Option<Timestamp>,
    /// When it first started.
    #[serde(default)]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub end_time: Option<Timestamp>,
    /// Seconds that it was running.
    #[serde(default)]
    pub total_run_time: f64,
    /// The program that can execute it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<Program>,
    /// What is done when its process dies.
    #[serde(default)]
    pub on_crash: CrashPolicy,
}

impl FlowRun {
    /// The type of its state; pending until it has one.
    #[must_use]
    pub fn state_type(&self) -> StateType {
        self.state.as_ref().map_or(StateType::Pending, |state| state.kind)
    }
}

/// The program that can execute a flow run again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// The executable.
    pub executable: PathBuf,
    /// The folder that it was started in.
    pub working_dir: PathBuf,
}

/// What is done with a run whose process died.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CrashPolicy {
    /// It stays Crashed until somebody resumes it.
    #[default]
    Fail,
    /// The next call of the flow with the same parameters continues it.
    Resume,
}

/// How many of a flow run's task runs are in each type of state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunCounts(pub BTreeMap<StateType, u64>);

impl RunCounts {
    /// How many are in that type of state.
    #[must_use]
    pub fn of(&self, kind: StateType) -> u64 {
        self.0.get(&kind).copied().unwrap_or(0)
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }
}
