//! Runs and times for the tests of the rules.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::json;

use crate::Timestamp;
use crate::model::{FlowRun, RetryPolicy, State, StateType, TaskRun};

pub(super) const SECOND: Duration = Duration::from_secs(1);

/// So many seconds after the start of all tests.
pub(super) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(1_800_000_000_000_000) + Duration::from_secs(seconds)
}

/// A flow run in that state, started once if it looks like it.
pub(super) fn flow_run(state: Option<State>) -> FlowRun {
    let mut run: FlowRun = serde_json::from_value(json!({
        "id": "0190c0c0-0000-7000-8000-000000000001",
        "flow_id": "0190c0c0-0000-7000-8000-000000000002",
        "created": at(0), "updated": at(0), "name": "brave-otter",
    }))
    .expect("the flow run is complete");
    run.run_count = u32::from(state.as_ref().is_some_and(has_started));
    run.state = state;
    run
}

/// A task run in that state in the first try of its flow run, started once if it looks like it.
pub(super) fn task_run(state: Option<State>) -> TaskRun {
    let mut run: TaskRun = serde_json::from_value(json!({
        "id": "0190c0c0-0000-7000-8000-000000000003",
        "created": at(0), "updated": at(0), "name": "bar-0",
        "task_key": "bar", "dynamic_key": "0", "flow_run_run_count": 1,
    }))
    .expect("the task run is complete");
    run.run_count = u32::from(state.as_ref().is_some_and(has_started));
    run.start_time = state.as_ref().filter(|state| has_started(state)).map(|_| at(0));
    run.state = state;
    run
}

fn has_started(state: &State) -> bool {
    !matches!(state.kind, StateType::Scheduled | StateType::Pending)
}

pub(super) fn retries(retries: u32) -> RetryPolicy {
    RetryPolicy { retries: Some(retries), retry_delay: vec![10.0], retry_jitter_factor: None }
}

/// Any state, made at any of the first moments.
pub(super) fn any_state() -> impl Strategy<Value = State> {
    let names = prop::option::of(prop::sample::select(vec!["Late", "AwaitingRetry", "Submitting"]));
    let times = prop::option::of(0_u64..100);
    (any_kind(), names, times.clone(), times, any::<[bool; 4]>(), 0_u64..100).prop_map(
        |(kind, name, scheduled, timeout, [data, reschedule, key, last], made)| {
            let mut state = State::new(kind, at(made));
            state.data = data.then(|| json!(42));
            if let Some(name) = name {
                state = state.named(name);
            }
            if scheduled.is_some() || timeout.is_some() || reschedule || key || last {
                let details = state.details_mut();
                details.scheduled_time = scheduled.map(at);
                details.pause_timeout = timeout.map(at);
                details.pause_reschedule = reschedule;
                details.pause_key = key.then(|| "1".into());
                details.retriable = last.then_some(false);
            }
            state
        },
    )
}

pub(super) fn any_kind() -> impl Strategy<Value = StateType> {
    prop::sample::select(StateType::ALL.to_vec())
}

pub(super) fn any_policy() -> impl Strategy<Value = RetryPolicy> {
    (
        any::<Option<u32>>(),
        prop::collection::vec(prop::num::f64::ANY, 0..4),
        prop::option::of(prop::num::f64::ANY),
    )
        .prop_map(|(retries, retry_delay, retry_jitter_factor)| RetryPolicy {
            retries,
            retry_delay,
            retry_jitter_factor,
        })
}
