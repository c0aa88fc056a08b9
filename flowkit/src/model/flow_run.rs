//! Flow run: one execution of a flow.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use super::{FlowId, FlowRunId, RetryPolicy, State, StateId, StateType, TaskRunId, or_default};
use crate::Timestamp;

/// One execution of a flow.
///
/// Its JSON also tells what follows from the rest: the id, type and name of its state, and times.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
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
    /// What clients attach to it and read back.
    #[serde(flatten)]
    pub notes: FlowRunNotes,
}

/// What clients attach to a flow run and read back; nothing of it is looked at here.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowRunNotes {
    /// What the flow's context was.
    #[serde(deserialize_with = "or_default")]
    pub context: BTreeMap<String, Value>,
    /// Words with values.
    #[serde(deserialize_with = "or_default")]
    pub labels: BTreeMap<String, Value>,
    /// The deployment that it was made from.
    pub deployment_id: Option<Uuid>,
    /// The version of that deployment.
    pub deployment_version: Option<String>,
    /// The queue that it waited in.
    pub work_queue_id: Option<Uuid>,
    /// The name of that queue.
    pub work_queue_name: Option<String>,
    /// The pool of that queue.
    pub work_pool_id: Option<Uuid>,
    /// The name of that pool.
    pub work_pool_name: Option<String>,
    /// The block that says where it is executed.
    pub infrastructure_document_id: Option<Uuid>,
    /// What its infrastructure calls it.
    pub infrastructure_pid: Option<String>,
    /// What its infrastructure is told besides.
    pub job_variables: Option<Value>,
    /// Who made it.
    pub created_by: Option<Value>,
    /// Whether a schedule made it.
    #[serde(deserialize_with = "or_default")]
    pub auto_scheduled: bool,
}

impl Serialize for FlowRun {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Told<'r> {
            #[serde(flatten, serialize_with = "plain")]
            run: &'r FlowRun,
            state_id: Option<StateId>,
            state_type: Option<StateType>,
            state_name: Option<&'r str>,
            estimated_run_time: f64,
            estimated_start_time_delta: f64,
        }

        fn plain<S: Serializer>(run: &&FlowRun, to: S) -> Result<S::Ok, S::Error> {
            FlowRun::serialize(run, to)
        }

        Told {
            run: self,
            state_id: self.state.as_ref().map(|state| state.id),
            state_type: self.state.as_ref().map(|state| state.kind),
            state_name: self.state.as_ref().map(|state| &*state.name),
            estimated_run_time: self.total_run_time,
            estimated_start_time_delta: start_delay(self.expected_start_time, self.start_time),
        }
        .serialize(to)
    }
}

impl<'de> Deserialize<'de> for FlowRun {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::deserialize(from)
    }
}

/// Seconds from when a run was to start until it did.
pub(super) fn start_delay(expected: Option<Timestamp>, start: Option<Timestamp>) -> f64 {
    match (expected, start) {
        (Some(expected), Some(start)) => start.since(expected).as_secs_f64(),
        (Some(_) | None, _) => 0.0,
    }
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
