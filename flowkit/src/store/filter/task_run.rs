//! Which task runs are meant.

use super::super::query::Query;
use super::{absent_related, asking, flow, flow_run, one_of, state, tagged, text, time};
use crate::Timestamp;
use crate::model::{FlowRunId, StateType};
use crate::wire::{OneOf, Operator, Related, StateFilter, TaskRunFilter, TimeSpan};

/// The tags that a task run has: those of its task, and its own.
const TAGS: &str = "SELECT json_each.value FROM json_each(task.tags) \
    UNION ALL SELECT json_each.value FROM json_each(COALESCE(task_run.extra_tags, '[]'))";

/// Adds conditions for rows of `task_run`, joined with `task`.
pub(in crate::store) fn task_runs(query: &mut Query, wanted: TaskRunFilter, related: Related) {
    if let Some(then) = earliest(&wanted) {
        alive_since(query, then);
    }
    own(query, wanted);
    let Related { flows, mut flow_runs, deployments, work_pools, work_pool_queues, .. } = related;
    if let Some(runs) = flow_runs.as_mut().filter(|runs| runs.operator == Operator::And)
        && let Some(ids) = runs.id.take_if(|ids| is_plain_list(ids))
    {
        // Task runs lie by flow run, so that they are found at once by its id.
        one_of(query, "task_run.flow_run_id", ids);
    }
    let (flows, flow_runs) = (asking(flows), asking(flow_runs));
    if flows.is_some() || flow_runs.is_some() {
        query.when_found("EXISTS (SELECT 1 FROM flow_run", |query| {
            query.when("flow_run.id = task_run.flow_run_id");
            flow_run::own(query, flow_runs.unwrap_or_default());
            if let Some(wanted) = flows {
                query.when_found("flow_run.flow_id IN (SELECT flow.id FROM flow", |query| {
                    flow::own(query, wanted);
                });
            }
        });
    }
    let absent = Related { deployments, work_pools, work_pool_queues, ..Related::default() };
    absent_related(query, absent);
}

fn is_plain_list(ids: &OneOf<FlowRunId>) -> bool {
    ids.any_.is_some() && ids.not_any_.is_none() && ids.is_null_.is_none()
}

/// Only task runs of flow runs that went on then or later, without looking at all others.
pub(in crate::store) fn alive_since(query: &mut Query, then: Timestamp) {
    query.when("task_run.flow_run_id IN (SELECT id FROM flow_run WHERE end_time >= ");
    query.push(then);
    // Those that have not ended, and task runs of their own.
    query.then(
        "UNION ALL SELECT id FROM flow_run WHERE state_type IN (0, 1, 2, 7, 8) \
        UNION ALL SELECT flow_run_id FROM task_run WHERE state_type NOT BETWEEN 3 AND 6 \
        UNION ALL SELECT flow_run_id FROM task_run WHERE flow_run_id = id AND end_time >= ",
    );
    query.push(then);
    query.then(")");
}

/// What a task run is itself.
pub(super) fn own(query: &mut Query, wanted: TaskRunFilter) {
    query.when_joined(wanted.operator, |query| parts(query, wanted));
}

fn parts(query: &mut Query, wanted: TaskRunFilter) {
    if let Some(ids) = wanted.id {
        one_of(query, "task_run.id", ids);
    }
    if let Some(name) = wanted.name {
        text(query, "task_run.name", name);
    }
    if let Some(flow_runs) = wanted.flow_run_id {
        let ids = flow_runs.any_.as_ref().filter(|_| is_plain_list(&flow_runs));
        if let Some(ids) = ids.filter(|_| wanted.state.as_ref().is_some_and(has_ended_badly)) {
            // Finds the few among a hundred thousand of one run.
            let few = "task_run.id IN (SELECT id FROM task_run \
                       WHERE state_type BETWEEN 4 AND 6 AND flow_run_id IN ?)";
            query.when_one_of(few, ids.clone());
        }
        of_flow_runs(query, flow_runs);
    }
    if let Some(wanted) = wanted.state {
        if has_not_ended(&wanted) {
            // Finds the few that go on among millions; asked for at once, SQLite would go through all.
            query.when(
                "task_run.id IN (SELECT id FROM task_run WHERE state_type NOT BETWEEN 3 AND 6)",
            );
        }
        state(query, "task_run", wanted);
    }
    if let Some(tags) = wanted.tags {
        tagged(query, TAGS, tags);
    }
    let spans = [
        ("task_run.start_time", &wanted.start_time),
        ("task_run.end_time", &wanted.end_time),
        ("task_run.expected_start_time", &wanted.expected_start_time),
    ];
    for (column, span) in spans {
        if let Some(span) = span {
            time(query, column, span);
        }
    }
    let child = "(SELECT 1 FROM flow_run AS child WHERE child.parent_task_run_id = task_run.id)";
    match wanted.subflow_runs.and_then(|truth| truth.exists_) {
        Some(true) => query.when(&format!("EXISTS {child}")),
        Some(false) => query.when(&format!("NOT EXISTS {child}")),
        None => {}
    }
}

/// A run of its own has its own id as its flow run's, which no flow run has but anybody may ask for.
fn of_flow_runs(query: &mut Query, wanted: OneOf<FlowRunId>) {
    let is_null = wanted.is_null_;
    query.when_joined(wanted.operator, |query| {
        if wanted.any_.is_some() || wanted.not_any_.is_some() {
            query.when_joined(Operator::And, |query| {
                query.when("task_run.flow_run_id <> task_run.id");
                one_of(query, "task_run.flow_run_id", OneOf { is_null_: None, ..wanted });
            });
        }
        match is_null {
            Some(true) => query.when("task_run.flow_run_id = task_run.id"),
            Some(false) => query.when("task_run.flow_run_id <> task_run.id"),
            None => {}
        }
    });
}

/// The time before which nothing of what is wanted went on, where only that restricts it.
fn earliest(wanted: &TaskRunFilter) -> Option<Timestamp> {
    let is_found_otherwise = wanted.id.is_some() || wanted.flow_run_id.is_some();
    if is_found_otherwise || wanted.operator == Operator::Or {
        return None;
    }
    let spans = [&wanted.start_time, &wanted.end_time, &wanted.expected_start_time];
    let after = |span: &&Option<TimeSpan>| {
        span.as_ref().filter(|span| span.operator == Operator::And).and_then(|span| span.after_)
    };
    spans.iter().filter_map(after).max()
}

/// Says whether only runs are wanted that have ended, and not well; an index holds just these.
fn has_ended_badly(wanted: &StateFilter) -> bool {
    let is_bad = |kind: &StateType| kind.is_terminal() && *kind != StateType::Completed;
    let kinds = wanted.kind.as_ref().and_then(|kinds| kinds.any_.as_ref());
    wanted.operator == Operator::And && kinds.is_some_and(|kinds| kinds.iter().all(is_bad))
}

/// Says whether only runs are wanted that go on.
fn has_not_ended(wanted: &StateFilter) -> bool {
    let kinds = wanted.kind.as_ref().and_then(|kinds| kinds.any_.as_ref());
    wanted.operator == Operator::And
        && kinds.is_some_and(|kinds| !kinds.iter().any(|kind| kind.is_terminal()))
}
