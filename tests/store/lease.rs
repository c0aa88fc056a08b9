//! Leases on flow runs, and what becomes of runs whose process died.

use std::fs::File;

use flowkit::api::Client;
use flowkit::model::{FlowRun, State, StateType};
use flowkit::testing::{commit, flush, record as tell};
use flowkit::wire::{
    ClaimFlowRun, CountTaskRuns, LeaseHolder, ReadFlowRun, ReadTaskRun, ReadTaskRunStates,
    ReapFlowRuns, Record, ReleaseFlowRun, RenewLeases, SetFlowRunState,
};
use flowkit::{Durability, ErrorKind, Result};

use super::{at, completed, flow_run, id, record, shared};

fn holder(number: u32, lock_file: Option<&std::path::Path>) -> LeaseHolder {
    let lock_file = lock_file.map(|path| path.to_str().expect("a path in UTF-8").to_owned());
    LeaseHolder { id: id(number), host: "here/boot".into(), pid: number, lock_file }
}

async fn claim(client: &Client, holder: LeaseHolder, until: u64) -> Result<()> {
    client.call(ClaimFlowRun { id: id(1), holder, until: at(until) }).await
}

async fn reap(client: &Client, now: u64) -> Vec<FlowRun> {
    let reap = ReapFlowRuns { host: "here/boot".into(), now: at(now) };
    client.call(reap).await.expect("reaped")
}

async fn enter(client: &Client, state: State) {
    let set = SetFlowRunState { id: id(1), state, force: false };
    client.call(set).await.expect("an answer");
}

pub(super) async fn claimed_run_is_not_claimed_twice(client: &Client) {
    flow_run(client, 1).await;
    claim(client, holder(50, None), 60).await.expect("it is free");
    claim(client, holder(50, None), 70).await.expect("it is ours");
    let error = claim(client, holder(51, None), 60).await.expect_err("process 50 holds it");
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(error.to_string(), "flow run 'run-1' is executed by process 50 on here");
}

pub(super) async fn lease_that_is_over_is_taken_over(client: &Client) {
    flow_run(client, 1).await;
    claim(client, holder(50, None), 60).await.expect("it is free");
    client.clock().advance(std::time::Duration::from_secs(61));
    claim(client, holder(51, None), 120).await.expect("its time is over");
    // The first one did not notice and must not give back what is no longer its own.
    let release = ReleaseFlowRun { id: id(1), holder: id(50) };
    client.call(release).await.expect("no harm is done");
    assert!(claim(client, holder(52, None), 120).await.is_err());
}

pub(super) async fn lease_is_held_while_its_file_is_locked(client: &Client) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("50.lock");
    let file = File::create(&path).expect("a file");
    file.lock().expect("locked");
    flow_run(client, 1).await;
    claim(client, holder(50, Some(&path)), 60).await.expect("it is free");
    client.clock().advance(std::time::Duration::from_secs(999));
    assert!(claim(client, holder(51, None), 2000).await.is_err(), "a stopped process lives");
    assert!(reap(client, 999).await.is_empty());
}

pub(super) async fn lease_ends_with_the_lock_of_its_file(client: &Client) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("50.lock");
    let file = File::create(&path).expect("a file");
    flow_run(client, 1).await;
    claim(client, holder(50, Some(&path)), 60).await.expect("it is free");
    drop(file);
    claim(client, holder(51, Some(&folder.path().join("gone"))), 60).await.expect("50 is dead");
    claim(client, holder(52, None), 60).await.expect("51 is dead");
}

pub(super) async fn holder_hears_what_others_want(client: &Client) {
    flow_run(client, 1).await;
    claim(client, holder(50, None), 60).await.expect("it is free");
    enter(client, State::running(at(1))).await;
    let renew = || RenewLeases { holder: id(50), until: at(120), slot_holders: Vec::new() };
    assert!(client.call(renew()).await.expect("renewed").is_empty());
    enter(client, State::cancelling(at(2))).await;
    let wanted = client.call(renew()).await.expect("renewed");
    assert_eq!(wanted.iter().map(|run| run.name.as_str()).collect::<Vec<_>>(), ["run-1"]);
    client.clock().advance(std::time::Duration::from_secs(100));
    assert!(claim(client, holder(51, None), 200).await.is_err(), "it was renewed");
}

pub(super) async fn released_run_is_not_reaped(client: &Client) {
    flow_run(client, 1).await;
    claim(client, holder(50, None), 60).await.expect("it is free");
    enter(client, State::running(at(1))).await;
    client.call(ReleaseFlowRun { id: id(1), holder: id(50) }).await.expect("released");
    assert!(reap(client, 999).await.is_empty());
}

pub(super) async fn run_of_a_dead_process_is_crashed(client: &Client) {
    flow_run(client, 1).await;
    claim(client, holder(50, None), 60).await.expect("it is free");
    enter(client, State::running(at(1))).await;
    let done = shared(completed(Some(1), 10));
    commit(client, &done, Durability::Process).await.expect("kept");
    let going_on = record(Some(1), 11, vec![State::pending(at(1)), State::running(at(2))]);
    tell(client, Record::TaskRun(shared(going_on)));
    flush(client, Durability::Process).await.expect("kept");

    assert!(reap(client, 60).await.is_empty(), "its lease is not over");
    let crashed = reap(client, 61).await;

    let message = "process 50 on host here ended without finishing it";
    assert_eq!(crashed.len(), 1);
    let state = crashed[0].state.clone().expect("a state");
    assert_eq!((state.kind, state.message.as_deref()), (StateType::Crashed, Some(message)));
    assert_eq!(client.call(ReadFlowRun { id: id(1) }).await.expect("found"), crashed[0]);
    let run = client.call(ReadTaskRun { id: id(11) }).await.expect("found");
    assert_eq!(run.state_type(), StateType::Crashed);
    assert_eq!((run.end_time, run.total_run_time), (Some(at(61)), 59.0));
    let states = client.call(ReadTaskRunStates { id: id(11) }).await.expect("states");
    assert_eq!(states.len(), 3);
    let run = client.call(ReadTaskRun { id: id(10) }).await.expect("found");
    assert_eq!(run.state_type(), StateType::Completed);
    assert!(reap(client, 62).await.is_empty(), "it is crashed once");
    claim(client, holder(51, None), 120).await.expect("nobody holds it");
}

pub(super) async fn cancelling_run_of_a_dead_process_is_cancelled(client: &Client) {
    flow_run(client, 1).await;
    claim(client, holder(50, None), 60).await.expect("it is free");
    enter(client, State::running(at(1))).await;
    enter(client, State::cancelling(at(2))).await;
    let ended = reap(client, 61).await;
    assert_eq!(ended[0].state_type(), StateType::Cancelled);
}

pub(super) async fn counts_of_a_dead_process_are_counted_anew(client: &Client) {
    let counts = async || {
        let count = CountTaskRuns { flow_run_id: id(1) };
        client.call(count).await.expect("counts")
    };
    flow_run(client, 1).await;
    claim(client, holder(50, None), 60).await.expect("it is free");
    enter(client, State::running(at(1))).await;
    let going_on = shared(record(Some(1), 11, vec![State::running(at(2))]));
    tell(client, Record::TaskRun(going_on));
    flush(client, Durability::Process).await.expect("kept");
    assert_eq!(counts().await.of(StateType::Running), 1);
    reap(client, 61).await;
    assert_eq!(counts().await.of(StateType::Running), 0);
    assert_eq!(counts().await.of(StateType::Crashed), 1);
    claim(client, holder(51, None), 120).await.expect("nobody holds it");
    commit(client, &shared(completed(Some(1), 12)), Durability::Process).await.expect("kept");
    flush(client, Durability::Process).await.expect("kept");
    assert_eq!(counts().await.total(), 2);
}
