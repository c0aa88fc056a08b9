//! Task runs as Prefect 2 makes them, and 3.x those that stand for subflows.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::peer::PeerKind;
use crate::model::{TaskInput, TaskRunId};
use crate::wire::TaskRunRecord;

/// The body that makes a task run, or finds it by its place in its flow run.
pub(in crate::report) fn create(
    record: &TaskRunRecord,
    flow_run_id: Uuid,
    kind: PeerKind,
    remote: impl Fn(TaskRunId) -> Option<Uuid>,
) -> Value {
    let mut body = json!({
        "name": record.name,
        "flow_run_id": flow_run_id,
        "task_key": record.task.key,
        "dynamic_key": record.dynamic_key,
        "task_version": record.task.version,
        "empirical_policy": super::policy(&record.task.policy, true),
        "tags": tags(record),
        "task_inputs": inputs(record, kind, remote),
        "state": record.states.first().and_then(|state| super::state(state, kind)),
    });
    if kind != PeerKind::EarlyPrefect2 {
        body["id"] = json!(record.id);
    }
    body
}

/// Says whether it stands for a subflow, whose states the server itself shows in it.
pub(in crate::report) fn is_placeholder(record: &TaskRunRecord) -> bool {
    record.states.iter().any(|state| state.details().child_flow_run_id.is_some())
}

pub(super) fn tags(record: &TaskRunRecord) -> Vec<&str> {
    record.task.tags.iter().chain(&record.extra_tags).map(String::as_str).collect()
}

/// The edges of the graph.
pub(super) fn inputs(
    record: &TaskRunRecord,
    kind: PeerKind,
    remote: impl Fn(TaskRunId) -> Option<Uuid>,
) -> BTreeMap<String, Vec<TaskInput>> {
    let json = record.task_inputs.as_deref();
    let mut edges: BTreeMap<String, Vec<TaskInput>> =
        json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    for inputs in edges.values_mut() {
        inputs.retain_mut(|input| match input {
            TaskInput::TaskRun { id } => match remote(*id) {
                Some(remote) => {
                    *id = remote.into();
                    true
                }
                None => false,
            },
            TaskInput::FlowRun { .. } => kind.takes_events(),
            TaskInput::Parameter { .. } | TaskInput::Constant { .. } => true,
        });
    }
    if let Some(parent) = record.parent_task_run_id.filter(|_| kind.takes_events()) {
        edges.insert("__parents__".to_owned(), vec![TaskInput::TaskRun { id: parent }]);
    }
    edges
}

/// The task runs that its inputs come from.
pub(in crate::report) fn upstreams(record: &TaskRunRecord) -> Vec<TaskRunId> {
    let json = record.task_inputs.as_deref();
    let edges: BTreeMap<String, Vec<TaskInput>> =
        json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let ids = edges.into_values().flatten().filter_map(|input| match input {
        TaskInput::TaskRun { id } => Some(id),
        TaskInput::FlowRun { .. } | TaskInput::Parameter { .. } | TaskInput::Constant { .. } => {
            None
        }
    });
    ids.collect()
}
