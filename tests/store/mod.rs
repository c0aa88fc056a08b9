//! The store, through the client: what is kept, what is promised, and what goes wrong.

mod artifact;
mod bulk;
mod concurrency;
mod conformance;
mod filter;
mod flow;
mod flow_run;
mod graph;
mod lease;
mod log;
mod process;
mod resume;
mod retention;
mod run_history;
mod state;
mod task_run;
mod trouble;
mod variable;

use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flowkit::api::Client;
use flowkit::model::{CrashPolicy, FlowRun, FlowRunNotes, RetryPolicy, State, Tally, Task};
use flowkit::wire::{CreateFlow, CreateFlowRun, TaskRunRecord};
use flowkit::{Clock, Timestamp};

/// The id of that number; ids sort as their numbers do.
pub(crate) fn id<Id: FromStr<Err: std::fmt::Debug>>(number: u32) -> Id {
    format!("{number:032x}").parse().expect("an id")
}

/// The moment so many seconds after the clocks of these tests start.
pub(crate) fn at(seconds: u64) -> Timestamp {
    "2026-01-01T00:00:00Z".parse::<Timestamp>().expect("a time") + Duration::from_secs(seconds)
}

/// A clock that the test moves.
pub(crate) fn clock() -> Clock {
    Clock::stub(at(0))
}

/// What makes a flow run of flow `etl`.
pub(crate) async fn new_flow_run(client: &Client, number: u32) -> CreateFlowRun {
    let flow = CreateFlow { name: "etl".into(), tags: Vec::new() };
    let flow = client.call(flow).await.expect("a flow");
    CreateFlowRun {
        id: id(number),
        name: format!("run-{number}"),
        flow_id: flow.id,
        flow_version: None,
        parameters: [("day".to_owned(), serde_json::json!("monday"))].into(),
        tags: vec!["nightly".into()],
        parent_task_run_id: None,
        empirical_policy: RetryPolicy::default(),
        idempotency_key: None,
        state: State::pending(client.clock().now()),
        program: None,
        notes: FlowRunNotes::default(),
        on_crash: CrashPolicy::Fail,
    }
}

/// A pending flow run of flow `etl`.
pub(crate) async fn flow_run(client: &Client, number: u32) -> FlowRun {
    let wanted = new_flow_run(client, number).await;
    client.call(wanted).await.expect("a flow run").value
}

/// A task run as the process that executes it knows it.
pub(crate) fn record(flow_run: Option<u32>, number: u32, states: Vec<State>) -> TaskRunRecord {
    let mut tally = Tally::default();
    for (before, state) in [None].into_iter().chain(states.iter().map(Some)).zip(&states) {
        tally.enter_task_run(before, state, 1);
    }
    TaskRunRecord {
        id: id(number),
        flow_run_id: flow_run.map(id),
        parent_task_run_id: None,
        task: Arc::new(Task {
            key: "etl::load".into(),
            name: "load".into(),
            version: "1".into(),
            description: None,
            tags: vec!["io".into()],
            policy: RetryPolicy::default(),
        }),
        name: format!("load-{number}"),
        dynamic_key: number.to_string(),
        input_hash: None,
        task_inputs: None,
        extra_tags: Vec::new(),
        cache_key: None,
        cache_expiration: None,
        states,
        result: None,
        tally,
        stored_as: None,
        is_queued: false,
        ticket: u64::MAX,
    }
}

/// A task run that has completed.
pub(crate) fn completed(flow_run: Option<u32>, number: u32) -> TaskRunRecord {
    let states = vec![State::pending(at(0)), State::running(at(1)), State::completed(at(2))];
    record(flow_run, number, states)
}

/// The record as the store wants it.
pub(crate) fn shared(record: TaskRunRecord) -> Arc<Mutex<TaskRunRecord>> {
    Arc::new(Mutex::new(record))
}
