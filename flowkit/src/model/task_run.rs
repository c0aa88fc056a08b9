//! Task run: one execution of a task.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::flow_run::start_delay;
use super::{FlowRunId, RetryPolicy, State, StateId, StateType, TaskRunId};
use crate::Timestamp;

/// One execution of a task.
///
/// Its JSON also tells what follows from the rest: the id, type and name of its state, and times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
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

impl Serialize for TaskRun {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Told<'r> {
            #[serde(flatten, serialize_with = "plain")]
            run: &'r TaskRun,
            state_id: Option<StateId>,
            state_type: Option<StateType>,
            state_name: Option<&'r str>,
            next_scheduled_start_time: Option<Timestamp>,
            estimated_run_time: f64,
            estimated_start_time_delta: f64,
            labels: BTreeMap<(), ()>,
        }

        fn plain<S: Serializer>(run: &&TaskRun, to: S) -> Result<S::Ok, S::Error> {
            TaskRun::serialize(run, to)
        }

        let state = self.state.as_ref();
        Told {
            run: self,
            state_id: state.map(|state| state.id),
            state_type: state.map(|state| state.kind),
            state_name: state.map(|state| &*state.name),
            next_scheduled_start_time: state
                .filter(|state| state.kind == StateType::Scheduled)
                .and_then(|state| state.details().scheduled_time),
            estimated_run_time: self.total_run_time,
            estimated_start_time_delta: start_delay(self.expected_start_time, self.start_time),
            labels: BTreeMap::new(),
        }
        .serialize(to)
    }
}

impl<'de> Deserialize<'de> for TaskRun {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::deserialize(from)
    }
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
