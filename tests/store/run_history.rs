//! How many runs there were when.

use flowkit::ErrorKind;
use flowkit::api::Client;
use flowkit::model::{State, StateType};
use flowkit::testing::commit;
use flowkit::wire::{
    CreateFlowRun, HistoryInterval, ReadFlowRunHistory, ReadFlowRunLateness, ReadTaskRunHistory,
    SetFlowRunState,
};
use serde_json::{Value, json};

use super::{at, completed, id, new_flow_run, record, shared};

fn from(start: u64, end: u64, interval: f64) -> Value {
    json!({
        "history_start": at(start), "history_end": at(end), "history_interval_seconds": interval,
    })
}

fn brief(intervals: &[HistoryInterval]) -> Vec<Vec<(StateType, u64, f64, f64)>> {
    let states = |interval: &HistoryInterval| {
        let states = interval.states.iter();
        states
            .map(|state| {
                (
                    state.state_type,
                    state.count_runs,
                    state.sum_estimated_run_time,
                    state.sum_estimated_lateness,
                )
            })
            .collect()
    };
    intervals.iter().map(states).collect()
}

/// Two runs are to start at 5 and 25; the second started at 27 and ran for three seconds.
async fn some_runs(client: &Client) {
    for (number, expected) in [(1, 5), (2, 25)] {
        let state = State::scheduled(at(expected), at(0));
        let run = CreateFlowRun { state, ..new_flow_run(client, number).await };
        client.call(run).await.expect("made");
    }
    for state in [State::running(at(27)), State::completed(at(30))] {
        client.call(SetFlowRunState { id: id(2), state, force: true }).await.expect("set");
    }
}

pub(super) async fn runs_are_counted_where_they_were_to_start(client: &Client) {
    some_runs(client).await;
    client.clock().advance(std::time::Duration::from_secs(6));
    let read = |body| serde_json::from_value::<ReadFlowRunHistory>(body).expect("a request");
    let history = client.call(read(from(0, 25, 10.0))).await.expect("a history");
    let ends: Vec<_> =
        history.iter().map(|part| (part.interval_start, part.interval_end)).collect();
    assert_eq!(ends, [(at(0), at(10)), (at(10), at(20)), (at(20), at(30))]);
    let late = (StateType::Scheduled, 1, 0.0, 1.0);
    let done = (StateType::Completed, 1, 3.0, 2.0);
    assert_eq!(brief(&history), [vec![late], vec![], vec![done]]);
    let none = client.call(read(from(10, 10, 10.0))).await.expect("a history");
    assert!(none.is_empty());
    let many = client.call(read(from(0, 1_000_000_000, 1.0))).await.expect("a history");
    assert_eq!(many.len(), 500);
    for interval in [0.5, -1.0, f64::MAX] {
        let error = client.call(read(from(0, 10, interval))).await.expect_err("no interval");
        assert_eq!(error.kind(), ErrorKind::Invalid);
    }

    let running = record(Some(1), 20, vec![State::pending(at(3)), State::running(at(4))]);
    for record in [running, completed(None, 21), completed(Some(2), 22)] {
        commit(client, &shared(record), flowkit::Durability::Process).await.expect("kept");
    }
    let mut body = from(0, 10, 10.0);
    let read = |body| serde_json::from_value::<ReadTaskRunHistory>(body).expect("a request");
    let history = client.call(read(body.clone())).await.expect("a history");
    let running = (StateType::Running, 1, 2.0, 1.0);
    assert_eq!(brief(&history), [[running, (StateType::Completed, 2, 2.0, 2.0)]]);
    body["flow_runs"] = json!({ "id": { "any_": [id::<flowkit::model::FlowRunId>(1)] } });
    let history = client.call(read(body)).await.expect("a history");
    assert_eq!(brief(&history), [[running]]);
}

pub(super) async fn lateness_is_an_average(client: &Client) {
    let all = ReadFlowRunLateness::default();
    assert_eq!(client.call(all.clone()).await.expect("an answer"), None);
    some_runs(client).await;
    assert_eq!(client.call(all).await.expect("an answer"), Some(1.0));
}
