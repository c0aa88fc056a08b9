//! Flow runs as Prefect makes them.

use serde_json::{Value, json};
use uuid::Uuid;

use super::super::peer::PeerKind;
use crate::model::{FlowRun, State};

/// The body that makes a flow, or finds the one of that name.
pub(in crate::report) fn flow(name: &str, kind: PeerKind) -> Value {
    let mut body = json!({ "name": name, "tags": [] });
    if kind.takes_events() {
        body["labels"] = json!({});
    }
    body
}

/// The body that makes a flow run, or finds the one that was made for this one before.
pub(in crate::report) fn create(
    run: &FlowRun,
    first: &State,
    flow_id: Uuid,
    parent: Option<Uuid>,
    kind: PeerKind,
) -> Value {
    json!({
        "name": run.name,
        "flow_id": flow_id,
        "flow_version": run.flow_version,
        "parameters": run.parameters,
        "context": {},
        "parent_task_run_id": parent,
        "empirical_policy": super::policy(&run.empirical_policy, false),
        "tags": run.tags,
        // The server makes the run's id; by this one it is found again.
        "idempotency_key": run.id,
        "state": super::state(first, kind),
    })
}
