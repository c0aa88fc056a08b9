//! Events: what happened, as Prefect's clients of version 3 tell it.
//!
//! Their task runs come as events alone: one a state, with all that is known of the run.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::operations;
use crate::Timestamp;
use crate::model::{FlowRunId, RetryPolicy, State, TaskRunId, or_default};

operations! {
    EmitEvents => (), Post "/events", status |()| 204;
}

/// Tells of events, in the order in which they are to be kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EmitEvents(pub Vec<Event>);

/// Something that happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// Names it; the state that a task run entered has the same id.
    #[serde(default)]
    pub id: Uuid,
    /// When it happened.
    pub occurred: Timestamp,
    /// What happened, such as `prefect.task-run.Running`.
    pub event: String,
    /// What it happened to.
    #[serde(default)]
    pub resource: BTreeMap<String, String>,
    /// What else had to do with it.
    #[serde(default)]
    pub related: Vec<BTreeMap<String, String>>,
    /// What there is to say besides.
    #[serde(default = "nothing")]
    pub payload: Box<RawValue>,
    /// The event before it.
    #[serde(default)]
    pub follows: Option<Uuid>,
}

fn nothing() -> Box<RawValue> {
    RawValue::NULL.to_owned()
}

/// A state that a task run entered, with the run as it was then.
#[derive(Debug)]
pub(crate) struct TaskRunNews<'e> {
    pub(crate) id: TaskRunId,
    pub(crate) flow_run_id: Option<FlowRunId>,
    pub(crate) parent_task_run_id: Option<TaskRunId>,
    pub(crate) state: State,
    pub(crate) run: ToldTaskRun<'e>,
}

#[derive(Deserialize)]
struct Payload<'e> {
    validated_state: State,
    #[serde(borrow)]
    task_run: ToldTaskRun<'e>,
}

/// A task run as an event tells of it.
#[derive(Debug, Deserialize)]
pub(crate) struct ToldTaskRun<'e> {
    #[serde(default, borrow, deserialize_with = "or_default")]
    pub(crate) name: Cow<'e, str>,
    #[serde(borrow)]
    pub(crate) task_key: Cow<'e, str>,
    #[serde(borrow)]
    pub(crate) dynamic_key: Cow<'e, str>,
    #[serde(default)]
    pub(crate) task_version: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) empirical_policy: RetryPolicy,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) tags: Vec<String>,
    #[serde(default, borrow)]
    pub(crate) task_inputs: Option<&'e RawValue>,
    #[serde(default)]
    pub(crate) cache_key: Option<String>,
    #[serde(default)]
    pub(crate) cache_expiration: Option<Timestamp>,
    #[serde(default)]
    pub(crate) run_count: u32,
    #[serde(default)]
    pub(crate) flow_run_run_count: u32,
    #[serde(default)]
    pub(crate) expected_start_time: Option<Timestamp>,
    #[serde(default)]
    pub(crate) start_time: Option<Timestamp>,
    #[serde(default)]
    pub(crate) end_time: Option<Timestamp>,
    #[serde(default)]
    pub(crate) total_run_time: f64,
}

/// How the id of a task run begins in an event.
const TASK_RUN: &str = "prefect.task-run.";
const FLOW_RUN: &str = "prefect.flow-run.";

impl Event {
    /// The news of a task run that it brings, where it does.
    ///
    /// Prefect's own rule: only what a client decided itself counts, so that what a server says
    /// of its decisions is not taken for another one.
    pub(crate) fn task_run_news(&self) -> Option<TaskRunNews<'_>> {
        if !self.event.starts_with(TASK_RUN) {
            return None;
        }
        if self.resource.get("prefect.orchestration").map(String::as_str) != Some("client") {
            return None;
        }
        let id = self.resource.get(ID)?.strip_prefix(TASK_RUN)?.parse().ok()?;
        let Payload { validated_state: mut state, task_run: run } =
            serde_json::from_str(self.payload.get()).ok()?;
        state.id = self.id.into();
        state.timestamp = self.occurred;
        // An empty message is how the client says that there is none.
        state.message = state.message.filter(|message| !message.is_empty());
        let flow_run_id = self.related_id("flow-run", FLOW_RUN).map(FlowRunId::from);
        let parent_task_run_id = self.related_id("task-run", TASK_RUN).map(TaskRunId::from);
        Some(TaskRunNews { id, flow_run_id, parent_task_run_id, state, run })
    }

    fn related_id(&self, role: &str, prefix: &str) -> Option<Uuid> {
        let is_meant = |related: &&BTreeMap<String, String>| {
            related.get("prefect.resource.role").is_some_and(|given| given == role)
        };
        self.related.iter().find(is_meant)?.get(ID)?.strip_prefix(prefix)?.parse().ok()
    }
}

const ID: &str = "prefect.resource.id";
