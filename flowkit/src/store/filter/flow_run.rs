//! Which flow runs are meant.

use std::time::Duration;

use super::super::query::Query;
use super::{absent, absent_related, asking, flow, one_of, state, task_run, text, time};
use crate::model::FlowRunId;
use crate::wire::{FlowRunFilter, Related, Tags, TaskRunFilter, TimeSpan};

/// Adds conditions for rows of `flow_run`.
pub(in crate::store) fn flow_runs(query: &mut Query, wanted: FlowRunFilter, related: Related) {
    own(query, wanted);
    let Related { flows, task_runs, deployments, work_pools, work_pool_queues, .. } = related;
    if let Some(wanted) = asking(flows) {
        query.when_found("flow_run.flow_id IN (SELECT flow.id FROM flow", |query| {
            flow::own(query, wanted);
        });
    }
    with_task_runs(query, asking(task_runs));
    let absent = Related { deployments, work_pools, work_pool_queues, ..Related::default() };
    absent_related(query, absent);
}

/// What a flow run is itself.
pub(super) fn own(query: &mut Query, wanted: FlowRunFilter) {
    query.when_joined(wanted.operator, |query| parts(query, wanted));
}

fn parts(query: &mut Query, wanted: FlowRunFilter) {
    if let Some(ids) = wanted.id {
        one_of(query, "flow_run.id", ids);
    }
    if let Some(name) = wanted.name {
        text(query, "flow_run.name", name);
    }
    if let Some(flows) = wanted.flow_id {
        one_of(query, "flow_run.flow_id", flows);
    }
    if let Some(name) = wanted.flow_name {
        query.when_found("flow_run.flow_id IN (SELECT flow.id FROM flow", |query| {
            text(query, "flow.name", name);
        });
    }
    if let Some(wanted) = wanted.state {
        state(query, "flow_run", wanted);
    }
    if let Some(wanted) = wanted.tags {
        tagged(query, wanted);
    }
    if let Some(span) = wanted.created {
        created(query, &span);
    }
    if let Some(next) = wanted.made_before {
        query.when_value("flow_run.id < ?", next);
    }
    if let Some(versions) = wanted.flow_version {
        one_of(query, "flow_run.flow_version", versions);
    }
    if let Some(keys) = wanted.idempotency_key {
        one_of(query, "flow_run.idempotency_key", keys);
    }
    let spans = [
        ("flow_run.start_time", &wanted.start_time),
        ("flow_run.end_time", &wanted.end_time),
        ("flow_run.expected_start_time", &wanted.expected_start_time),
        ("flow_run.next_scheduled_start_time", &wanted.next_scheduled_start_time),
    ];
    for (column, span) in spans {
        if let Some(span) = span {
            time(query, column, span);
        }
    }
    if let Some(parents) = wanted.parent_flow_run_id {
        let callers = "flow_run.parent_task_run_id IN (SELECT task_run.id FROM task_run";
        query.when_found(callers, |query| one_of(query, "task_run.flow_run_id", parents));
    }
    if let Some(parents) = wanted.parent_task_run_id {
        one_of(query, "flow_run.parent_task_run_id", parents);
    }
    if let Some(deployments) = wanted.deployment_id {
        absent(query, &deployments);
    }
    if let Some(queues) = wanted.work_queue_name {
        absent(query, &queues);
    }
    match wanted.is_subflow {
        Some(true) => query.when("flow_run.parent_task_run_id IS NOT NULL"),
        Some(false) => query.when("flow_run.parent_task_run_id IS NULL"),
        None => {}
    }
}

/// Tags, by the table of those that flow runs have.
fn tagged(query: &mut Query, wanted: Tags) {
    let of_run = "SELECT 1 FROM flow_run_tag WHERE flow_run_tag.flow_run_id = flow_run.id";
    query.when_joined(wanted.operator, |query| {
        for tag in wanted.all_.unwrap_or_default() {
            let has_it = "EXISTS (SELECT 1 FROM flow_run_tag WHERE flow_run_tag.tag = ? \
                          AND flow_run_tag.flow_run_id = flow_run.id)";
            query.when_value(has_it, tag);
        }
        if let Some(tags) = wanted.any_ {
            query.when_one_of(&format!("EXISTS ({of_run} AND flow_run_tag.tag IN ?)"), tags);
        }
        match wanted.is_null_ {
            Some(true) => query.when(&format!("NOT EXISTS ({of_run})")),
            Some(false) => query.when(&format!("EXISTS ({of_run})")),
            None => {}
        }
    });
}

/// Ids say when they were made, to the millisecond, and every list has an index on them.
fn created(query: &mut Query, span: &TimeSpan) {
    query.when_joined(span.operator, |query| {
        if let Some(after) = span.after_ {
            query.when_value("flow_run.id >= ?", FlowRunId::first_of(after));
        }
        if let Some(before) = span.before_ {
            let behind = before + Duration::from_millis(1);
            query.when_value("flow_run.id < ?", FlowRunId::first_of(behind));
        }
    });
}

/// Only flow runs that have such task runs.
pub(super) fn with_task_runs(query: &mut Query, wanted: Option<TaskRunFilter>) {
    let Some(wanted) = wanted else { return };
    let select = "EXISTS (SELECT 1 FROM task_run JOIN task ON task.id = task_run.task_id";
    query.when_found(select, |query| {
        query.when("task_run.flow_run_id = flow_run.id");
        task_run::own(query, wanted);
    });
}
