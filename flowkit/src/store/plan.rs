//! Holds every statement against its plan: none may go through a whole table that grows.

use super::sqlite::plan::{self, Step};
use super::tx::Tx;
use super::{
    api_key, artifact, block_document, block_schema, block_type, concurrency_limit, configuration,
    count, event, flow, flow_run, flow_run_input, flow_run_state, history, lease, log, log_search,
    report, retention, run_history, sample, saved_search, slot, subflow, task_run, task_run_key,
    timeline, variable,
};
use crate::Result;
use crate::Timestamp;
use crate::model::{
    ApiKey, Artifact, ArtifactKind, CrashPolicy, Flow, FlowRun, FlowRunId, Level, LimitScope,
    RetryPolicy, State, StateType,
};
use crate::wire::{
    ArtifactFilter, BlockDocumentSort, CountFlowRuns, Event, EventFilter, EventOrder,
    FilterApiKeys, FilterArtifacts, FilterBlockSchemas, FilterConcurrencyLimits, FilterFlowRuns,
    FilterFlows, FilterLogs, FilterTaskRuns, FilterVariables, FlowFilter, FlowRunFilter,
    FlowRunInput, FlowRunSort, History, LeaseHolder, LogFilter, LogOwner, Occurred, OneOf, Page,
    ReadFlowRunHistory, ReadFlowRunLateness, ReadRunHistory, ReadSubflows, ReadTaskRunHistory,
    ReadTimeline, Related, ResourceFilter, SearchLogs, Tags, TaskRunFilter, TaskRunRecord,
    TaskRunSort, Text, TimeSpan, UpdateArtifact, VariableFilter, WhichBlockDocuments,
};

fn id<Id: From<uuid::Uuid>>() -> Id {
    uuid::Uuid::from_u128(7).into()
}

const NOW: Timestamp = Timestamp::from_micros(0);

fn one<T>(value: T) -> Option<OneOf<T>> {
    Some(vec![value].into())
}

/// Tables that grow with what is run; going through one of them takes ever longer.
const GROWING: &[&str] = &[
    "artifact",
    "event",
    "flow_run",
    "flow_run_state",
    "flow_run_tag",
    "log",
    "report",
    "slot",
    "task_run",
    "task_run_count",
];

fn plans() -> Vec<Step> {
    plan::of(async |tx| {
        of_flows(tx).await?;
        of_flow_runs(tx).await?;
        of_flow_run_filters(tx).await?;
        of_task_runs(tx).await?;
        of_task_run_filters(tx).await?;
        of_logs(tx).await?;
        of_events(tx).await?;
        of_artifacts(tx).await?;
        of_api_keys(tx).await?;
        of_blocks(tx).await?;
        of_small_things(tx).await?;
        of_the_rest(tx).await?;
        of_overviews(tx).await?;
        of_retention(tx).await
    })
}

#[test]
fn no_statement_goes_through_a_table_that_grows() {
    let is_full_scan =
        |step: &Step| GROWING.iter().any(|table| step.does == format!("SCAN {table}"));
    let scans: Vec<_> = plans().into_iter().filter(is_full_scan).map(|step| step.sql).collect();
    assert_eq!(scans, Vec::<String>::new());
}

#[test]
fn slowest_task_runs_are_found_in_order() {
    let is_sorted = |step: &Step| {
        step.sql.contains("ORDER BY run_time DESC") && step.does.contains("TEMP B-TREE")
    };
    let sorted: Vec<_> = plans().into_iter().filter(is_sorted).map(|step| step.sql).collect();
    assert_eq!(sorted, Vec::<String>::new());
}

#[test]
fn every_index_is_used() {
    let plans = plans();
    let migration = include_str!("migrations/sqlite/0001_first.sql");
    let indices = migration.lines().filter_map(|line| {
        line.split_once(" INDEX ").filter(|(create, _)| create.starts_with("CREATE"))
    });
    for (_, index) in indices {
        let index = index.split(' ').next().unwrap_or_default();
        let is_used = plans.iter().any(|step| step.does.contains(&format!("INDEX {index}")));
        assert!(is_used, "no statement uses {index}");
    }
}

async fn of_flows(tx: &mut Tx<'_>) -> Result<()> {
    let made = Flow { id: id(), created: NOW, updated: NOW, name: "etl".into(), tags: Vec::new() };
    flow::create(tx, &made).await?;
    flow::read(tx, id()).await?;
    flow::read_by_name(tx, "etl").await?;
    flow::filter(tx, FilterFlows::default()).await.map(drop)
}

async fn of_flow_runs(tx: &mut Tx<'_>) -> Result<()> {
    let run = FlowRun {
        id: id(),
        created: NOW,
        updated: NOW,
        name: "run".into(),
        flow_id: id(),
        flow_version: None,
        parameters: Default::default(),
        tags: Vec::new(),
        parent_task_run_id: None,
        empirical_policy: RetryPolicy::default(),
        idempotency_key: None,
        state: Some(State::pending(NOW)),
        run_count: 0,
        expected_start_time: None,
        next_scheduled_start_time: None,
        start_time: None,
        end_time: None,
        total_run_time: 0.0,
        program: None,
        on_crash: CrashPolicy::Fail,
        notes: Default::default(),
    };
    flow_run::create(tx, &run).await?;
    flow_run::read(tx, id()).await?;
    flow_run::find_by_key(tx, id(), "key").await?;
    flow_run::set_state(tx, &run).await?;
    flow_run::update(tx, &run).await?;
    flow_run_state::add(tx, id(), &State::pending(NOW)).await?;
    flow_run_state::read(tx, id()).await?;
    flow_run_state::delete(tx, id()).await?;
    flow_run::orphan_children(tx, id(), 9).await?;
    flow_run::delete(tx, id()).await.map(drop)
}

async fn of_flow_run_filters(tx: &mut Tx<'_>) -> Result<()> {
    let all = FlowRunFilter::default;
    let filters = [
        all(),
        FlowRunFilter { id: one(id()), ..all() },
        FlowRunFilter { name: Some(Text::is("run")), ..all() },
        FlowRunFilter { flow_id: one(id()), ..all() },
        FlowRunFilter { flow_name: Some(Text::is("etl")), ..all() },
        FlowRunFilter {
            state: Some(vec![StateType::Crashed].into()),
            is_subflow: Some(false),
            ..all()
        },
        FlowRunFilter { created: Some(TimeSpan::between(NOW, NOW)), ..all() },
        FlowRunFilter { made_before: Some(id()), ..all() },
        FlowRunFilter { tags: Some(Tags::from(vec!["tag".to_owned()])), ..all() },
        FlowRunFilter { name: Some(Text::holds("run")), ..all() },
        FlowRunFilter { start_time: Some(TimeSpan::since(NOW)), ..all() },
        FlowRunFilter { end_time: Some(TimeSpan::since(NOW)), ..all() },
        FlowRunFilter { expected_start_time: Some(TimeSpan::since(NOW)), ..all() },
        FlowRunFilter { next_scheduled_start_time: Some(TimeSpan::since(NOW)), ..all() },
        FlowRunFilter { parent_task_run_id: one(id()), ..all() },
        FlowRunFilter { parent_flow_run_id: one(id()), ..all() },
    ];
    let related = Related::default;
    for flow_runs in filters {
        let wanted = CountFlowRuns { flow_runs: flow_runs.clone(), ..CountFlowRuns::default() };
        flow_run::count(tx, wanted).await?;
        flow_run::total(tx, flow_runs.clone(), related()).await?;
        let wanted = FilterFlowRuns { flow_runs, ..FilterFlowRuns::default() };
        flow_run::filter(tx, wanted).await?;
    }
    let named = FlowFilter { name: Some(Text::is("etl")), ..FlowFilter::default() };
    let failed =
        TaskRunFilter { state: Some(vec![StateType::Failed].into()), ..TaskRunFilter::default() };
    let of = [
        Related { flows: Some(named), ..related() },
        Related { task_runs: Some(failed), ..related() },
    ];
    for related in of {
        let wanted = FilterFlowRuns { related: related.clone(), ..FilterFlowRuns::default() };
        flow_run::filter(tx, wanted).await?;
        flow_run::total(tx, all(), related).await?;
    }
    let sorts = [
        FlowRunSort::IdDesc,
        FlowRunSort::StartTimeDesc,
        FlowRunSort::ExpectedStartTimeAsc,
        FlowRunSort::ExpectedStartTimeDesc,
        FlowRunSort::EndTimeDesc,
        FlowRunSort::NameAsc,
    ];
    for sort in sorts {
        flow_run::filter(tx, FilterFlowRuns { sort, ..FilterFlowRuns::default() }).await?;
    }
    of_histories(tx).await
}

async fn of_histories(tx: &mut Tx<'_>) -> Result<()> {
    let history = History { history_start: NOW, history_end: NOW, interval_seconds: 60.0 };
    let parts = run_history::Parts { start: NOW, width: 60_000_000, count: 9 };
    let (flow_runs, related) = (FlowRunFilter::default(), Related::default());
    let wanted = ReadFlowRunHistory { history, flow_runs, related };
    run_history::of_flow_runs(tx, wanted, parts, NOW).await?;
    let (task_runs, related) = (TaskRunFilter::default(), Related::default());
    let wanted = ReadTaskRunHistory { history, task_runs, related };
    run_history::of_task_runs(tx, wanted, parts, NOW).await?;
    let lately = FlowRunFilter {
        expected_start_time: Some(TimeSpan::since(NOW)),
        ..FlowRunFilter::default()
    };
    let wanted = ReadFlowRunLateness { flow_runs: lately, related: Related::default() };
    run_history::lateness(tx, wanted, NOW).await.map(drop)
}

async fn of_task_runs(tx: &mut Tx<'_>) -> Result<()> {
    let record = sample::record(7);
    task_run::put(tx, &record).await?;
    task_run::read(tx, id()).await?;
    task_run::states(tx, id()).await?;
    task_run::recorded(tx, id()).await?;
    task_run::unfinished(tx, id()).await?;
    task_run::records_after(tx, id(), id(), 9).await?;
    task_run::put_told(tx, &[record]).await?;
    task_run::cached(tx, "key", NOW).await?;
    task_run::record(tx, id()).await?;
    task_run_key::find(tx, id(), "task", "0").await?;
    task_run_key::put(tx, id(), "task", "0", id()).await?;
    task_run_key::is_known(tx, id()).await?;
    task_run_key::delete(tx, id()).await?;
    task_run::delete_first(tx, id(), 9).await?;
    count::read(tx, id()).await?;
    count::are_stale(tx, id()).await?;
    count::set_stale(tx, id()).await?;
    count::recount(tx, id()).await
}

async fn of_task_run_filters(tx: &mut Tx<'_>) -> Result<()> {
    let all = TaskRunFilter::default;
    let of_run = || TaskRunFilter { flow_run_id: one(id()), ..all() };
    let failed = Some(vec![StateType::Failed].into());
    let lately = Some(TimeSpan::since(NOW));
    let wanted = [
        (all(), TaskRunSort::IdAsc),
        (all(), TaskRunSort::IdDesc),
        (TaskRunFilter { id: one(id()), ..all() }, TaskRunSort::IdAsc),
        (of_run(), TaskRunSort::IdAsc),
        (of_run(), TaskRunSort::IdDesc),
        (of_run(), TaskRunSort::RunTimeDesc),
        (of_run(), TaskRunSort::ExpectedStartTimeDesc),
        (TaskRunFilter { state: failed, ..of_run() }, TaskRunSort::IdAsc),
        (TaskRunFilter { expected_start_time: lately, ..all() }, TaskRunSort::IdDesc),
        (all(), TaskRunSort::ExpectedStartTimeDesc),
    ];
    for (task_runs, sort) in wanted {
        task_run::total(tx, task_runs.clone(), Related::default()).await?;
        let wanted = FilterTaskRuns { task_runs, sort, ..FilterTaskRuns::default() };
        task_run::filter(tx, wanted).await?;
    }
    Ok(())
}

async fn of_logs(tx: &mut Tx<'_>) -> Result<()> {
    let line = sample::line(7);
    log::put(tx, &line).await?;
    let of_run = LogFilter { flow_run_id: one(id()), ..LogFilter::default() };
    let of_task_run = LogFilter { task_run_id: one(id()), ..LogFilter::default() };
    for logs in [of_run, of_task_run] {
        log::filter(tx, FilterLogs { logs: logs.clone(), ..FilterLogs::default() }).await?;
        let after = Some(id());
        log::filter(tx, FilterLogs { logs, after, ..FilterLogs::default() }).await?;
    }
    log::delete_some(tx, id(), 9).await.map(drop)
}

async fn of_events(tx: &mut Tx<'_>) -> Result<()> {
    let told = Event {
        id: id(),
        occurred: NOW,
        event: "order.paid".into(),
        resource: Default::default(),
        related: Vec::new(),
        payload: serde_json::value::RawValue::NULL.to_owned(),
        follows: None,
    };
    event::put(tx, &told, NOW).await?;
    let all = EventFilter::default;
    let resource =
        Some(ResourceFilter { id: Some(vec!["order.7".into()]), ..ResourceFilter::default() });
    let occurred = Occurred { since: Some(NOW), until: Some(NOW) };
    let filters = [
        all(),
        EventFilter { order: EventOrder::Asc, ..all() },
        EventFilter { occurred, ..all() },
        EventFilter { resource, ..all() },
    ];
    for wanted in filters {
        event::candidates(tx, &wanted, None, 9).await?;
        event::candidates(tx, &wanted, Some((NOW, id())), 9).await?;
    }
    event::delete_old(tx, NOW, 9).await.map(drop)
}

async fn of_artifacts(tx: &mut Tx<'_>) -> Result<()> {
    let made = Artifact {
        id: id(),
        created: NOW,
        updated: NOW,
        key: None,
        kind: ArtifactKind::Link,
        description: None,
        data: "x".into(),
        metadata: None,
        flow_run_id: None,
        task_run_id: None,
    };
    artifact::put(tx, &made).await?;
    artifact::read(tx, id()).await?;
    artifact::read_latest(tx, "key").await?;
    let change = UpdateArtifact { id: id(), ..UpdateArtifact::default() };
    artifact::update(tx, &change, NOW).await?;
    let all = ArtifactFilter::default;
    let filters = [
        all(),
        ArtifactFilter { key: Some("key".to_owned().into()), ..all() },
        ArtifactFilter { flow_run_id: one(id()), ..all() },
        ArtifactFilter { task_run_id: one(id()), ..all() },
    ];
    for artifacts in filters {
        for latest in [false, true] {
            let artifacts = artifacts.clone();
            let wanted = FilterArtifacts { artifacts, latest, ..FilterArtifacts::default() };
            artifact::filter(tx, wanted).await?;
        }
    }
    artifact::count(tx, ArtifactFilter { flow_run_id: one(id()), ..all() }, false).await?;
    artifact::changed_since(tx, id(), NOW).await?;
    artifact::delete(tx, id()).await?;
    artifact::delete_of_flow_run(tx, id()).await
}

async fn of_api_keys(tx: &mut Tx<'_>) -> Result<()> {
    let key = ApiKey { id: id(), created: NOW, name: "key".into(), expires: None };
    api_key::add(tx, &key, "hash").await?;
    api_key::read_by_hash(tx, "hash").await?;
    api_key::any(tx).await?;
    api_key::filter(tx, FilterApiKeys::default()).await?;
    api_key::delete(tx, "key").await.map(drop)
}

async fn of_blocks(tx: &mut Tx<'_>) -> Result<()> {
    block_type::read(tx, id()).await?;
    block_type::read_by_slug(tx, "secret").await?;
    block_type::filter(tx, None).await?;
    block_type::delete(tx, id()).await?;
    block_schema::read(tx, id()).await?;
    block_schema::read_by_checksum(tx, "sha256:7", None).await?;
    block_schema::read_by_checksum(tx, "sha256:7", Some("1")).await?;
    block_schema::filter(tx, FilterBlockSchemas::default()).await?;
    block_schema::capabilities(tx).await?;
    block_schema::delete(tx, id()).await?;
    block_schema::delete_of_type(tx, id()).await?;
    block_document::read(tx, id()).await?;
    block_document::read_by_name(tx, id(), "name").await?;
    block_document::read_same(tx, id(), 7).await?;
    block_document::count(tx, WhichBlockDocuments::default()).await?;
    let (which, sort) = (WhichBlockDocuments::default(), BlockDocumentSort::default());
    block_document::filter(tx, which, sort, Page::default()).await?;
    block_document::delete(tx, id()).await?;
    block_document::delete_of_type(tx, id()).await?;
    block_document::delete_of_schema(tx, id()).await
}

async fn of_small_things(tx: &mut Tx<'_>) -> Result<()> {
    let input = FlowRunInput {
        id: id(),
        created: NOW,
        flow_run_id: id(),
        key: "key".into(),
        value: "1".into(),
        sender: None,
    };
    flow_run_input::add(tx, &input).await?;
    flow_run_input::read(tx, id(), "key").await?;
    flow_run_input::with_prefix(tx, id(), "key").await?;
    flow_run_input::delete(tx, id(), "key").await?;
    flow_run_input::delete_of_flow_run(tx, id()).await?;
    saved_search::read(tx, id()).await?;
    saved_search::filter(tx, Page::default()).await?;
    saved_search::delete(tx, id()).await?;
    configuration::read(tx, "key").await?;
    configuration::put(tx, "key", "1").await?;
    configuration::delete(tx, "key").await
}

async fn of_the_rest(tx: &mut Tx<'_>) -> Result<()> {
    variable::read(tx, "name").await?;
    variable::filter(tx, FilterVariables::default()).await?;
    variable::read_by_id(tx, id()).await?;
    variable::count(tx, VariableFilter::default()).await?;
    variable::rename(tx, id(), "name").await?;
    variable::delete(tx, "name").await?;
    concurrency_limit::read(tx, LimitScope::Tag, "name", NOW).await?;
    concurrency_limit::filter(tx, FilterConcurrencyLimits::default(), NOW).await?;
    concurrency_limit::read_by_id(tx, id(), NOW).await?;
    concurrency_limit::delete(tx, LimitScope::Tag, "name").await?;
    slot::take(tx, id(), id(), 1, NOW).await?;
    slot::taken_by_others(tx, id(), id(), NOW).await?;
    slot::renew(tx, id(), NOW).await?;
    slot::renew_held(tx, id(), NOW, NOW).await?;
    slot::held(tx, id(), id()).await?;
    slot::holders(tx, id(), NOW).await?;
    slot::release_one(tx, id(), id()).await?;
    slot::release(tx, id()).await?;
    slot::forget_expired(tx, id(), NOW).await?;
    slot::clear(tx, id()).await?;
    let holder = LeaseHolder { id: id(), host: "here".into(), pid: 1, lock_file: None };
    let held = lease::Lease { flow_run_id: id(), holder, held_until: NOW };
    lease::put(tx, &held).await?;
    lease::read(tx, id()).await?;
    lease::renew(tx, id(), NOW).await?;
    lease::wanted(tx, id()).await?;
    lease::release(tx, id(), id()).await?;
    lease::delete(tx, id::<FlowRunId>()).await?;
    of_reports(tx, &held.holder).await
}

async fn of_reports(tx: &mut Tx<'_>, holder: &LeaseHolder) -> Result<()> {
    report::begin(tx, id(), "there", holder, NOW).await?;
    report::due(tx, "there", id(), 9).await?;
    report::claim(tx, id(), holder, NOW).await?;
    if let Some(standing) = report::read(tx, id()).await? {
        report::save(tx, &standing.report, id(), NOW).await?;
    }
    report::count_logs(tx, id()).await?;
    report::finish(tx, id(), id()).await?;
    report::reopen(tx, id()).await?;
    report::release(tx, id(), id()).await?;
    report::delete(tx, id()).await
}

async fn of_overviews(tx: &mut Tx<'_>) -> Result<()> {
    let all = FlowRunFilter::default;
    let tags = Some(Tags::from(vec!["tag".to_owned()]));
    let filters = [
        all(),
        FlowRunFilter { is_subflow: Some(false), ..all() },
        FlowRunFilter { flow_id: one(id()), is_subflow: Some(false), ..all() },
        FlowRunFilter { tags, ..all() },
    ];
    let (from, until) = (NOW, Timestamp::from_micros(1_000_000));
    for flow_runs in filters {
        history::read(tx, ReadRunHistory { flow_runs, from, until, spans: 2 }).await?;
    }
    task_run::put(tx, &TaskRunRecord { flow_run_id: Some(id()), ..sample::record(8) }).await?;
    timeline::read(tx, &ReadTimeline { flow_run_id: id(), spans: 2 }).await?;
    subflow::read(tx, &ReadSubflows { flow_run_id: id(), page: Page::first(9) }).await?;
    count::read_of(tx, vec![id()]).await?;
    task_run::result(tx, id()).await?;
    slot::holders(tx, id(), NOW).await?;
    for owner in [LogOwner::FlowRun(id()), LogOwner::TaskRun(id())] {
        let (level, text) = (Some(Level::Warn), Some("disk".to_owned()));
        let last = SearchLogs { owner, level, text, after: None, before: Some(id()), limit: 9 };
        log_search::read(tx, last.clone()).await?;
        log_search::read(tx, SearchLogs { after: Some(id()), before: None, ..last }).await?;
    }
    Ok(())
}

async fn of_retention(tx: &mut Tx<'_>) -> Result<()> {
    retention::ended_flow_runs(tx, NOW, 9).await?;
    retention::delete_logs(tx, NOW, 9).await?;
    retention::delete_task_runs(tx, NOW, 9).await.map(drop)
}
