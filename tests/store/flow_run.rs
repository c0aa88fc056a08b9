//! Flow runs.

use flowkit::api::Client;
use flowkit::model::{
    Artifact, ArtifactKind, CrashPolicy, FlowRun, Level, Log, Program, RetryPolicy, State,
    StateType,
};
use flowkit::testing::{commit, flush, record};
use flowkit::wire::{
    ClaimFlowRun, CountFlowRuns, CountTaskRuns, CreateArtifact, CreateFlow, CreateFlowRun,
    DeleteFlowRun, FilterArtifacts, FilterFlowRuns, FilterLogs, FilterTaskRuns, FlowRunFilter,
    FlowRunSort, LeaseHolder, OneOf, Page, ReadFlowRun, ReadFlowRunStates, Record, SetFlowRunState,
    Text, TimeSpan, UpdateFlowRun,
};
use flowkit::{Durability, ErrorKind};

use super::{at, completed, flow_run, id, new_flow_run, shared};

pub(super) async fn run_is_read_as_it_was_made(client: &Client) {
    let mut state = State::scheduled(at(60), at(0)).named("Late").with_message("why");
    state.details_mut().pause_key = Some("1".into());
    let wanted = CreateFlowRun {
        flow_version: Some("3".into()),
        parent_task_run_id: Some(id(70)),
        empirical_policy: RetryPolicy {
            retries: Some(2),
            retry_delay: vec![1.0, 2.5],
            retry_jitter_factor: Some(0.5),
        },
        state: state.clone(),
        program: Some(Program { executable: "/bin/etl".into(), working_dir: "/tmp".into() }),
        on_crash: CrashPolicy::Resume,
        ..new_flow_run(client, 1).await
    };
    let made = client.call(wanted.clone()).await.expect("made");
    let read = client.call(ReadFlowRun { id: id(1) }).await.expect("found");
    assert_eq!(read, made.value);
    assert_eq!(read.state, Some(state));
    assert_eq!(read.next_scheduled_start_time, Some(at(60)));
    assert_eq!(read.empirical_policy, wanted.empirical_policy);
    assert_eq!(read.program, wanted.program);
    assert_eq!(read.on_crash, CrashPolicy::Resume);
    assert_eq!((read.parameters, read.tags), (wanted.parameters, wanted.tags));
    let error = client.call(new_flow_run(client, 1).await).await.expect_err("it exists");
    assert_eq!(error.kind(), ErrorKind::Conflict);
}

pub(super) async fn run_needs_a_flow(client: &Client) {
    let wanted = CreateFlowRun { flow_id: id(404), ..new_flow_run(client, 1).await };
    let error = client.call(wanted).await.expect_err("no such flow");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let error = client.call(ReadFlowRun { id: id(1) }).await.expect_err("it was not made");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

pub(super) async fn same_key_makes_one_run(client: &Client) {
    let with_key = async |number| CreateFlowRun {
        idempotency_key: Some("monday".into()),
        ..new_flow_run(client, number).await
    };
    let first = client.call(with_key(1).await).await.expect("made");
    let second = client.call(with_key(2).await).await.expect("found");
    assert_eq!((second.value, second.is_new), (first.value, false));
}

pub(super) async fn change_keeps_what_was_not_given(client: &Client) {
    flow_run(client, 1).await;
    let change =
        UpdateFlowRun { id: id(1), name: Some("other".into()), ..UpdateFlowRun::default() };
    client.call(change).await.expect("changed");
    let run = client.call(ReadFlowRun { id: id(1) }).await.expect("found");
    assert_eq!((run.name.as_str(), run.tags), ("other", vec!["nightly".to_owned()]));
    let change = UpdateFlowRun { id: id(2), ..UpdateFlowRun::default() };
    let error = client.call(change).await.expect_err("no such run");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

/// Run 1 is pending, run 2 of another flow is running and a subflow, run 3 has failed.
async fn some_runs(client: &Client) {
    flow_run(client, 1).await;
    let flow = CreateFlow { name: "Report".into(), tags: Vec::new() };
    let flow = client.call(flow).await.expect("a flow");
    let second = CreateFlowRun {
        flow_id: flow.id,
        parent_task_run_id: Some(id(70)),
        tags: vec!["a\"b".into(), "c".into()],
        ..new_flow_run(client, 2).await
    };
    client.call(second).await.expect("made");
    flow_run(client, 3).await;
    set(client, 2, State::running(at(10))).await;
    set(client, 3, State::running(at(20))).await;
    set(client, 3, State::failed("why", at(30)).named("TimedOut")).await;
}

async fn set(client: &Client, number: u32, state: State) {
    let set = SetFlowRunState { id: id(number), state, force: true };
    client.call(set).await.expect("set");
}

fn numbers(runs: Vec<FlowRun>) -> Vec<String> {
    runs.into_iter().map(|run| run.name.trim_start_matches("run-").to_owned()).collect()
}

pub(super) async fn runs_are_found_by_what_they_are(client: &Client) {
    some_runs(client).await;
    let check = async |filter: FlowRunFilter, expected: &[&str]| {
        let told = format!("{filter:?}");
        let call = FilterFlowRuns { flow_runs: filter.clone(), ..FilterFlowRuns::default() };
        assert_eq!(numbers(client.call(call).await.expect("runs")), expected, "{told}");
        let counts = client
            .call(CountFlowRuns { flow_runs: filter, ..CountFlowRuns::default() })
            .await
            .expect("counts");
        assert_eq!(usize::try_from(counts.total()), Ok(expected.len()), "{told}");
    };
    let all = FlowRunFilter::default();
    check(all.clone(), &["3", "2", "1"]).await;
    check(FlowRunFilter { id: Some(vec![id(1), id(3)].into()), ..all.clone() }, &["3", "1"]).await;
    check(FlowRunFilter { id: Some(OneOf::from(Vec::new())), ..all.clone() }, &[]).await;
    let named = |any: Option<&str>, like: Option<&str>| any.map(Text::is).or(like.map(Text::holds));
    check(FlowRunFilter { name: named(Some("run-2"), None), ..all.clone() }, &["2"]).await;
    check(FlowRunFilter { name: named(None, Some("RUN")), ..all.clone() }, &["3", "2", "1"]).await;
    let report = named(Some("Report"), None);
    check(FlowRunFilter { flow_name: report, ..all.clone() }, &["2"]).await;
    let flow_name = named(None, Some("ET"));
    check(FlowRunFilter { flow_name, ..all.clone() }, &["3", "1"]).await;
    let flow_id = client.call(ReadFlowRun { id: id(2) }).await.expect("found").flow_id;
    check(FlowRunFilter { flow_id: Some(vec![flow_id].into()), ..all.clone() }, &["2"]).await;
    let state = Some(vec![StateType::Failed, StateType::Pending].into());
    check(FlowRunFilter { state, ..all.clone() }, &["3", "1"]).await;
    let state = Some(vec!["TimedOut".to_owned()].into());
    check(FlowRunFilter { state, ..all.clone() }, &["3"]).await;
    let all_of = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
    let tags = |tags: &[&str]| Some(all_of(tags).into());
    check(FlowRunFilter { tags: tags(&["c", "a\"b"]), ..all.clone() }, &["2"]).await;
    check(FlowRunFilter { tags: tags(&["c", "nightly"]), ..all.clone() }, &[]).await;
    check(FlowRunFilter { tags: tags(&["night"]), ..all.clone() }, &[]).await;
    let start_time = Some(TimeSpan::between(at(10), at(19)));
    check(FlowRunFilter { start_time, ..all.clone() }, &["2"]).await;
    check(FlowRunFilter { is_subflow: Some(true), ..all.clone() }, &["2"]).await;
    check(FlowRunFilter { is_subflow: Some(false), ..all.clone() }, &["3", "1"]).await;
    let parent_task_run_id = Some(vec![id(70), id(71)].into());
    check(FlowRunFilter { parent_task_run_id, ..all }, &["2"]).await;
}

pub(super) async fn runs_are_listed_in_order_and_in_parts(client: &Client) {
    some_runs(client).await;
    let check = async |sort, page, expected: &[&str]| {
        let call = FilterFlowRuns { sort, page, ..FilterFlowRuns::default() };
        assert_eq!(numbers(client.call(call).await.expect("runs")), expected);
    };
    check(FlowRunSort::StartTimeAsc, Page::first(9), &["2", "3", "1"]).await;
    check(FlowRunSort::StartTimeDesc, Page::first(9), &["3", "2", "1"]).await;
    check(FlowRunSort::IdDesc, Page::first(2), &["3", "2"]).await;
    check(FlowRunSort::IdDesc, Page { limit: 2, offset: 2 }, &["1"]).await;
}

pub(super) async fn deleted_run_takes_all_that_belongs_to_it(client: &Client) {
    flow_run(client, 1).await;
    let child = CreateFlowRun { parent_task_run_id: Some(id(10)), ..new_flow_run(client, 2).await };
    client.call(child).await.expect("made");
    for number in 10..15 {
        let task_run = shared(completed(Some(1), number));
        commit(client, &task_run, Durability::Process).await.expect("kept");
        record(client, Record::Log(line(number)));
    }
    let artifact = Artifact {
        id: id(30),
        created: at(0),
        updated: at(0),
        key: None,
        kind: ArtifactKind::Link,
        description: None,
        data: "x".into(),
        flow_run_id: Some(id(1)),
        task_run_id: None,
    };
    client.call(CreateArtifact { artifact }).await.expect("made");
    flush(client, Durability::Process).await.expect("kept");

    client.call(DeleteFlowRun { id: id(1) }).await.expect("deleted");

    let error = client.call(ReadFlowRun { id: id(1) }).await.expect_err("it is gone");
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(client.call(ReadFlowRunStates { id: id(1) }).await.is_err());
    assert!(client.call(FilterTaskRuns::default()).await.expect("task runs").is_empty());
    assert!(client.call(FilterLogs::default()).await.expect("lines").is_empty());
    assert!(client.call(FilterArtifacts::default()).await.expect("artifacts").is_empty());
    let counts = client.call(CountTaskRuns { flow_run_id: id(1) }).await.expect("counts");
    assert_eq!(counts.total(), 0);
    let child = client.call(ReadFlowRun { id: id(2) }).await.expect("it stays");
    assert_eq!(child.parent_task_run_id, None);
    let error = client.call(DeleteFlowRun { id: id(1) }).await.expect_err("it is gone");
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

fn line(number: u32) -> Log {
    Log {
        id: id(number),
        name: "etl".into(),
        level: Level::Info,
        message: "done".into(),
        timestamp: at(0),
        flow_run_id: Some(id(1)),
        task_run_id: Some(id(number)),
        fields: Default::default(),
    }
}

pub(super) async fn run_that_is_executed_is_not_deleted(client: &Client) {
    flow_run(client, 1).await;
    let holder = LeaseHolder { id: id(50), host: "here".into(), pid: 7, lock_file: None };
    let claim = ClaimFlowRun { id: id(1), holder, until: at(60) };
    client.call(claim).await.expect("claimed");
    let error = client.call(DeleteFlowRun { id: id(1) }).await.expect_err("process 7 lives");
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert_eq!(error.to_string(), "flow run 'run-1' is being executed by process 7");
    client.clock().advance(std::time::Duration::from_secs(61));
    client.call(DeleteFlowRun { id: id(1) }).await.expect("its lease is over");
}
