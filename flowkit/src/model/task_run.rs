//! Task run: one execution of a task.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{FlowRunId, RetryPolicy, State, StateType, TaskRunId};
use crate::Timestamp;

/// One execution of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRun {
    /// Names this run.
    pub id: TaskRunId,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// The task's name with the number of the call behind it, unless it was given a name.
    pub name: String,
    /// The flow run that it belongs to.
    #[serde(default)]
    pub flow_run_id: Option<FlowRunId>,
    /// The task run that called it, where a task calls a task.
    #[serde(default)]
    pub parent_task_run_id: Option<TaskRunId>,
    /// The task that it executes.
    pub task_key: String,
    /// The place of the call in its run.
    pub dynamic_key: String,
    /// The task's version.
    #[serde(default)]
    pub task_version: Option<String>,
    /// When and how often it is tried again.
    #[serde(default)]
    pub empirical_policy: RetryPolicy,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Where each of its inputs came from: the edges of the graph.
    #[serde(default)]
    pub task_inputs: BTreeMap<String, Vec<TaskInput>>,
    /// Under which key its result may be found again.
    #[serde(default)]
    pub cache_key: Option<String>,
    /// Until when its result may be found.
    #[serde(default)]
    pub cache_expiration: Option<Timestamp>,
    /// Where it stands.
    #[serde(default)]
    pub state: Option<State>,
    /// How often it was started.
    #[serde(default)]
    pub run_count: u32,
    /// Which try of the flow run it belongs to.
    #[serde(default)]
    pub flow_run_run_count: u32,
    /// When it was to start.
    #[serde(default)]
    pub expected_start_time: Option<Timestamp>,
    /// When it first started.
    #[serde(default)]
    pub start_time: Option<Timestamp>,
    /// When it ended.
    #[serde(default)]
    pub end_time: Option<Timestamp>,
    /// Seconds that it was running.
    #[serde(default)]
    pub total_run_time: f64,
}

impl TaskRun {
    /// The type of its state; pending until it has one.
    #[must_use]
    pub fn state_type(&self) -> StateType {
        self.state.as_ref().map_or(StateType::Pending, |state| state.kind)
    }
}

/// Where an input came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "input_type", rename_all = "snake_case")]
pub enum TaskInput {
    /// The result of a task run.
    TaskRun {
        /// That task run.
        id: TaskRunId,
    },
    /// The result of a flow run.
    FlowRun {
        /// That flow run.
        id: FlowRunId,
    },
    /// A parameter of the flow.
    Parameter {
        /// Its name.
        name: String,
    },
    /// A value of that type.
    Constant {
        /// Its type.
        #[serde(rename = "type")]
        kind: String,
    },
}
