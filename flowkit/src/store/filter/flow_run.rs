//! Which flow runs are meant.

use super::super::query::Query;
use super::{absent, absent_related, asking, flow, one_of, state, tags, task_run, text, time};
use crate::wire::{FlowRunFilter, Related, TaskRunFilter};

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
        tags(query, "flow_run.tags", wanted);
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

/// Only flow runs that have such task runs.
pub(super) fn with_task_runs(query: &mut Query, wanted: Option<TaskRunFilter>) {
    let Some(wanted) = wanted else { return };
    let select = "EXISTS (SELECT 1 FROM task_run JOIN task ON task.id = task_run.task_id";
    query.when_found(select, |query| {
        query.when("task_run.flow_run_id = flow_run.id");
        task_run::own(query, wanted);
    });
}
