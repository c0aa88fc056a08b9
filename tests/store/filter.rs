//! Filters in the words of Prefect's API.

use flowkit::api::Client;
use flowkit::model::{Level, Log, State};
use flowkit::testing::{commit, flush, record as tell};
use flowkit::wire::{
    CreateFlow, CreateFlowRun, FilterFlowRuns, FilterFlows, FilterLogs, FilterTaskRuns,
    PaginateFlowRuns, PaginateFlows, PaginateTaskRuns, Record, SetFlowRunState, TotalFlowRuns,
    TotalFlows, TotalTaskRuns,
};
use flowkit::{Durability, ErrorKind};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{at, completed, flow_run, id, new_flow_run, record, shared};

fn read<T: DeserializeOwned>(body: &Value) -> T {
    serde_json::from_value(body.clone()).unwrap_or_else(|error| panic!("{body}: {error}"))
}

fn uuid(number: u32) -> Value {
    id::<flowkit::model::FlowRunId>(number).to_string().into()
}

/// Run 1 is pending, 2 of flow `Report` ran from 10 to 15 and was called by task run 20 of run 1,
/// 3 failed, 4 is scheduled for 60.
async fn some_runs(client: &Client) {
    flow_run(client, 1).await;
    let flow = CreateFlow { name: "Report".into(), tags: vec!["weekly".into()] };
    let flow = client.call(flow).await.expect("a flow");
    let second = CreateFlowRun {
        flow_id: flow.id,
        flow_version: Some("7".into()),
        parent_task_run_id: Some(id(20)),
        tags: vec!["a".into(), "b".into()],
        idempotency_key: Some("key".into()),
        ..new_flow_run(client, 2).await
    };
    client.call(second).await.expect("made");
    flow_run(client, 3).await;
    let state = State::scheduled(at(60), at(0)).named("Late");
    let fourth = CreateFlowRun { state, tags: Vec::new(), ..new_flow_run(client, 4).await };
    client.call(fourth).await.expect("made");
    set(client, 2, State::running(at(10))).await;
    set(client, 2, State::completed(at(15))).await;
    set(client, 3, State::running(at(20))).await;
    set(client, 3, State::failed("why", at(30)).named("TimedOut")).await;
    let mut tagged = completed(Some(1), 20);
    tagged.extra_tags = vec!["extra".into()];
    let running = record(Some(3), 22, vec![State::pending(at(20)), State::running(at(21))]);
    for record in [tagged, completed(Some(1), 21), running, completed(None, 23)] {
        commit(client, &shared(record), Durability::Process).await.expect("kept");
    }
}

async fn set(client: &Client, number: u32, state: State) {
    let set = SetFlowRunState { id: id(number), state, force: true };
    client.call(set).await.expect("set");
}

pub(super) async fn flow_runs_are_found_in_prefects_words(client: &Client) {
    some_runs(client).await;
    let cases = [
        (json!({}), "4321"),
        (json!({ "flow_runs": null, "flows": null, "task_runs": {}, "deployments": {} }), "4321"),
        (json!({ "flow_runs": { "id": { "any_": [uuid(1), uuid(3)] } } }), "31"),
        (json!({ "flow_runs": { "id": { "not_any_": [uuid(1), uuid(3)] } } }), "42"),
        (json!({ "flow_runs": { "id": { "any_": null, "not_any_": [] } } }), "4321"),
        (json!({ "flow_runs": { "name": { "like_": "UN-2" } } }), "2"),
        (json!({ "flow_runs": { "tags": { "all_": ["a", "b"] } } }), "2"),
        (json!({ "flow_runs": { "tags": { "any_": ["b", "nightly"] } } }), "321"),
        (json!({ "flow_runs": { "tags": { "is_null_": true } } }), "4"),
        (
            json!({ "flow_runs": { "tags": {
            "operator": "or_", "all_": ["a"], "is_null_": true } } }),
            "42",
        ),
        (json!({ "flow_runs": { "state": { "type": { "any_": ["FAILED", "PENDING"] } } } }), "31"),
        (json!({ "flow_runs": { "state": { "name": { "not_any_": ["Late"] } } } }), "321"),
        (
            json!({ "flow_runs": { "state": { "operator": "or_",
            "type": { "any_": ["SCHEDULED"] }, "name": { "any_": ["TimedOut"] } } } }),
            "43",
        ),
        (
            json!({ "flow_runs": { "operator": "or_",
            "name": { "any_": ["run-1"] }, "flow_version": { "any_": ["7"] } } }),
            "21",
        ),
        (json!({ "flow_runs": { "start_time": { "is_null_": true } } }), "41"),
        (json!({ "flow_runs": { "end_time": { "before_": at(29).to_string() } } }), "2"),
        (json!({ "flow_runs": { "expected_start_time": { "after_": at(1).to_string() } } }), "4"),
        (
            json!({ "flow_runs": { "next_scheduled_start_time": {
            "before_": at(60).to_string() } } }),
            "4",
        ),
        (json!({ "flow_runs": { "parent_flow_run_id": { "any_": [uuid(1)] } } }), "2"),
        (json!({ "flow_runs": { "parent_task_run_id": { "is_null_": false } } }), "2"),
        (json!({ "flow_runs": { "idempotency_key": { "any_": ["key"] } } }), "2"),
        (json!({ "flow_runs": { "deployment_id": { "is_null_": true } } }), "4321"),
        (json!({ "flow_runs": { "deployment_id": { "any_": [uuid(1)] } } }), ""),
        (json!({ "deployments": { "name": { "any_": ["daily"] } } }), ""),
        (json!({ "work_pools": { "name": { "any_": ["local"] } } }), ""),
        (json!({ "flows": { "name": { "any_": ["Report"] } } }), "2"),
        (json!({ "flows": { "tags": { "all_": ["weekly"] } } }), "2"),
        (json!({ "task_runs": { "state": { "type": { "any_": ["RUNNING"] } } } }), "3"),
        (json!({ "task_runs": { "tags": { "all_": ["io", "extra"] } } }), "1"),
        (
            json!({ "flows": { "name": { "like_": "et" } },
            "task_runs": { "id": { "any_": [uuid(22)] } } }),
            "3",
        ),
        (json!({ "flow_runs": { "unknown": 1 }, "unknown": { "any_": [] } }), "4321"),
        (json!({ "flow_runs": { "name": { "any_": ["'; DROP TABLE flow_run; --"] } } }), ""),
    ];
    for (body, expected) in cases {
        let found = client.call(read::<FilterFlowRuns>(&body)).await.expect("an answer");
        let found: String = found.iter().map(|run| run.name.trim_start_matches("run-")).collect();
        assert_eq!(found, expected, "{body}");
        let total = client.call(read::<TotalFlowRuns>(&body)).await.expect("an answer");
        assert_eq!(total, expected.len() as u64, "{body}");
    }
}

pub(super) async fn task_runs_are_found_in_prefects_words(client: &Client) {
    some_runs(client).await;
    let cases = [
        (json!({}), "23 22 21 20"),
        (json!({ "task_runs": { "id": { "any_": [uuid(20), uuid(23)] } } }), "23 20"),
        (json!({ "task_runs": { "flow_run_id": { "any_": [uuid(1)] } } }), "21 20"),
        (json!({ "task_runs": { "flow_run_id": { "is_null_": true } } }), "23"),
        (
            json!({ "task_runs": { "flow_run_id": {
            "operator": "or_", "any_": [uuid(3)], "is_null_": true } } }),
            "23 22",
        ),
        (json!({ "task_runs": { "tags": { "all_": ["extra"] } } }), "20"),
        (json!({ "task_runs": { "tags": { "is_null_": true } } }), ""),
        (json!({ "task_runs": { "state": { "type": { "any_": ["RUNNING", "PENDING"] } } } }), "22"),
        (json!({ "task_runs": { "start_time": { "after_": at(2).to_string() } } }), "22"),
        (
            json!({ "task_runs": { "expected_start_time": { "after_": at(0).to_string() } } }),
            "23 22 21 20",
        ),
        (json!({ "task_runs": { "end_time": { "is_null_": true } } }), "22"),
        (json!({ "task_runs": { "subflow_runs": { "exists_": true } } }), "20"),
        (json!({ "task_runs": { "subflow_runs": { "exists_": false } } }), "23 22 21"),
        (json!({ "flow_runs": { "id": { "any_": [uuid(3)] } } }), "22"),
        (json!({ "flow_runs": { "state": { "name": { "any_": ["TimedOut"] } } } }), "22"),
        (
            json!({ "flow_runs": { "operator": "or_",
            "id": { "any_": [uuid(3)] }, "name": { "any_": ["run-1"] } } }),
            "22 21 20",
        ),
        (json!({ "flows": { "name": { "any_": ["etl"] } } }), "22 21 20"),
    ];
    for (body, expected) in cases {
        let found = client.call(read::<FilterTaskRuns>(&body)).await.expect("an answer");
        let found: Vec<_> = found.into_iter().map(|run| run.dynamic_key).collect();
        assert_eq!(found.join(" "), expected, "{body}");
        let total = client.call(read::<TotalTaskRuns>(&body)).await.expect("an answer");
        assert_eq!(total, found.len() as u64, "{body}");
    }
}

pub(super) async fn flows_are_found_in_prefects_words(client: &Client) {
    some_runs(client).await;
    let cases = [
        (json!({}), "Report etl"),
        (json!({ "sort": "NAME_DESC" }), "etl Report"),
        (json!({ "sort": "CREATED_DESC" }), "Report etl"),
        (json!({ "flows": { "tags": { "all_": ["weekly"] } } }), "Report"),
        (json!({ "flows": { "deployment": { "is_null_": true } } }), "Report etl"),
        (json!({ "flow_runs": { "id": { "any_": [uuid(2)] } } }), "Report"),
        (json!({ "flow_runs": { "state": { "type": { "any_": ["SCHEDULED"] } } } }), "etl"),
        (json!({ "task_runs": { "name": { "any_": ["load-22"] } } }), "etl"),
        (json!({ "deployments": { "id": { "any_": [uuid(2)] } } }), ""),
    ];
    for (body, expected) in cases {
        let found = client.call(read::<FilterFlows>(&body)).await.expect("an answer");
        let found: Vec<_> = found.into_iter().map(|flow| flow.name).collect();
        if body["sort"] != "CREATED_DESC" {
            assert_eq!(found.join(" "), expected, "{body}");
        }
        let total = client.call(read::<TotalFlows>(&body)).await.expect("an answer");
        assert_eq!(total, found.len() as u64, "{body}");
    }
}

fn line(number: u32, message: &str, level: Level) -> Log {
    Log {
        id: id(number),
        name: "etl".into(),
        level,
        message: message.into(),
        timestamp: at(number.into()),
        flow_run_id: Some(id(1)),
        task_run_id: None,
        fields: Default::default(),
    }
}

pub(super) async fn log_lines_are_found_in_prefects_words(client: &Client) {
    let lines = [
        line(1, "disk is full", Level::Error),
        line(2, "disk is fine", Level::Info),
        line(3, "all 100% done", Level::Debug),
    ];
    for line in lines {
        tell(client, Record::Log(line));
    }
    flush(client, Durability::Process).await.expect("kept");
    let cases = [
        (json!({}), "1 2 3"),
        (json!({ "logs": null, "sort": "TIMESTAMP_DESC" }), "3 2 1"),
        (json!({ "logs": { "level": { "ge_": 20 } } }), "1 2"),
        (json!({ "logs": { "level": { "ge_": 0, "le_": 20 } } }), "2 3"),
        (
            json!({ "logs": { "timestamp": { "after_": at(2).to_string(), "before_": null } } }),
            "2 3",
        ),
        (
            json!({ "logs": { "flow_run_id": { "any_": [uuid(1)] }, "id": { "any_": [uuid(3)] } } }),
            "3",
        ),
        (json!({ "logs": { "flow_run_id": { "any_": [uuid(2)] } } }), ""),
        (json!({ "logs": { "text": { "query": "FULL 100%" } } }), "1 3"),
        (json!({ "logs": { "text": { "query": "disk -full" } } }), "2"),
        (json!({ "logs": { "text": { "query": "\"is full\"" } } }), "1"),
    ];
    for (body, expected) in cases {
        let found = client.call(read::<FilterLogs>(&body)).await.expect("an answer");
        let found: Vec<_> =
            found.iter().map(|line| line.timestamp.since(at(0)).as_secs().to_string()).collect();
        assert_eq!(found.join(" "), expected, "{body}");
    }
}

pub(super) async fn lists_have_an_order(client: &Client) {
    some_runs(client).await;
    let cases = [
        ("ID_DESC", "4321"),
        ("START_TIME_ASC", "2314"),
        ("EXPECTED_START_TIME_ASC", "1234"),
        ("EXPECTED_START_TIME_DESC", "4321"),
        ("NEXT_SCHEDULED_START_TIME_ASC", "4123"),
        ("END_TIME_DESC", "3241"),
        ("NAME_ASC", "1234"),
        ("NAME_DESC", "4321"),
    ];
    for (sort, expected) in cases {
        let found = client.call(read::<FilterFlowRuns>(&json!({ "sort": sort }))).await;
        let found = found.expect("an answer");
        let found: String = found.iter().map(|run| run.name.trim_start_matches("run-")).collect();
        assert_eq!(found, expected, "{sort}");
    }
    let cases = [
        ("ID_DESC", "21 20"),
        ("EXPECTED_START_TIME_ASC", "20 21"),
        ("EXPECTED_START_TIME_DESC", "21 20"),
        ("NEXT_SCHEDULED_START_TIME_ASC", "20 21"),
        ("END_TIME_DESC", "21 20"),
        ("NAME_ASC", "20 21"),
        ("NAME_DESC", "21 20"),
    ];
    for (sort, expected) in cases {
        let body = json!({ "sort": sort, "task_runs": { "flow_run_id": { "any_": [uuid(1)] } } });
        let found = client.call(read::<FilterTaskRuns>(&body)).await.expect("an answer");
        let found: Vec<_> = found.into_iter().map(|run| run.dynamic_key).collect();
        assert_eq!(found.join(" "), expected, "{sort}");
    }
}

pub(super) async fn pages_say_how_long_the_list_is(client: &Client) {
    some_runs(client).await;
    let body = json!({ "limit": 3, "page": 2 });
    let page = client.call(read::<PaginateFlowRuns>(&body)).await.expect("a page");
    assert_eq!((page.results.len(), page.count, page.limit), (1, 4, 3));
    assert_eq!((page.pages, page.page), (2, 2));
    let page = client.call(read::<PaginateTaskRuns>(&json!({}))).await.expect("a page");
    assert_eq!((page.results.len(), page.count, page.pages), (4, 4, 1));
    assert_eq!(page.results[0].dynamic_key, "23", "the last called comes first");
    let page = client.call(read::<PaginateFlows>(&json!({ "limit": 0 }))).await.expect("a page");
    assert_eq!((page.results.len(), page.count), (0, 2));
    let error = client.call(read::<PaginateFlows>(&json!({ "page": 0 }))).await.expect_err("none");
    assert_eq!(error.kind(), ErrorKind::Invalid);
}

pub(super) async fn too_much_at_once_is_refused(client: &Client) {
    let many: Vec<_> = (0..20_000).map(uuid).collect();
    let tags: Vec<_> = (0..2000).map(|number| number.to_string()).collect();
    let filters = [
        json!({ "id": { "any_": many } }),
        json!({ "tags": { "all_": tags } }),
        json!({ "name": { "like_": "x".repeat(100_000) } }),
    ];
    for flow_runs in filters {
        let body = json!({ "flow_runs": flow_runs });
        let error = client.call(read::<FilterFlowRuns>(&body)).await.expect_err("too much");
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }
    for body in [json!({ "limit": 201 }), json!({ "sort": "RANDOM" }), json!({ "offset": -1 })] {
        assert!(serde_json::from_value::<FilterFlowRuns>(body).is_err());
    }
}
