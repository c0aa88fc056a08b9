//! States of flow runs.

use flowkit::api::Client;
use flowkit::model::{RetryPolicy, State, StateType};
use flowkit::wire::{
    CreateFlowRun, ReadFlowRun, ReadFlowRunStates, SetFlowRunState, SetStateAnswer,
};

use super::{at, flow_run, id, new_flow_run};

async fn set(client: &Client, state: State, force: bool) -> SetStateAnswer {
    client.call(SetFlowRunState { id: id(1), state, force }).await.expect("an answer")
}

async fn propose(client: &Client, state: State) -> SetStateAnswer {
    set(client, state, false).await
}

#[track_caller]
fn check(answer: &SetStateAnswer, expected: &str) {
    let told = match answer {
        SetStateAnswer::Accept { state } => format!("accept {state}"),
        SetStateAnswer::Reject { state, reason } => format!("reject {state}: {reason}"),
        SetStateAnswer::Wait { delay_seconds, .. } => format!("wait {delay_seconds}"),
        SetStateAnswer::Abort { reason } => format!("abort: {reason}"),
    };
    assert_eq!(told, expected);
}

pub(super) async fn states_are_kept_in_order(client: &Client) {
    let first = flow_run(client, 1).await.state.expect("it is pending");
    let running = State::running(at(1)).with_message("go");
    // The clock was set back in between.
    let mut done = State::completed(at(0)).with_data(serde_json::json!({ "kept": [1] }));
    done.details_mut().cache_key = Some("k".into());
    check(&propose(client, running.clone()).await, "accept Running('go')");
    check(&propose(client, done.clone()).await, "accept Completed()");
    let states = client.call(ReadFlowRunStates { id: id(1) }).await.expect("states");
    assert_eq!(states, [first, running, done.clone()]);
    let run = client.call(ReadFlowRun { id: id(1) }).await.expect("found");
    assert_eq!((run.state, run.run_count), (Some(done), 1));
    assert_eq!((run.start_time, run.end_time), (Some(at(1)), Some(at(1))));
}

pub(super) async fn rules_decide_about_a_state(client: &Client) {
    let wanted =
        CreateFlowRun { state: State::scheduled(at(5), at(0)), ..new_flow_run(client, 1).await };
    client.call(wanted).await.expect("made");
    check(&propose(client, State::running(at(0))).await, "wait 5");
    client.clock().advance(std::time::Duration::from_secs(5));
    check(&propose(client, State::running(at(5))).await, "accept Running()");
    check(&propose(client, State::completed(at(6))).await, "accept Completed()");
    let late = propose(client, State::failed("late", at(7))).await;
    check(&late, "abort: this run is already COMPLETED");
    let states = client.call(ReadFlowRunStates { id: id(1) }).await.expect("states");
    assert_eq!(states.len(), 3, "what was refused is not kept");
}

pub(super) async fn force_passes_over_the_rules(client: &Client) {
    flow_run(client, 1).await;
    propose(client, State::running(at(1))).await;
    propose(client, State::completed(at(2))).await;
    check(&set(client, State::failed("told so", at(3)), true).await, "accept Failed('told so')");
    let run = client.call(ReadFlowRun { id: id(1) }).await.expect("found");
    assert_eq!(run.state_type(), StateType::Failed);
}

pub(super) async fn failed_run_awaits_its_retry(client: &Client) {
    let empirical_policy =
        RetryPolicy { retries: Some(1), retry_delay: vec![10.0], retry_jitter_factor: None };
    let wanted = CreateFlowRun { empirical_policy, ..new_flow_run(client, 1).await };
    client.call(wanted).await.expect("made");
    propose(client, State::running(at(0))).await;
    let answer = propose(client, State::failed("why", at(0))).await;
    check(&answer, "reject AwaitingRetry('why'): retrying");
    let run = client.call(ReadFlowRun { id: id(1) }).await.expect("found");
    assert_eq!(run.state_type(), StateType::Scheduled);
    assert_eq!(run.next_scheduled_start_time, Some(at(10)));
}

pub(super) async fn pause_fires_once(client: &Client) {
    flow_run(client, 1).await;
    let pause = |seconds| {
        let mut state = State::paused(None, at(seconds));
        state.details_mut().pause_key = Some("1".into());
        state
    };
    propose(client, State::running(at(0))).await;
    check(&propose(client, pause(1)).await, "accept Paused()");
    check(&propose(client, State::running(at(2))).await, "accept Running()");
    let again = propose(client, pause(3)).await;
    check(&again, "reject Running(): this pause has already fired");
}

pub(super) async fn waiting_run_without_a_process_is_cancelled_at_once(client: &Client) {
    let wanted =
        CreateFlowRun { state: State::scheduled(at(5), at(0)), ..new_flow_run(client, 1).await };
    client.call(wanted).await.expect("made");
    let answer = propose(client, State::cancelling(at(1))).await;
    check(&answer, "reject Cancelled(): the run has no infrastructure to end");
}
