//! Each rule of flow runs by example.

use super::super::bookkeeping::enter_flow_run;
use super::super::sample::{SECOND, at, flow_run, retries};
use super::*;
use crate::model::Program;

const NOBODY: FlowRunFacts =
    FlowRunFacts { deployed: false, resume: false, infrastructure: false, pause_fired: false };
const DEPLOYED: FlowRunFacts = FlowRunFacts { deployed: true, ..NOBODY };
const RESUME: FlowRunFacts = FlowRunFacts { resume: true, ..NOBODY };

/// Proposes at 100 s and says what came of it, in one line.
fn check(run: &FlowRun, facts: FlowRunFacts, proposed: State, expected: &str) {
    let told = match propose(run, facts, proposed, at(100)) {
        Verdict::Accept(state) => format!("accept {state}"),
        Verdict::Reject { state, .. } if Some(&state) == run.state.as_ref() => "keep".into(),
        Verdict::Reject { state, .. } => format!("reject {state}"),
        Verdict::Wait { delay, .. } => format!("wait {}s", delay.as_secs_f64()),
        Verdict::Abort { reason } => format!("abort {reason}"),
    };
    assert_eq!(told, expected);
}

fn in_state(state: State) -> FlowRun {
    flow_run(Some(state))
}

#[test]
fn proposal_sent_twice_counts_once() {
    let mut running = State::running(at(0));
    running.details_mut().transition_id = Some(uuid::Uuid::from_u128(7));
    let mut again = State::running(at(1));
    again.details_mut().transition_id = Some(uuid::Uuid::from_u128(7));
    check(&in_state(running.clone()), NOBODY, again.clone(), "keep");
    again.details_mut().transition_id = Some(uuid::Uuid::from_u128(8));
    let refused = "abort this run is in RUNNING state and cannot transition to RUNNING";
    check(&in_state(running), NOBODY, again, refused);
}

#[test]
fn ended_run_is_scheduled_again_only_if_something_can_execute_it() {
    let retry = || State::awaiting_retry(at(100), at(100));
    let mut run = in_state(State::failed("why", at(0)));
    check(&run, NOBODY, retry(), "abort this run is already FAILED");
    check(&run, DEPLOYED, retry(), "accept AwaitingRetry()");
    run.program = Some(Program { executable: "etl".into(), working_dir: ".".into() });
    check(&run, NOBODY, retry(), "accept AwaitingRetry()");
}

#[test]
fn ended_run_starts_directly_only_if_it_is_resumed_and_did_not_end_well() {
    let crashed = in_state(State::crashed("why", at(0)));
    check(&crashed, DEPLOYED, State::running(at(100)), "abort this run is already CRASHED");
    check(&crashed, RESUME, State::running(at(100)), "accept Running()");
    let cancelled = in_state(State::cancelled(at(0)));
    check(&cancelled, RESUME, State::pending(at(100)), "accept Pending()");
    let completed = in_state(State::completed(at(0)));
    check(&completed, RESUME, State::running(at(100)), "abort this run is already COMPLETED");
}

#[test]
fn completed_run_keeps_its_result() {
    let result = State::completed(at(0)).with_data(serde_json::json!(42));
    check(&in_state(result), DEPLOYED, State::scheduled(at(100), at(100)), "keep");
    let none = State::completed(at(0)).with_data(serde_json::json!({"type": "unpersisted"}));
    check(&in_state(none), DEPLOYED, State::scheduled(at(100), at(100)), "accept Scheduled()");
}

#[test]
fn one_end_does_not_replace_another() {
    let crashed = in_state(State::crashed("why", at(0)));
    check(&crashed, DEPLOYED, State::completed(at(100)), "abort this run is already CRASHED");
}

#[test]
fn cancelling_run_can_only_become_cancelled() {
    let run = in_state(State::cancelling(at(0)));
    check(&run, NOBODY, State::completed(at(100)), "keep");
    check(&run, NOBODY, State::crashed("why", at(100)), "keep");
    check(&run, NOBODY, State::cancelled(at(100)), "accept Cancelled()");
}

#[test]
fn run_without_a_process_is_cancelled_at_once() {
    let cancelling = || State::cancelling(at(100));
    let scheduled = in_state(State::scheduled(at(500), at(0)));
    check(&scheduled, NOBODY, cancelling(), "reject Cancelled()");
    let retrying = FlowRunFacts { infrastructure: true, ..NOBODY };
    check(&scheduled, retrying, cancelling(), "accept Cancelling()");
    let mut suspended = State::paused(None, at(0));
    suspended.details_mut().pause_reschedule = true;
    check(&in_state(suspended), DEPLOYED, cancelling(), "reject Cancelled()");
}

#[test]
fn paused_run_can_be_cancelled() {
    let paused = in_state(State::paused(None, at(0)));
    check(&paused, NOBODY, State::cancelling(at(100)), "accept Cancelling()");
}

#[test]
fn run_is_submitted_once() {
    let pending = in_state(State::pending(at(0)));
    let refused = "abort this run is in PENDING state and cannot transition to PENDING";
    check(&pending, NOBODY, State::pending(at(100)), refused);
    check(&pending, NOBODY, State::pending(at(100)).named("Submitting"), "accept Submitting()");
    let submitting = in_state(State::pending(at(0)).named("Submitting"));
    check(&submitting, NOBODY, State::pending(at(100)), refused);
}

#[test]
fn finer_pending_state_keeps_the_scheduled_time() {
    let mut pending = State::pending(at(0));
    pending.details_mut().scheduled_time = Some(at(160));
    let submitting = State::pending(at(100)).named("Submitting");
    let verdict = propose(&in_state(pending), NOBODY, submitting, at(100));
    let Verdict::Accept(submitting) = verdict else { panic!("{verdict:?}") };
    check(&in_state(submitting), NOBODY, State::running(at(100)), "wait 60s");
}

#[test]
fn late_run_is_marked_once_and_only_while_it_waits() {
    let late = || State::scheduled(at(50), at(100)).named("Late");
    check(&in_state(State::scheduled(at(50), at(0))), NOBODY, late(), "accept Late()");
    let refused = "abort this run is in SCHEDULED state and cannot transition to SCHEDULED";
    check(&in_state(late()), NOBODY, late(), refused);
    check(&in_state(State::running(at(0))), NOBODY, late(), "keep");
}

#[test]
fn only_a_running_run_pauses_and_each_pause_fires_once() {
    let pause = || State::paused(None, at(100));
    check(&flow_run(None), NOBODY, pause(), "abort cannot pause a run that is not running");
    check(&in_state(State::pending(at(0))), NOBODY, pause(), "keep");
    let running = in_state(State::running(at(0)));
    check(&running, NOBODY, pause(), "accept Paused()");
    check(&running, FlowRunFacts { pause_fired: true, ..NOBODY }, pause(), "keep");
}

#[test]
fn run_leaves_its_process_to_pause_only_if_it_can_come_back() {
    let suspend = || {
        let mut state = State::paused(None, at(100)).named("Suspended");
        state.details_mut().pause_reschedule = true;
        state
    };
    let mut run = in_state(State::running(at(0)));
    let refused = "abort cannot suspend a run that nothing can execute again";
    check(&run, NOBODY, suspend(), refused);
    check(&run, DEPLOYED, suspend(), "accept Suspended()");
    run.parent_task_run_id = Some(uuid::Uuid::from_u128(7).into());
    check(&run, DEPLOYED, suspend(), "abort cannot suspend a subflow");
}

#[test]
fn paused_run_goes_on_until_its_timeout_and_has_failed_after_it() {
    let resumed = || State::running(at(100));
    let in_time = in_state(State::paused(Some(at(100)), at(0)));
    check(&in_time, NOBODY, resumed(), "accept Running()");
    check(&in_time, NOBODY, State::pending(at(100)), "keep");
    let too_late = in_state(State::paused(Some(at(99)), at(0)));
    let failed = "reject Failed('The flow was paused and never resumed.')";
    check(&too_late, NOBODY, resumed(), failed);
}

#[test]
fn suspended_run_that_a_worker_takes_up_has_used_no_retry() {
    let mut run = in_state(State::paused(None, at(0)));
    let steps = [
        State::scheduled(at(100), at(100)).named("Resuming"),
        State::scheduled(at(100), at(100)).named("Late"),
        State::pending(at(100)),
        State::running(at(100)),
    ];
    for step in steps {
        let verdict = propose(&run, DEPLOYED, step, at(100));
        let Verdict::Accept(state) = verdict else { panic!("{verdict:?}") };
        enter_flow_run(&mut run, state);
    }
    assert_eq!(run.run_count, 1);
}

#[test]
fn run_waits_for_its_scheduled_time_at_running_not_at_pending() {
    let scheduled = in_state(State::scheduled(at(160) + SECOND / 2, at(0)));
    check(&scheduled, NOBODY, State::running(at(100)), "wait 60.5s");
    let verdict = propose(&scheduled, NOBODY, State::pending(at(100)), at(100));
    let Verdict::Accept(pending) = verdict else { panic!("{verdict:?}") };
    check(&in_state(pending), NOBODY, State::running(at(100)), "wait 60.5s");
    let due = in_state(State::scheduled(at(100), at(0)));
    check(&due, NOBODY, State::running(at(100)), "accept Running()");
}

#[test]
fn failed_run_awaits_its_retry_with_the_message_of_its_failure() {
    let mut run = in_state(State::running(at(0)));
    run.empirical_policy = retries(1);
    let failed = || State::failed("why", at(100));
    let verdict = propose(&run, NOBODY, failed(), at(100));
    let Verdict::Reject { state, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(state.to_string(), "AwaitingRetry('why')");
    assert_eq!(state.details().scheduled_time, Some(at(110)));
    run.run_count = 2;
    check(&run, NOBODY, failed(), "accept Failed('why')");
    run.run_count = 1;
    check(&run, NOBODY, State::crashed("why", at(100)), "accept Crashed('why')");
}

#[test]
fn run_is_not_executed_twice_at_a_time() {
    let refused = "abort this run is in RUNNING state and cannot transition to RUNNING";
    check(&in_state(State::running(at(0))), DEPLOYED, State::running(at(100)), refused);
}
