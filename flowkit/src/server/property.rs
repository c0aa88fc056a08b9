//! Whatever is asked for, the answer is never that the server is broken.

use axum::response::IntoResponse;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::mount::ask;
use crate::api::{Answer, Client};
use crate::clock::Clock;
use crate::settings::DatabaseUrl;
use crate::wire::{self, Operation, Parts, path_fields};

/// Ids; the first three are those of a flow, a flow run and a task run that are there.
const IDS: [&str; 5] = [
    "00000000-0000-0000-0000-000000000001",
    "00000000-0000-0000-0000-000000000002",
    "00000000-0000-0000-0000-000000000003",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "no id",
];

const TEXTS: [&str; 12] = [
    "",
    "x",
    "etl",
    "'; DROP TABLE flow; --",
    "<script>alert(1)</script>",
    "50%_\\",
    "\u{0}\u{7f}ü👋",
    "../../etc/passwd",
    "{{ prefect.variables.x }}",
    "\"quoted -words",
    "prefect.flow-run.Running",
    "markdown",
];

const TIMES: [&str; 7] = [
    "2026-01-01T00:00:00Z",
    "2026-01-01T00:00:00.123456+05:30",
    "2026-01-01T00:00:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "+262000-01-01T00:00:00Z",
    "-262000-01-01T00:00:00Z",
];

const WORDS: [&str; 16] = [
    "SCHEDULED",
    "PENDING",
    "RUNNING",
    "COMPLETED",
    "FAILED",
    "CANCELLED",
    "CRASHED",
    "PAUSED",
    "CANCELLING",
    "and_",
    "or_",
    "ID_DESC",
    "NAME_ASC",
    "tag",
    "task_run",
    "constant",
];

/// Names that mean something somewhere.
const NAMES: &[&str] = &[
    "after",
    "after_",
    "all_",
    "any_",
    "artifact",
    "auto_scheduled",
    "before_",
    "cache_expiration",
    "cache_key",
    "client",
    "concurrency_limit",
    "context",
    "data",
    "deployment_id",
    "deployments",
    "description",
    "dynamic_key",
    "empirical_policy",
    "end_time",
    "eq_",
    "event",
    "exists_",
    "expected_start_time",
    "flow",
    "flow_id",
    "flow_name",
    "flow_run",
    "flow_run_id",
    "flow_runs",
    "flow_version",
    "flowkit_limit",
    "flows",
    "follows",
    "force",
    "ge_",
    "history_end",
    "history_interval_seconds",
    "history_start",
    "holder",
    "host",
    "id",
    "idempotency_key",
    "infrastructure_pid",
    "input_hash",
    "input_type",
    "is_null_",
    "is_subflow",
    "job_variables",
    "key",
    "labels",
    "latest",
    "le_",
    "level",
    "like_",
    "limit",
    "lock_file",
    "logs",
    "message",
    "mode",
    "name",
    "names",
    "not_any_",
    "notes",
    "now",
    "occurred",
    "offset",
    "on_crash",
    "operator",
    "overwrite",
    "page",
    "parameters",
    "parent_flow_run_id",
    "parent_task_run_id",
    "payload",
    "pid",
    "policy",
    "program",
    "query",
    "related",
    "resource",
    "result",
    "retries",
    "retry_delay",
    "run_count",
    "scope",
    "slots",
    "slug",
    "sort",
    "start_time",
    "state",
    "state_details",
    "states",
    "subflow_runs",
    "tag",
    "tags",
    "tally",
    "task",
    "task_inputs",
    "task_key",
    "task_run",
    "task_run_id",
    "task_runs",
    "text",
    "timestamp",
    "total_run_time",
    "type",
    "until",
    "value",
    "version",
    "work_pools",
    "work_queue_name",
];

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        select(vec![0, 1, -1, 2, 200, 201, i64::MAX, i64::MIN, 1 << 31, 1 << 53])
            .prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        select(&IDS[..]).prop_map(Value::from),
        select(&IDS[..]).prop_map(Value::from),
        select(&TEXTS[..]).prop_map(Value::from),
        select(&TIMES[..]).prop_map(Value::from),
        select(&WORDS[..]).prop_map(Value::from),
    ]
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    vec((select(NAMES), inner), 0..12).prop_map(|fields| {
        Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    })
}

fn anything() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(4, 96, 12, |inner| {
        prop_oneof![vec(inner.clone(), 0..4).prop_map(Value::from), object(inner)]
    })
}

/// Bodies that some operation may like, with something else in some place of it.
fn likely() -> impl Strategy<Value = Value> {
    let state = json!({ "type": "RUNNING", "name": "Running", "timestamp": TIMES[0] });
    let filter = json!({
        "flow_runs": { "operator": "or_", "id": { "any_": [IDS[1]] }, "tags": { "any_": ["x"] } },
        "flows": { "name": { "like_": "e" } },
        "task_runs": { "state": { "type": { "any_": ["RUNNING"] } }, "tags": { "all_": ["x"] } },
        "logs": { "level": { "ge_": 20 }, "text": { "query": "x" } },
        "history_start": TIMES[0], "history_end": TIMES[4], "history_interval_seconds": 3600,
        "sort": "ID_DESC", "limit": 10, "offset": 0, "page": 1,
    });
    let make = json!({
        "name": "run", "flow_id": IDS[0], "flow_run_id": IDS[1], "task_key": "load",
        "dynamic_key": "0", "parameters": {}, "tags": ["x"], "state": state, "type": "markdown",
        "key": "rows", "data": 1, "value": 1, "parent_task_run_id": IDS[2], "slots": 1,
        "idempotency_key": "once", "force": false, "level": 20, "message": "x",
        "timestamp": TIMES[0], "empirical_policy": { "retries": 1, "retry_delay": [1, 2] },
        "task_inputs": { "x": [{ "input_type": "task_run", "id": IDS[2] }] },
    });
    let event = json!([{
        "id": IDS[3], "occurred": TIMES[0], "event": "prefect.task-run.Running",
        "resource": {
            "prefect.resource.id": format!("prefect.task-run.{}", IDS[2]),
            "prefect.orchestration": "client",
        },
        "related": [{
            "prefect.resource.id": format!("prefect.flow-run.{}", IDS[1]),
            "prefect.resource.role": "flow-run",
        }],
        "payload": {
            "validated_state": state,
            "task_run": { "name": "x", "task_key": "load", "dynamic_key": "0" },
        },
        "follows": null,
    }]);
    let changes = vec((any::<prop::sample::Index>(), anything()), 0..3);
    (select(vec![filter, make, event]), changes).prop_map(|(mut body, changes)| {
        for (place, value) in changes {
            let mut places = Vec::new();
            note_places(&body, String::new(), &mut places);
            let place = place.get(&places);
            if let Some(found) = body.pointer_mut(place) {
                *found = value;
            }
        }
        body
    })
}

/// The pointers to all values inside.
fn note_places(value: &Value, here: String, places: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                note_places(inner, format!("{here}/{name}"), places);
            }
        }
        Value::Array(list) => {
            for (index, inner) in list.iter().enumerate() {
                note_places(inner, format!("{here}/{index}"), places);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    places.push(here);
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let json = prop_oneof![anything(), object(anything()), likely(), likely()];
    prop_oneof![
        8 => json.prop_map(|body| serde_json::to_vec(&body).expect("JSON")),
        1 => vec(any::<u8>(), 0..64),
    ]
}

async fn some_runs() -> Client {
    let client = Client::open(&DatabaseUrl::Memory, Clock::system()).await.expect("a database");
    let flow = client.call(wire::CreateFlow { name: "etl".into(), tags: Vec::new() }).await;
    let run = json!({ "id": IDS[1], "flow_id": flow.expect("a flow").id });
    let run: wire::CreateFlowRun = serde_json::from_value(run).expect("a request");
    client.call(run).await.expect("a flow run");
    client
}

async fn check<O: Operation>(client: &Client, id: &str, body: &[u8]) -> Result<(), TestCaseError>
where
    Client: Answer<O>,
{
    let path = path_fields(O::PATH).map(|_| id).collect();
    let query: Vec<_> = O::QUERY.iter().map(|name| ((*name).to_owned(), id.to_owned())).collect();
    let answer = ask::<O>(client, Parts { path, query: &query, body }).await;
    let status = answer.into_response().status();
    prop_assert!(!status.is_server_error(), "{:?} {}: {status}", O::METHOD, O::PATH);
    Ok(())
}

async fn check_all(client: &Client, id: &str, body: &[u8]) -> Result<(), TestCaseError> {
    macro_rules! check_each {
        ($($operation:ident)*) => {$(
            check::<wire::$operation>(client, id, body).await?;
        )*};
    }
    wire::each_operation!(check_each);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_request_breaks_the_server(id in select(&IDS[..]), body in body()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let client = some_runs().await;
            check_all(&client, id, &body).await
        })?;
    }
}

#[test]
fn known_bodies_are_liked_by_somebody() {
    let fields = Map::from_iter([("name".to_owned(), Value::from("etl"))]);
    let body = serde_json::to_vec(&fields).expect("JSON");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let status = runtime.expect("a runtime").block_on(async {
        let client = some_runs().await;
        let parts = Parts { path: Vec::new(), query: &[], body: &body };
        ask::<wire::CreateFlow>(&client, parts).await.into_response().status()
    });
    assert_eq!(status, 200);
}
