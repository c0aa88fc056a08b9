//! Our bodies beside those that Prefect's own clients sent, as they were recorded.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use uuid::Uuid;

use super::super::peer::PeerKind;
use super::event::Around;
use super::{event, flow_run, log, set_state, task_run};
use crate::Timestamp;
use crate::model::{CrashPolicy, FlowRun, Level, Log, RetryPolicy, State, Tally, Task};
use crate::wire::TaskRunRecord;

const EARLY: &str = include_str!("../../../../tests/wire/2.6.5/hello.jsonl");
const LATE: &str = include_str!("../../../../tests/wire/2.20/hello.jsonl");
const THIRD: &str = include_str!("../../../../tests/wire/3.x/hello.jsonl");

/// The places in a value that hold something, without the keys of free-form objects.
fn shape(value: &Value, place: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(key, value)| shape(value, &format!("{place}.{key}"), found));
        }
        Value::Array(values) if !values.is_empty() => {
            values.iter().for_each(|value| shape(value, &format!("{place}[]"), found));
        }
        _ => drop(found.insert(place.to_owned())),
    }
}

/// The bodies that a client sent there.
fn recorded(recording: &str, path_end: &str) -> Vec<Value> {
    let exchanges =
        recording.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let sent = exchanges.filter(|one| {
        let is_path = one["path"].as_str().is_some_and(|path| path.ends_with(path_end));
        is_path && one["method"] == "POST"
    });
    sent.map(|one| one["req_body"].clone()).collect()
}

/// The task-run events that a client of 3.x sent.
fn recorded_events() -> Vec<Value> {
    let exchanges = THIRD.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let events = exchanges.map(|one| one["data"].clone());
    let of_task_runs = events.filter(|one| {
        one["event"].as_str().is_some_and(|event| event.starts_with("prefect.task-run."))
    });
    of_task_runs.collect()
}

/// Holds one of our bodies against recorded ones: nothing besides, but for what is named.
#[track_caller]
fn check(ours: &Value, theirs: &[Value], besides: &[&str]) {
    assert!(!theirs.is_empty(), "nothing was recorded");
    let (mut our_shape, mut their_shape) = (BTreeSet::new(), BTreeSet::new());
    shape(ours, "", &mut our_shape);
    theirs.iter().for_each(|body| shape(body, "", &mut their_shape));
    let unknown: Vec<_> = our_shape
        .iter()
        // What is empty in one may be filled in the other.
        .filter(|place| !their_shape.iter().any(|known| known.starts_with(place.as_str())))
        .filter(|place| !their_shape.iter().any(|known| place.starts_with(&format!("{known}."))))
        .map(String::as_str)
        .collect();
    assert_eq!(unknown, besides);
}

fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000 + micros)
}

fn run() -> FlowRun {
    FlowRun {
        id: Uuid::from_u128(1).into(),
        created: at(0),
        updated: at(0),
        name: "brave-otter".into(),
        flow_id: Uuid::from_u128(2).into(),
        flow_version: Some("1".into()),
        parameters: BTreeMap::new(),
        tags: Vec::new(),
        parent_task_run_id: None,
        empirical_policy: RetryPolicy::default(),
        idempotency_key: None,
        state: None,
        run_count: 0,
        expected_start_time: None,
        next_scheduled_start_time: None,
        start_time: None,
        end_time: None,
        total_run_time: 0.0,
        program: None,
        on_crash: CrashPolicy::Fail,
        notes: Default::default(),
    }
}

fn record() -> TaskRunRecord {
    let task = Task {
        key: "hello::bar".into(),
        name: "bar".into(),
        version: "1".into(),
        description: None,
        tags: Vec::new(),
        policy: RetryPolicy::default(),
    };
    let (id, name) = (Uuid::from_u128(3).into(), "bar-0".to_owned());
    let mut record = TaskRunRecord::new(id, Arc::new(task), name, "0".to_owned());
    record.flow_run_id = Some(run().id);
    let states = [State::pending(at(0)), State::running(at(5)), State::completed(at(5))];
    let mut tally = Tally::default();
    for state in states {
        tally.enter_task_run(record.states.last(), &state, 1);
        record.states.push(state);
    }
    record.tally = tally;
    record
}

fn create(kind: PeerKind) -> Value {
    flow_run::create(&run(), &State::pending(at(0)), Uuid::nil(), None, kind)
}

#[test]
fn flow_runs_are_made_as_prefects_clients_make_them() {
    check(&create(PeerKind::EarlyPrefect2), &recorded(EARLY, "/flow_runs/"), &[]);
    check(&create(PeerKind::Prefect2), &recorded(LATE, "/flow_runs/"), &[]);
    // Fields that clients of 3.x only send when they are set.
    let besides = [".idempotency_key", ".state.state_details.transition_id"];
    check(&create(PeerKind::Prefect3), &recorded(THIRD, "/flow_runs/"), &besides);
}

#[test]
fn states_are_proposed_as_prefects_clients_propose_them() {
    let body = |kind| set_state(&State::running(at(0)), kind, false).expect("a body");
    check(&body(PeerKind::EarlyPrefect2), &recorded(EARLY, "/set_state"), &[]);
    check(&body(PeerKind::Prefect2), &recorded(LATE, "/set_state"), &[]);
    check(&body(PeerKind::Prefect3), &recorded(THIRD, "/set_state"), &[]);
}

#[test]
fn task_runs_are_made_as_prefects_clients_make_them() {
    let body = |kind| task_run::create(&record(), Uuid::nil(), kind, |_| None);
    check(&body(PeerKind::EarlyPrefect2), &recorded(EARLY, "/task_runs/"), &[]);
    check(&body(PeerKind::Prefect2), &recorded(LATE, "/task_runs/"), &[".id"]);
}

#[test]
fn lines_are_sent_as_prefects_clients_send_them() {
    let line = Log {
        id: Uuid::from_u128(4).into(),
        name: "hello".into(),
        level: Level::Info,
        message: "hi".into(),
        timestamp: at(0),
        flow_run_id: Some(run().id),
        task_run_id: Some(record().id),
        fields: BTreeMap::from([("count".to_owned(), 3.into())]),
    };
    let sent = log::Line::of(&line, Uuid::nil(), Some(Uuid::nil()));
    let body = serde_json::to_value([sent]).expect("JSON");
    assert_eq!(body[0]["message"], "hi count=3");
    for recording in [EARLY, LATE, THIRD] {
        check(&body, &recorded(recording, "/logs/"), &[]);
    }
}

#[test]
fn line_that_is_too_long_for_prefect_is_cut_with_a_mark() {
    let line = Log {
        id: Uuid::from_u128(4).into(),
        name: "hello".into(),
        level: Level::Info,
        message: "ü".repeat(600_000),
        timestamp: at(0),
        flow_run_id: None,
        task_run_id: None,
        fields: BTreeMap::new(),
    };
    let sent = log::Line::of(&line, Uuid::nil(), None);
    let body = serde_json::to_value(sent).expect("JSON");
    let message = body["message"].as_str().expect("text");
    assert!(message.ends_with("ü … (200000 bytes left out)"));
}

#[test]
fn task_run_events_are_those_of_prefects_clients() {
    let around = Around {
        flow_run_id: Uuid::nil(),
        flow_run_name: "brave-otter".into(),
        flow_id: Uuid::nil(),
        flow_name: "foo".into(),
    };
    let record = record();
    let events: Vec<Value> = event::of_task_run(&record, 0, &around)
        .iter()
        .map(|event| serde_json::to_value(event).expect("JSON"))
        .collect();

    // A version is what Python's task did not have.
    for event in &events {
        check(event, &recorded_events(), &[".payload.task_run.task_version"]);
    }
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str()).collect();
    let expected =
        ["Pending", "Running", "Completed"].map(|name| format!("prefect.task-run.{name}"));
    assert_eq!(names, expected.each_ref().map(|name| Some(name.as_str())));
    assert_eq!(events[1]["id"], serde_json::json!(record.states[1].id));
    assert_eq!(events[1]["follows"], events[0]["id"]);
    // Two states of one moment stay in order.
    assert!(events[1]["occurred"].as_str() < events[2]["occurred"].as_str());
    assert_eq!(event::of_task_run(&record, 2, &around).len(), 1);
}
