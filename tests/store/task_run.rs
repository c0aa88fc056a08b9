//! Task runs, as the process that executes them tells of them.

use flowkit::api::Client;
use flowkit::model::{State, StateType, TaskInput, TaskRun};
use flowkit::testing::{commit, flush, record as tell};
use flowkit::wire::{
    CountTaskRuns, FilterTaskRuns, Page, ReadCachedResult, ReadRecordedCalls, ReadTaskRun,
    ReadTaskRunStates, Record, TaskRunFilter, TaskRunRecord, TaskRunSort, Text,
};
use flowkit::{Durability, ErrorKind};

use super::{at, completed, flow_run, id, record, shared};

async fn keep(client: &Client, record: TaskRunRecord) {
    commit(client, &shared(record), Durability::Process).await.expect("kept");
}

pub(super) async fn record_is_read_as_it_was_committed(client: &Client) {
    flow_run(client, 1).await;
    let mut record = completed(Some(1), 10);
    record.parent_task_run_id = Some(id(9));
    record.task_inputs = Some(r#"{"rows":[{"input_type":"parameter","name":"day"}]}"#.to_owned());
    record.extra_tags = vec!["extra".into()];
    record.cache_key = Some("k".into());
    record.cache_expiration = Some(at(99));
    keep(client, record.clone()).await;
    let run = client.call(ReadTaskRun { id: id(10) }).await.expect("found");
    assert_eq!((run.name.as_str(), run.dynamic_key.as_str()), ("load-10", "10"));
    assert_eq!((run.task_key.as_str(), run.task_version.as_deref()), ("etl::load", Some("1")));
    assert_eq!((run.flow_run_id, run.parent_task_run_id), (Some(id(1)), Some(id(9))));
    assert_eq!(run.tags, ["io", "extra"]);
    assert_eq!(run.task_inputs["rows"], [TaskInput::Parameter { name: "day".into() }]);
    assert_eq!((run.cache_key.as_deref(), run.cache_expiration), (Some("k"), Some(at(99))));
    assert_eq!(run.state.as_ref(), record.state());
    assert_eq!((run.created, run.start_time, run.end_time), (at(0), Some(at(1)), Some(at(2))));
    assert_eq!((run.run_count, run.total_run_time), (1, 1.0));
    let states = client.call(ReadTaskRunStates { id: id(10) }).await.expect("states");
    assert_eq!(states, record.states);
    let error = client.call(ReadTaskRun { id: id(11) }).await.expect_err("there is none");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

pub(super) async fn later_commit_changes_the_row(client: &Client) {
    flow_run(client, 1).await;
    for durability in [Durability::Process, Durability::Power, Durability::Relaxed] {
        let number = 10 + durability as u32;
        let shared = shared(record(Some(1), number, vec![State::running(at(1))]));
        tell(client, Record::TaskRun(shared.clone()));
        flush(client, Durability::Process).await.expect("kept");
        let run = client.call(ReadTaskRun { id: id(number) }).await.expect("found");
        assert_eq!(run.state_type(), StateType::Running);
        shared.lock().expect("ours").states.push(State::completed(at(3)));
        commit(client, &shared, durability).await.expect("kept");
        if durability == Durability::Relaxed {
            flush(client, Durability::Power).await.expect("kept");
        }
        let run = client.call(ReadTaskRun { id: id(number) }).await.expect("found");
        assert_eq!(run.state_type(), StateType::Completed, "{durability}");
    }
    flush(client, Durability::Process).await.expect("kept");
    let counts = client.call(CountTaskRuns { flow_run_id: id(1) }).await.expect("counts");
    assert_eq!((counts.of(StateType::Completed), counts.total()), (3, 3));
}

pub(super) async fn told_record_is_kept_by_a_flush(client: &Client) {
    flow_run(client, 1).await;
    for number in 0..2500 {
        tell(client, Record::TaskRun(shared(completed(Some(1), 10 + number))));
    }
    flush(client, Durability::Relaxed).await.expect("kept");
    let counts = client.call(CountTaskRuns { flow_run_id: id(1) }).await.expect("counts");
    assert_eq!(counts.of(StateType::Completed), 2500);
    let all = FilterTaskRuns { page: Page::first(5000), ..FilterTaskRuns::default() };
    assert_eq!(client.call(all).await.expect("task runs").len(), 2500);
}

pub(super) async fn row_holds_what_the_record_was_when_its_turn_came(client: &Client) {
    flow_run(client, 1).await;
    let shared = shared(record(Some(1), 10, vec![State::pending(at(0))]));
    for state in [State::running(at(1)), State::completed(at(2))] {
        tell(client, Record::TaskRun(shared.clone()));
        shared.lock().expect("ours").states.push(state);
    }
    // Told again and again, it is written as it stands.
    tell(client, Record::TaskRun(shared.clone()));
    flush(client, Durability::Process).await.expect("kept");
    let states = client.call(ReadTaskRunStates { id: id(10) }).await.expect("states");
    assert_eq!(states.len(), 3);
    let counts = client.call(CountTaskRuns { flow_run_id: id(1) }).await.expect("counts");
    assert_eq!((counts.of(StateType::Completed), counts.total()), (1, 1));
}

pub(super) async fn run_on_its_own_has_no_flow_run(client: &Client) {
    keep(client, completed(None, 10)).await;
    let run = client.call(ReadTaskRun { id: id(10) }).await.expect("found");
    assert_eq!(run.flow_run_id, None);
    let own = TaskRunFilter { flow_run_id: Some(vec![id(10)].into()), ..TaskRunFilter::default() };
    let call = FilterTaskRuns { task_runs: own, ..FilterTaskRuns::default() };
    assert!(client.call(call).await.expect("task runs").is_empty());
}

fn numbers(runs: Vec<TaskRun>) -> Vec<String> {
    runs.into_iter().map(|run| run.dynamic_key).collect()
}

pub(super) async fn runs_are_found_by_what_they_are(client: &Client) {
    flow_run(client, 1).await;
    flow_run(client, 2).await;
    keep(client, completed(Some(1), 10)).await;
    keep(client, record(Some(1), 11, vec![State::failed("why", at(1)).named("TimedOut")])).await;
    keep(client, completed(Some(2), 12)).await;
    keep(client, completed(None, 13)).await;
    let check = async |filter: TaskRunFilter, expected: &[&str]| {
        let told = format!("{filter:?}");
        let call = FilterTaskRuns { task_runs: filter, ..FilterTaskRuns::default() };
        assert_eq!(numbers(client.call(call).await.expect("task runs")), expected, "{told}");
    };
    let all = TaskRunFilter::default();
    check(all.clone(), &["10", "11", "12", "13"]).await;
    let flow_run_id = Some(vec![id(1)].into());
    check(TaskRunFilter { flow_run_id, ..all.clone() }, &["10", "11"]).await;
    check(TaskRunFilter { id: Some(vec![id(12), id(13)].into()), ..all.clone() }, &["12", "13"])
        .await;
    let name = Some(Text::holds("LOAD-1"));
    check(TaskRunFilter { name, ..all.clone() }, &["10", "11", "12", "13"]).await;
    let name = Some(Text::is("load-11"));
    check(TaskRunFilter { name, ..all.clone() }, &["11"]).await;
    let state = Some(vec![StateType::Failed].into());
    check(TaskRunFilter { state, ..all.clone() }, &["11"]).await;
    let state = Some(vec!["Completed".to_owned()].into());
    check(TaskRunFilter { state, ..all }, &["10", "12", "13"]).await;
    let page = Page { limit: 2, offset: 1 };
    let call = FilterTaskRuns { sort: TaskRunSort::IdDesc, page, ..FilterTaskRuns::default() };
    assert_eq!(numbers(client.call(call).await.expect("task runs")), ["12", "11"]);
}

pub(super) async fn slowest_runs_come_first(client: &Client) {
    flow_run(client, 1).await;
    for (number, seconds) in [(10, 1), (11, 0), (12, 5), (13, 3)] {
        let states = vec![State::running(at(0)), State::completed(at(seconds))];
        keep(client, record(Some(1), number, states)).await;
    }
    let task_runs =
        TaskRunFilter { flow_run_id: Some(vec![id(1)].into()), ..TaskRunFilter::default() };
    let sort = TaskRunSort::RunTimeDesc;
    let call = FilterTaskRuns { task_runs, sort, ..FilterTaskRuns::default() };
    assert_eq!(numbers(client.call(call).await.expect("task runs")), ["12", "13", "10"]);
}

pub(super) async fn runs_are_counted_by_state(client: &Client) {
    flow_run(client, 1).await;
    for number in 10..13 {
        keep(client, completed(Some(1), number)).await;
    }
    let going_on = shared(record(Some(1), 13, vec![State::running(at(1))]));
    tell(client, Record::TaskRun(going_on.clone()));
    keep(client, completed(None, 14)).await;
    flush(client, Durability::Process).await.expect("kept");
    let counts = async || {
        let count = CountTaskRuns { flow_run_id: id(1) };
        client.call(count).await.expect("counts").0.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(counts().await, [(StateType::Running, 1), (StateType::Completed, 3)]);
    going_on.lock().expect("ours").states.push(State::failed("why", at(2)));
    commit(client, &going_on, Durability::Process).await.expect("kept");
    flush(client, Durability::Process).await.expect("kept");
    assert_eq!(counts().await, [(StateType::Completed, 3), (StateType::Failed, 1)]);
}

pub(super) async fn recorded_calls_are_found_again(client: &Client) {
    flow_run(client, 1).await;
    let mut first = completed(Some(1), 10);
    first.input_hash = Some(u128::MAX - 7);
    first.result = Some("=42".into());
    keep(client, first.clone()).await;
    keep(client, completed(Some(2), 11)).await;
    let found = client.call(ReadRecordedCalls { flow_run_id: id(1) }).await.expect("calls");
    assert_eq!(found.len(), 1);
    let mut again = found[0].clone();
    assert_eq!((again.input_hash, again.result.as_deref()), (first.input_hash, Some("=42")));
    assert_eq!((&again.states, again.tally), (&first.states, first.tally));
    assert_eq!((&again.task, again.stored_as), (&first.task, Some(StateType::Completed)));
    // It goes on from there, in the same row and counted once.
    again.states.push(State::failed("later", at(9)));
    keep(client, again).await;
    flush(client, Durability::Process).await.expect("kept");
    let counts = client.call(CountTaskRuns { flow_run_id: id(1) }).await.expect("counts");
    assert_eq!((counts.of(StateType::Failed), counts.total()), (1, 1));
}

pub(super) async fn kept_result_is_found_until_it_expires(client: &Client) {
    flow_run(client, 1).await;
    let mut old = completed(Some(1), 10);
    (old.cache_key, old.result) = (Some("k".into()), Some("=1".into()));
    old.cache_expiration = Some(at(50));
    keep(client, old).await;
    let read = async |key: &str, seconds| {
        let read = ReadCachedResult { cache_key: key.into(), now: at(seconds) };
        let found = client.call(read).await.expect("an answer");
        found.map(|found| found.result)
    };
    assert_eq!(read("k", 49).await.as_deref(), Some("=1"));
    assert_eq!(read("k", 50).await, None);
    assert_eq!(read("other", 0).await, None);
    let mut new = record(Some(1), 11, vec![State::running(at(3)), State::completed(at(9))]);
    (new.cache_key, new.result) = (Some("k".into()), Some("=2".into()));
    keep(client, new).await;
    let mut failed = record(Some(1), 12, vec![State::failed("why", at(20))]);
    (failed.cache_key, failed.result) = (Some("k".into()), Some("=3".into()));
    keep(client, failed).await;
    assert_eq!(read("k", 0).await.as_deref(), Some("=2"), "the newest that completed");
    assert_eq!(read("k", 999).await.as_deref(), Some("=2"));
}
