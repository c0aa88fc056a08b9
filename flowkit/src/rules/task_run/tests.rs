//! Each rule of task runs by example.

use super::super::sample::{SECOND, at, retries, task_run};
use super::*;
use crate::model::TaskRun;

/// Of a task run in the first try of its flow run.
fn facts() -> TaskRunFacts {
    TaskRunFacts {
        flow_run: Some(StateType::Running),
        flow_run_run_count: 1,
        ..TaskRunFacts::default()
    }
}

/// Of a task run whose flow run is in its second try.
fn retried() -> TaskRunFacts {
    TaskRunFacts { flow_run_run_count: 2, ..facts() }
}

/// Proposes at 100 s and says what came of it, in one line.
fn check(run: &TaskRun, facts: &TaskRunFacts, proposed: State, expected: &str) {
    let told = match propose(run.into(), facts, proposed, at(100)) {
        Verdict::Accept(state) => format!("accept {state}"),
        Verdict::Reject { state, .. } if Some(&state) == run.state.as_ref() => "keep".into(),
        Verdict::Reject { state, .. } => format!("reject {state}"),
        Verdict::Wait { delay, .. } => format!("wait {}s", delay.as_secs_f64()),
        Verdict::Abort { reason } => format!("abort {reason}"),
    };
    assert_eq!(told, expected);
}

fn in_state(state: State) -> TaskRun {
    task_run(Some(state))
}

#[test]
fn task_run_that_goes_well_passes() {
    check(&task_run(None), &facts(), State::pending(at(100)), "accept Pending()");
    let pending = in_state(State::pending(at(0)));
    check(&pending, &facts(), State::running(at(100)), "accept Running()");
    let running = in_state(State::running(at(0)));
    check(&running, &facts(), State::completed(at(100)), "accept Completed()");
}

#[test]
fn accepted_proposal_is_handed_back_unchanged() {
    let pending = in_state(State::pending(at(0)));
    let proposed = State::running(at(100));
    let verdict = propose((&pending).into(), &facts(), proposed.clone(), at(100));
    assert_eq!(verdict, Verdict::Accept(proposed));
}

#[test]
fn known_result_is_not_computed_again() {
    let mut cached = State::completed(at(0)).with_data(serde_json::json!(42));
    cached.details_mut().cache_expiration = Some(at(101));
    cached.details_mut().task_run_id = Some(uuid::Uuid::from_u128(7).into());
    let mut facts = TaskRunFacts { cached: Some(cached), ..facts() };
    let run = in_state(State::pending(at(0)));
    let verdict = propose((&run).into(), &facts, State::running(at(100)), at(100));
    let Verdict::Reject { state, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(state.to_string(), "Cached()");
    assert_eq!(state.data, Some(serde_json::json!(42)));
    assert_eq!(state.details().task_run_id, None);

    let mut refresh = State::running(at(100));
    refresh.details_mut().refresh_cache = Some(true);
    check(&run, &facts, refresh, "accept Running()");
    let expired = facts.cached.as_mut().expect("it is cached").details_mut();
    expired.cache_expiration = Some(at(100));
    check(&run, &facts, State::running(at(100)), "accept Running()");
}

#[test]
fn known_result_is_used_even_if_all_slots_are_taken() {
    let slots = Slots::Full { tag: "db".into(), retry_after: 30 * SECOND };
    let facts = TaskRunFacts { cached: Some(State::completed(at(0))), slots, ..facts() };
    let run = in_state(State::pending(at(0)));
    check(&run, &facts, State::running(at(100)), "reject Cached()");
}

#[test]
fn ended_task_run_runs_again_only_in_a_retried_flow_run() {
    let failed = in_state(State::failed("why", at(0)));
    check(&failed, &facts(), State::running(at(100)), "abort this run is already FAILED");
    check(&failed, &retried(), State::running(at(100)), "accept Rerunning()");
    check(&failed, &retried(), State::crashed("x", at(100)), "abort this run is already FAILED");
}

#[test]
fn ended_task_run_is_not_replaced_by_a_cached_result() {
    let facts = TaskRunFacts { cached: Some(State::completed(at(0))), ..facts() };
    let failed = in_state(State::failed("why", at(0)));
    check(&failed, &facts, State::running(at(100)), "abort this run is already FAILED");
}

#[test]
fn task_run_that_completed_with_a_result_hands_it_to_a_retried_flow_run() {
    let with_data = in_state(State::completed(at(0)).with_data(serde_json::json!(42)));
    check(&with_data, &retried(), State::running(at(100)), "keep");
    let elsewhere = TaskRunFacts { has_result: true, ..retried() };
    let without = in_state(State::completed(at(0)));
    check(&without, &elsewhere, State::pending(at(100)), "keep");
    check(&without, &retried(), State::running(at(100)), "accept Rerunning()");
}

#[test]
fn task_run_moves_forward_only() {
    let running = in_state(State::running(at(0)));
    let refused = "abort this run is in RUNNING state and cannot transition to PENDING";
    check(&running, &facts(), State::pending(at(100)), refused);
    let cancelling = in_state(State::cancelling(at(0)));
    let refused = "abort this run is in CANCELLING state and cannot transition to RUNNING";
    check(&cancelling, &facts(), State::running(at(100)), refused);
    check(&cancelling, &facts(), State::completed(at(100)), "accept Completed()");
    let pending = in_state(State::pending(at(0)));
    check(&pending, &facts(), State::pending(at(100)).named("NotReady"), "accept NotReady()");
}

#[test]
fn retried_flow_run_takes_up_what_its_last_process_left_running() {
    let running = in_state(State::running(at(0)));
    check(&running, &retried(), State::pending(at(100)), "accept Pending()");
    check(&running, &retried(), State::running(at(100)), "accept Rerunning()");
}

#[test]
fn task_run_starts_only_in_a_running_flow_run() {
    let pending = in_state(State::pending(at(0)));
    let stands = |kind| TaskRunFacts { flow_run: Some(kind), ..facts() };
    let refused = "abort the flow run must be running to start a task run";
    check(&pending, &stands(StateType::Cancelling), State::running(at(100)), refused);
    check(&pending, &stands(StateType::Paused), State::running(at(100)), "reject NotReady()");
    let alone = TaskRunFacts { flow_run: None, ..facts() };
    check(&pending, &alone, State::running(at(100)), "accept Running()");
}

#[test]
fn task_run_waits_for_a_slot_unless_there_is_none() {
    let pending = in_state(State::pending(at(0)));
    let slots = |slots| TaskRunFacts { slots, ..facts() };
    let full = slots(Slots::Full { tag: "db".into(), retry_after: 30 * SECOND });
    check(&pending, &full, State::running(at(100)), "wait 30s");
    check(&pending, &full, State::completed(at(100)), "accept Completed()");
    let closed = slots(Slots::Closed { tag: "db".into() });
    let refused = "abort concurrency limit for tag 'db' is 0: the run can never start";
    check(&pending, &closed, State::running(at(100)), refused);
}

#[test]
fn retry_waits_for_its_delay() {
    let awaiting = in_state(State::awaiting_retry(at(130), at(0)));
    check(&awaiting, &facts(), State::running(at(100)), "wait 30s");
    let verdict = propose((&awaiting).into(), &facts(), State::pending(at(100)), at(100));
    let Verdict::Accept(pending) = verdict else { panic!("{verdict:?}") };
    check(&in_state(pending), &facts(), State::running(at(100)), "wait 30s");
}

#[test]
fn proposal_sent_twice_counts_once() {
    let running = || {
        let mut state = State::running(at(0));
        state.details_mut().transition_id = Some(uuid::Uuid::from_u128(7));
        state
    };
    check(&in_state(running()), &facts(), running(), "keep");
}

#[test]
fn failed_task_run_awaits_its_retry_unless_its_failure_is_final() {
    let mut run = in_state(State::running(at(0)));
    run.empirical_policy = retries(1);
    run.empirical_policy.retry_jitter_factor = Some(0.5);
    let facts = TaskRunFacts { chance: 1.0, ..facts() };
    let failed = || State::failed("why", at(100));
    let verdict = propose((&run).into(), &facts, failed(), at(100));
    let Verdict::Reject { state, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(state.to_string(), "AwaitingRetry('why')");
    assert_eq!(state.details().scheduled_time, Some(at(115)));

    let mut last = failed();
    last.details_mut().retriable = Some(false);
    check(&run, &facts, last, "accept Failed('why')");
    run.run_count = 2;
    check(&run, &facts, failed(), "accept Failed('why')");
}

#[test]
fn second_start_is_called_retrying_or_rerunning() {
    let mut run = in_state(State::awaiting_retry(at(50), at(0)));
    (run.run_count, run.start_time) = (1, Some(at(0)));
    check(&run, &facts(), State::running(at(100)), "accept Retrying()");
    // What bookkeeping leaves behind when the flow run is retried.
    (run.run_count, run.state) = (0, Some(State::pending(at(0))));
    check(&run, &facts(), State::running(at(100)), "accept Rerunning()");
}
