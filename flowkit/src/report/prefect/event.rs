//! Events: how Prefect 3 hears of task runs, one event a state.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::peer::PeerKind;
use super::task_run;
use crate::Timestamp;
use crate::model::{State, StateId, StateType, Tally, TaskInput};
use crate::wire::TaskRunRecord;

/// The flow run that events belong to, under its name and ids there.
#[derive(Debug, Clone)]
pub(in crate::report) struct Around {
    pub(in crate::report) flow_run_id: Uuid,
    pub(in crate::report) flow_run_name: String,
    pub(in crate::report) flow_id: Uuid,
    pub(in crate::report) flow_name: String,
}

/// An event as it is sent.
#[derive(Debug, Serialize)]
pub(in crate::report) struct Event<'r> {
    occurred: Timestamp,
    event: String,
    resource: BTreeMap<&'static str, String>,
    related: Vec<BTreeMap<&'static str, String>>,
    payload: Payload<'r>,
    id: StateId,
    follows: Option<StateId>,
}

#[derive(Debug, Default, Serialize)]
struct Payload<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    intended: Option<Intended>,
    #[serde(skip_serializing_if = "Option::is_none")]
    initial_state: Option<Option<Shown<'r>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    validated_state: Option<Shown<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_run: Option<Run<'r>>,
}

#[derive(Debug, Serialize)]
struct Intended {
    from: Option<StateType>,
    to: StateType,
}

#[derive(Debug, Serialize)]
struct Shown<'r> {
    #[serde(rename = "type")]
    kind: StateType,
    name: &'r str,
    message: &'r str,
    state_details: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<()>,
}

/// The task run as it stands in that state.
#[derive(Debug, Serialize)]
struct Run<'r> {
    name: &'r str,
    task_key: &'r str,
    dynamic_key: &'r str,
    task_version: &'r str,
    empirical_policy: Value,
    tags: Vec<&'r str>,
    labels: Map<String, Value>,
    task_inputs: BTreeMap<String, Vec<TaskInput>>,
    run_count: u32,
    flow_run_run_count: u32,
    expected_start_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time: Option<Timestamp>,
    total_run_time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_key: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_expiration: Option<Timestamp>,
}

/// The events of a task run's states from that one on.
pub(in crate::report) fn of_task_run<'r>(
    record: &'r TaskRunRecord,
    from: usize,
    around: &Around,
) -> Vec<Event<'r>> {
    let mut tally = Tally::default();
    let mut earlier: Option<(&State, Timestamp)> = None;
    let mut events = Vec::with_capacity(record.states.len().saturating_sub(from));
    for (index, state) in record.states.iter().enumerate() {
        let flow_run_count = record.tally.flow_run_run_count;
        tally.enter_task_run(earlier.map(|(state, _)| state), state, flow_run_count);
        if index + 1 == record.states.len() {
            tally = record.tally;
        }
        // The server keeps the newest; of two at the same moment it would keep the first.
        let occurred = match earlier {
            Some((_, before)) if state.timestamp <= before => {
                before + std::time::Duration::from_micros(1)
            }
            Some(_) | None => state.timestamp,
        };
        if index >= from {
            let before = earlier.map(|(state, _)| state);
            events.push(of_state(record, before, state, occurred, &tally, around));
        }
        earlier = Some((state, occurred));
    }
    events
}

fn of_state<'r>(
    record: &'r TaskRunRecord,
    before: Option<&'r State>,
    state: &'r State,
    occurred: Timestamp,
    tally: &Tally,
    around: &Around,
) -> Event<'r> {
    let resource = BTreeMap::from([
        ("prefect.resource.id", format!("prefect.task-run.{}", record.id)),
        ("prefect.resource.name", record.name.clone()),
        ("prefect.run-count", tally.run_count.to_string()),
        ("prefect.state-message", state.message.clone().unwrap_or_default()),
        ("prefect.state-name", state.name.to_string()),
        ("prefect.state-timestamp", occurred.to_string()),
        ("prefect.state-type", state.kind.as_str().to_owned()),
        ("prefect.orchestration", "client".to_owned()),
    ]);
    let mut related = related(around);
    if let Some(parent) = record.parent_task_run_id {
        related.push(role("task-run", format!("prefect.task-run.{parent}"), None));
    }
    let tags = task_run::tags(record);
    related.extend(tags.iter().map(|tag| role("tag", format!("prefect.tag.{tag}"), None)));
    Event {
        occurred,
        event: format!("prefect.task-run.{}", state.name),
        resource,
        related,
        payload: Payload {
            intended: Some(Intended { from: before.map(|state| state.kind), to: state.kind }),
            initial_state: Some(before.map(|state| shown(state, false))),
            validated_state: Some(shown(state, true)),
            task_run: Some(run(record, tags, tally)),
        },
        id: state.id,
        follows: before.map(|state| state.id),
    }
}

fn run<'r>(record: &'r TaskRunRecord, tags: Vec<&'r str>, tally: &Tally) -> Run<'r> {
    Run {
        name: &record.name,
        task_key: &record.task.key,
        dynamic_key: &record.dynamic_key,
        task_version: &record.task.version,
        empirical_policy: super::policy(&record.task.policy, true),
        tags,
        labels: Map::new(),
        task_inputs: task_run::inputs(record, PeerKind::Prefect3, |id| Some(id.as_uuid())),
        run_count: tally.run_count,
        flow_run_run_count: tally.flow_run_run_count,
        expected_start_time: tally.expected_start_time,
        start_time: tally.start_time,
        end_time: tally.end_time,
        total_run_time: tally.run_time.as_secs_f64(),
        cache_key: record.cache_key.as_deref(),
        cache_expiration: record.cache_expiration,
    }
}

fn shown(state: &State, with_data: bool) -> Shown<'_> {
    let mut details = Map::new();
    if let Some(at) = state.details().scheduled_time {
        details.insert("scheduled_time".to_owned(), at.to_string().into());
    }
    if let Some(key) = &state.details().cache_key {
        details.insert("cache_key".to_owned(), key.clone().into());
    }
    Shown {
        kind: state.kind,
        name: &state.name,
        message: state.message.as_deref().unwrap_or_default(),
        state_details: details,
        // Null where it is said, since results stay where they are.
        data: with_data.then_some(()),
    }
}

fn related(around: &Around) -> Vec<BTreeMap<&'static str, String>> {
    let flow_run = format!("prefect.flow-run.{}", around.flow_run_id);
    let flow = format!("prefect.flow.{}", around.flow_id);
    vec![
        role("flow-run", flow_run, Some(&around.flow_run_name)),
        role("flow", flow, Some(&around.flow_name)),
    ]
}

fn role(role: &str, id: String, name: Option<&str>) -> BTreeMap<&'static str, String> {
    let mut related =
        BTreeMap::from([("prefect.resource.id", id), ("prefect.resource.role", role.to_owned())]);
    if let Some(name) = name {
        related.insert("prefect.resource.name", name.to_owned());
    }
    related
}

/// The event that says that a flow run's process lives.
pub(in crate::report) fn heartbeat(around: &Around, id: Uuid, now: Timestamp) -> Event<'static> {
    let resource = BTreeMap::from([
        ("prefect.resource.id", format!("prefect.flow-run.{}", around.flow_run_id)),
        ("prefect.resource.name", around.flow_run_name.clone()),
        ("prefect.version", env!("CARGO_PKG_VERSION").to_owned()),
    ]);
    let flow = format!("prefect.flow.{}", around.flow_id);
    Event {
        occurred: now,
        event: "prefect.flow-run.heartbeat".to_owned(),
        resource,
        related: vec![role("flow", flow, Some(&around.flow_name))],
        payload: Payload::default(),
        id: id.into(),
        follows: None,
    }
}
