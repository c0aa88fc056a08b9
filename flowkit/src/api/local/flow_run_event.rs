//! The event that a flow run entered a state, as Prefect's server tells it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::model::{FlowRun, State};
use crate::store::{Tx, event, flow};
use crate::wire::{Event, ReceivedEvent};
use crate::{Result, Timestamp};

/// How soon one state must follow another for its event to name the other one's.
const TIGHT: Duration = Duration::from_secs(300);

/// How much of a state's message an event repeats.
const LONGEST_MESSAGE: usize = 100_000;

/// Keeps the event that a run entered another state, if it did.
pub(super) async fn keep(
    tx: &mut Tx<'_>,
    run: &FlowRun,
    before: Option<&State>,
    now: Timestamp,
) -> Result<Option<ReceivedEvent>> {
    let Some(state) = &run.state else { return Ok(None) };
    if before.is_some_and(|before| before.id == state.id) {
        return Ok(None);
    }
    let flow = flow::read(tx, run.flow_id).await?.map_or_else(String::new, |flow| flow.name);
    let event = tell(run, &flow, before, state);
    event::put(tx, &event, now).await?;
    Ok(Some((event, now).into()))
}

/// The event that a flow run of that flow went from one state to another. It has the state's id.
fn tell(run: &FlowRun, flow: &str, before: Option<&State>, state: &State) -> Event {
    let message = state.message.as_deref().unwrap_or_default();
    let message: String = message.chars().take(LONGEST_MESSAGE).collect();
    let resource = [
        ("prefect.resource.id", format!("prefect.flow-run.{}", run.id)),
        ("prefect.resource.name", run.name.clone()),
        ("prefect.run-count", run.run_count.to_string()),
        ("prefect.state-message", message),
        ("prefect.state-name", state.name.clone().into_owned()),
        ("prefect.state-timestamp", state.timestamp.to_string()),
        ("prefect.state-type", state.kind.as_str().to_owned()),
    ];
    let payload = json!({
        "intended": { "from": before.map(|before| before.kind), "to": state.kind },
        "initial_state": before.map(told),
        "validated_state": told(state),
    });
    let is_tight = |before: &&State| state.timestamp.since(before.timestamp) < TIGHT;
    Event {
        id: state.id.as_uuid(),
        occurred: state.timestamp,
        event: format!("prefect.flow-run.{}", state.name),
        resource: resource.map(|(name, value)| (name.to_owned(), value)).into(),
        related: related(run, flow),
        payload: serde_json::value::to_raw_value(&payload)
            .unwrap_or_else(|_| RawValue::NULL.to_owned()),
        follows: before.filter(is_tight).map(|before| before.id.as_uuid()),
    }
}

/// A state as events tell it: without what is not set.
fn told(state: &State) -> Value {
    let mut details = serde_json::to_value(state.details()).unwrap_or_default();
    if let Some(fields) = details.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    json!({
        "type": state.kind, "name": state.name, "message": state.message, "state_details": details,
    })
}

fn related(run: &FlowRun, flow: &str) -> Vec<BTreeMap<String, String>> {
    let resource = |role: &str, id: String, name: Option<&str>| {
        let mut labels = BTreeMap::from([
            ("prefect.resource.id".to_owned(), id),
            ("prefect.resource.role".to_owned(), role.to_owned()),
        ]);
        labels.extend(name.map(|name| ("prefect.resource.name".to_owned(), name.to_owned())));
        labels
    };
    let mut related = vec![resource("flow", format!("prefect.flow.{}", run.flow_id), Some(flow))];
    if let Some(id) = run.notes.deployment_id {
        related.push(resource("deployment", format!("prefect.deployment.{id}"), None));
    }
    if let Some(id) = run.parent_task_run_id {
        related.push(resource("task-run", format!("prefect.task-run.{id}"), None));
    }
    for tag in &run.tags {
        related.push(resource("tag", format!("prefect.tag.{tag}"), None));
    }
    related
}
